import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HistoryLine, LightLine } from '../../services/shapes.ts';
import { CARDS, Desk, hashesBelow, photosOn } from './imagetank.ts';

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
});
afterEach(() => desk.clear());

interface Told {
  readonly code: number;
  readonly signals: readonly string[];
  readonly line: HistoryLine | undefined;
}

async function demo(card: string, drive: string): Promise<Told> {
  const { code, out } = await desk.run('demo', '--card', card, '--drive', drive, '--json');
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as LightLine | HistoryLine);
  const signals = lines.flatMap((line) => ('signal' in line ? [line.signal] : []));
  return { code, signals, line: lines.find((line): line is HistoryLine => 'outcome' in line) };
}

function copyOf(name: string): string {
  cpSync(join(CARDS, name), join(desk.root, name), { recursive: true });
  return join(desk.root, name);
}

const sorted = (hashes: ReadonlyMap<string, string>) => [...hashes.values()].sort();
const pathOf = (drive: string, name: string) => {
  const found = [...photosOn(drive).keys()].find((path) => path.endsWith(name));
  if (found === undefined) throw new Error(`${name} is not on the drive`);
  return join(drive, found);
};

describe('the demo', () => {
  test('shows the lights in the order of the contract, and every file is on the drive', async () => {
    const card = copyOf('NIKON');
    const before = hashesBelow(card);
    const drive = join(desk.root, 'drive');
    const { code, signals, line } = await demo(card, drive);
    expect(code).toBe(0);
    expect(signals).toEqual([
      'booting',
      'ready',
      'attention',
      'copying',
      'verifying',
      'ready',
      'shutting-down',
      'off',
    ]);
    expect(line).toMatchObject({ outcome: 'done', files: 4, copied: 4, duplicates: 0, failed: 0 });
    expect(sorted(photosOn(drive))).toEqual(sorted(before));
    expect(hashesBelow(card)).toEqual(before);
  });

  test('a second time copies nothing; one more file copies one', async () => {
    const card = copyOf('NIKON');
    const drive = join(desk.root, 'drive');
    await demo(card, drive);
    const first = photosOn(drive);
    const again = await demo(card, drive);
    expect(again).toMatchObject({ code: 0, line: { copied: 0, duplicates: 4, failed: 0 } });
    expect(photosOn(drive)).toEqual(first);
    writeFileSync(join(card, 'DCIM/100ND750/DSC_0099.JPG'), 'one more');
    expect(await demo(card, drive)).toMatchObject({ code: 0, line: { copied: 1, duplicates: 4 } });
    expect(sorted(photosOn(drive))).toEqual(sorted(hashesBelow(card)));
  });

  test('a photo deleted from the drive is copied again', async () => {
    const card = copyOf('NIKON');
    const drive = join(desk.root, 'drive');
    await demo(card, drive);
    rmSync(pathOf(drive, 'DSC_0009.JPG'));
    expect(await demo(card, drive)).toMatchObject({ line: { copied: 1, duplicates: 3, outcome: 'done' } });
    expect(sorted(photosOn(drive))).toEqual(sorted(hashesBelow(card)));
  });

  test('a photo altered on the drive is copied again, and the altered one is left as it is', async () => {
    const card = copyOf('NIKON');
    const drive = join(desk.root, 'drive');
    await demo(card, drive);
    const altered = pathOf(drive, 'DSC_0009.JPG');
    writeFileSync(altered, 'somebody edited this');
    const { line } = await demo(card, drive);
    expect(line).toMatchObject({ copied: 1, duplicates: 3, outcome: 'done' });
    const all = photosOn(drive);
    for (const hash of hashesBelow(card).values()) expect([...all.values()]).toContain(hash);
    expect(all.size).toBe(5);
  });

  test('refuses a drive inside the card or around it, and changes nothing', async () => {
    const card = copyOf('NIKON');
    const before = hashesBelow(desk.root);
    for (const drive of [join(card, 'drive'), desk.root, card]) {
      expect((await desk.run('demo', '--card', card, '--drive', drive)).code).toBe(64);
    }
    expect(hashesBelow(desk.root)).toEqual(before);
    expect(readdirSync(card)).toEqual(['DCIM']);
  });

  test('an unknown card is 66', async () => {
    expect((await desk.run('demo', '--card', join(desk.root, 'nothing'))).code).toBe(66);
  });
});
