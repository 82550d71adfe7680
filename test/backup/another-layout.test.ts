import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Style } from '../../services/library/layout.ts';
import { NOON, type World, world } from './world.ts';

const LAYOUTS = {
  dated: { layout: 'dated', template: '' },
  mirror: { layout: 'mirror', template: '' },
  numbered: { layout: 'numbered', template: '' },
  'custom with {seq}': { layout: 'custom', template: '{date}/{camera}_{seq}.{ext}' },
  'custom with {seq} and {name}': { layout: 'custom', template: '{card}/{seq}-{name}.{ext}' },
  'custom without': { layout: 'custom', template: '{card}/{date}/{camera}-{name}.{ext}' },
} as const satisfies Record<string, Omit<Style, 'dayStarts'>>;
type Name = keyof typeof LAYOUTS;

const NAMES = Object.keys(LAYOUTS) as Name[];
const CHANGES = NAMES.flatMap((from) => NAMES.map((to) => [from, to] as const));

/** One of every kind of shot; each file has another content, time and, within its kind, size. */
const CARD = [
  'DCIM/100CANON/IMG_0001.JPG',
  ...['CR3', 'JPG', 'xmp', 'CR3.xmp', 'WAV'].map((tail) => `DCIM/100CANON/IMG_0002.${tail}`),
  ...['0003.HEIC', '0003.MOV', '0003.AAE', 'E0003.HEIC', 'E0003.MOV', 'O0003.AAE'].map(
    (name) => `DCIM/101APPLE/IMG_${name}`,
  ),
  ...[1, 2, 3].flatMap((n) => [
    `DCIM/102GOPRO/GX0${n}0007.MP4`,
    `DCIM/102GOPRO/GX0${n}0007.THM`,
    `DCIM/102GOPRO/GL0${n}0007.LRV`,
  ]),
  ...['GOPR0008.MP4', 'GP010008.MP4', 'GOPR0008.THM'].map((name) => `DCIM/103GOPRO/${name}`),
  ...[
    'VID_20261121_100000_00_009.insv',
    'VID_20261121_100000_10_009.insv',
    'LRV_20261121_100000_11_009.insv',
  ].map((name) => `DCIM/Camera01/${name}`),
  'MISC/AUTPRINT.MRK',
];

async function fill(box: World): Promise<void> {
  for (const [at, path] of CARD.entries()) {
    await box.put(path, `${path} ${'x'.repeat(at * 7)}`, NOON + Math.floor(at / 3) * 120_000);
  }
}

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
