import { cpSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { shoot } from './card.ts';
import { checkDrives } from './drive-check.ts';

let root = '';
let card = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'imagetank-bench-check-'));
  card = join(root, 'card');
  shoot(card, { from: 0, files: 3, fileBytes: 3000 });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** As a backup leaves it: other folders, other names, manifests beside. */
function backedUp(name: string): string {
  const photos = join(root, name, 'Photos', '2026', '2026-01-01');
  cpSync(join(card, 'DCIM', '100CANON'), photos, { recursive: true });
  mkdirSync(join(root, name, 'Photos', 'ascmhl'));
  writeFileSync(join(root, name, 'Photos', 'ascmhl', '0001.mhl'), '<hashlist/>');
  return join(root, name);
}
const photo = (drive: string) => join(drive, 'Photos', '2026', '2026-01-01', 'IMG_00001.JPG');

describe('a drive', () => {
  test('that holds all contents of the card passes, wherever they lie', () => {
    expect(() => checkDrives(card, [backedUp('one'), backedUp('two')])).not.toThrow();
  });

  test('that lacks a file does not pass', () => {
    const drive = backedUp('one');
    rmSync(photo(drive));
    expect(() => checkDrives(card, [drive])).toThrow(/does not hold what the card holds: 2 of 3/);
  });

  test('on which a file was altered does not pass', () => {
    const drive = backedUp('one');
    truncateSync(photo(drive), 2999);
    expect(() => checkDrives(card, [drive])).toThrow(/does not hold/);
  });

  test('that holds a file twice does not pass', () => {
    const drive = backedUp('one');
    cpSync(photo(drive), join(drive, 'Photos', 'IMG_00001_2.JPG'));
    expect(() => checkDrives(card, [drive])).toThrow(/4 of 3/);
  });

  test('does not pass because another one does', () => {
    const good = backedUp('one');
    const bad = backedUp('two');
    rmSync(photo(bad));
    expect(() => checkDrives(card, [good, bad])).toThrow(/two does not hold/);
  });
});
