import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ext4Files, ext4State } from './images/contents.ts';
import { makeDisk } from './images/disk.ts';
import { photos, sha256 } from './images/photos.ts';
import { random } from './random.ts';

const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
const hasTools = ['mke2fs', 'debugfs', 'dumpe2fs', 'setpriv'].every(
  (tool) => spawnSync('which', [tool], { env: { PATH } }).status === 0,
);
if (!hasTools) console.log('skipped: what lies on an ext4 image needs e2fsprogs');

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lab-contents-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe.skipIf(!hasTools)('an ext4 image that no machine has', () => {
  it('tells its files and their hashes, and that it was let go of', async () => {
    const image = join(dir, 'disk.img');
    const files = photos(2, 5_000, { folder: 'Photos/2026' });
    await makeDisk(image, { fileSystem: 'ext4', label: 'X', sizeMb: 16, files });
    expect([...(await ext4Files(image))].sort()).toEqual(
      Object.entries(files).map(([path, content]) => [path, sha256(content)]),
    );
    expect(await ext4State(image)).toBe('clean');
  });

  it('tells that a journal has to be replayed', async () => {
    const image = join(dir, 'disk.img');
    await makeDisk(image, { fileSystem: 'ext4', label: 'X', sizeMb: 16 });
    const feature = ['-w', '-R', 'feature needs_recovery', `${image}?offset=${1 << 20}`];
    spawnSync('debugfs', feature, { env: { PATH } });
    expect(await ext4State(image)).toBe('needs recovery');
  });
});

describe.skipIf(!hasTools)('an ext4 image that was pulled', () => {
  it('is read as its journal says, and stays as it was', async () => {
    const image = join(dir, 'disk.img');
    const files = photos(1, 3_000, { folder: 'Photos' });
    await makeDisk(image, { fileSystem: 'ext4', label: 'X', sizeMb: 16, files });
    const at = `${image}?offset=${1 << 20}`;
    const debugfs = (...commands: string[]) =>
      spawnSync('debugfs', ['-w', '-f', '-', at], { env: { PATH }, input: `${commands.join('\n')}\n` });
    const { stdout } = debugfs('bmap /Photos 0');
    const block = Number(/(\d+)\s*$/.exec(stdout.toString())?.[1]);
    // The folder's only block, emptied in the journal alone: what is in it is gone once that is replayed.
    const empty = join(dir, 'block');
    const size = Number(
      /Block size: +(\d+)/.exec(spawnSync('dumpe2fs', ['-h', at], { env: { PATH } }).stdout.toString())?.[1],
    );
    const content = Buffer.alloc(size);
    writeFileSync(empty, content);
    debugfs('journal_open', `journal_write -b ${block} ${empty}`, 'journal_close');
    const before = sha256(readFileSync(image));
    expect([...(await ext4Files(image))]).toEqual([]);
    expect(sha256(readFileSync(image))).toBe(before);
  });
});

describe('random numbers', () => {
  it('are the same for the same seed, others for another, and from 0 up to 1', () => {
    const of = (seed: number) => {
      const next = random(seed);
      return Array.from({ length: 100 }, next);
    };
    expect(of(7)).toEqual(of(7));
    expect(of(7)).not.toEqual(of(8));
    expect(of(7).every((value) => value >= 0 && value < 1)).toBe(true);
    expect(new Set(of(7)).size).toBe(100);
  });
});
