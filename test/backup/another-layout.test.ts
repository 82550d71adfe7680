import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CARD, fill, LAYOUTS } from './shots-of-all-kinds.ts';
import { NOON, type World, world } from './world.ts';

type Name = keyof typeof LAYOUTS;

const NAMES = Object.keys(LAYOUTS) as Name[];
const CHANGES = NAMES.flatMap((from) => NAMES.map((to) => [from, to] as const));

const backUp = (box: World, name: Name) => box.backup({ ...LAYOUTS[name], dayStarts: '00:00' });

describe.each([
  ['the same card', async () => undefined],
  [
    'another card with the same files',
    async (box: World) => {
      await box.insert('ANOTHER');
      await fill(box);
    },
  ],
  [
    'another volume with the same files',
    async (box: World) => {
      await box.insert('ANOTHER');
      await fill(box);
      box.asVolume();
    },
  ],
] as const)('%s', (_what, insert) => {
  test.each(CHANGES)('after %s, in %s: nothing is copied again, and nothing is lost', async (from, to) => {
    const box = await world();
    await fill(box);
    expect(await backUp(box, from)).toMatchObject({
      type: 'BackupFinished',
      totals: { copied: CARD.length },
    });
    const before = await box.onDrive();
    await insert(box);
    // In `mirror` a copy counts at the card's own path alone (contract.md, section 4).
    const isOwnPath = to === 'mirror' && !(from === 'mirror' && box.card.label === 'SD1');
    expect(await backUp(box, to)).toMatchObject({
      type: 'BackupFinished',
      totals: { copied: isOwnPath ? CARD.length : 0 },
    });
    const after = await box.onDrive();
    expect(after).toMatchObject(before);
    expect(Object.keys(after)).toHaveLength(isOwnPath ? 2 * CARD.length : CARD.length);
    expect(await backUp(box, to)).toMatchObject({ totals: { copied: 0, duplicates: CARD.length } });
  });
});

describe('chapters of a video that was numbered', () => {
  const DATED = 'Photos/2026/2026-11-21';
  const chapter = (n: number): string => `100GOPRO/GX0${n}0007.MP4`;

  test('are copied beside the others where one of them is not on the drive', async () => {
    const box = await world();
    await box.put(chapter(1), 'the first chapter');
    await backUp(box, 'numbered');
    await box.put(chapter(2), 'the second one', NOON + 60_000);
    expect(await backUp(box, 'dated')).toMatchObject({ totals: { copied: 2, duplicates: 0 } });
    expect(Object.keys(await box.onDrive())).toEqual(
      ['Photos/20261121/pimg_000001.mp4', `${DATED}/GX010007.MP4`, `${DATED}/GX020007.MP4`].sort(),
    );
  });

  test('count one by one in numbered, wherever the others lie', async () => {
    const box = await world();
    await box.put(chapter(1), 'the first chapter');
    await backUp(box, 'dated');
    await box.put(chapter(2), 'the second one', NOON + 60_000);
    expect(await backUp(box, 'numbered')).toMatchObject({ totals: { copied: 1, duplicates: 1 } });
  });

  test.each([
    ['of its size from another time', 'the 2nd one', NOON - 60_000],
    ['of its time with another size', 'longer', NOON + 60_000],
  ])('are copied where only a file %s lies there', async (_what, content, mtimeMs) => {
    const box = await world();
    await box.put(chapter(1), 'the first chapter');
    await box.put('100GOPRO/GX020009.MP4', content, mtimeMs);
    await backUp(box, 'numbered');
    await box.insert('SD2');
    await box.put(chapter(1), 'the first chapter');
    await box.put(chapter(2), 'another one', NOON + 60_000);
    expect(await backUp(box, 'dated')).toMatchObject({ totals: { copied: 2, duplicates: 0 } });
  });

  test('are copied where what lies there is in no record', async () => {
    const box = await world();
    await box.put(chapter(1), 'the first chapter');
    await backUp(box, 'numbered');
    await box.put(chapter(2), 'the second one', NOON + 60_000);
    await cp(join(box.card.path, chapter(2)), join(box.drive.drive.path, 'Photos/20261121/mine.mp4'), {
      preserveTimestamps: true,
    });
    expect(await backUp(box, 'dated')).toMatchObject({ totals: { copied: 2, duplicates: 0 } });
  });
});
