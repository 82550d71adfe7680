import { describe, expect, test } from 'vitest';
import type { Capture } from '../../machines/media.ts';
import type { DriveStore, MediaFile } from '../../services/media-ports.ts';
import { altered, NOON, type Order, type World, world } from './world.ts';

const STYLE = { layout: 'custom', template: '{camera}/{serial}/{name}.{ext}' } as const;
const HERO: Capture = { make: 'GoPro', model: 'HERO9', serial: 'C3441' };
const HOME = 'Photos/GoPro-HERO9/C3441';

const saying = (said: Readonly<Record<string, Capture | null>>, asked: MediaFile[] = []) => ({
  captures: async (files: readonly MediaFile[]) => {
    asked.push(...files);
    return files.map(({ name }) => said[name] ?? null);
  },
});

async function chapters(numbers: readonly number[], box?: World): Promise<World> {
  const made = box ?? (await world());
  for (const n of numbers) {
    await made.put(`100GOPRO/GX0${n}0007.MP4`, `chapter ${n}`, NOON + n * 60_000);
    await made.put(`100GOPRO/GX0${n}0007.THM`, `thumbnail ${n}`, NOON + n * 60_000);
  }
  return made;
}

const backUp = (box: World, metadata: NonNullable<Order['metadata']>, order: Order = {}) =>
  box.backup({ ...STYLE, metadata, ...order });
const foldersOf = async (box: World, at = 0): Promise<string[]> => {
  const paths = Object.keys(await box.onDrive(box.drives[at]));
  return [...new Set(paths.map((path) => path.slice(0, path.lastIndexOf('/'))))];
};

describe('the chapters of a video lie in one folder, by the camera of the whole video', () => {
  test.each<[what: string, said: Readonly<Record<string, Capture | null>>]>([
    ['the first one cannot be read', { 'GX020007.MP4': HERO, 'GX030007.MP4': HERO }],
    ['the last one cannot be read', { 'GX010007.MP4': HERO, 'GX020007.MP4': HERO }],
    [
      'one tells the model and another the serial number',
      { 'GX010007.MP4': { make: 'GoPro', model: 'HERO9' }, 'GX020007.MP4': { serial: 'C3441' } },
    ],
    [
      'they contradict each other: the first one counts',
      { 'GX010007.MP4': HERO, 'GX020007.MP4': { model: 'Other', serial: '1' }, 'GX030007.MP4': null },
    ],
  ])('where %s', async (_what, said) => {
    const box = await chapters([1, 2, 3]);
    await box.addDrive('SECOND');
    expect(await backUp(box, saying(said))).toMatchObject({ type: 'BackupFinished', totals: { copied: 6 } });
    expect(await foldersOf(box)).toEqual([HOME]);
    expect(await foldersOf(box, 1)).toEqual([HOME]);
    expect(await backUp(box, saying(said))).toMatchObject({ totals: { copied: 0, duplicates: 6 } });
  });

  test('where nobody tells one', async () => {
    const box = await chapters([1, 2]);
    await backUp(box, saying({}));
    expect(await foldersOf(box)).toEqual(['Photos/unknown-camera/unknown-serial']);
  });

  test('also what comes in a later backup, and what lies there is not copied again', async () => {
    const box = await chapters([1, 2]);
    const said = saying({ 'GX010007.MP4': HERO });
    await backUp(box, said);
    await chapters([3], box);
    let written = 0;
    const drive = altered<DriveStore>(box.drive, {
      writeAll: (files) => {
        written += files.length;
        return box.drive.writeAll(files);
      },
    });
    const order = { drives: [drive] };
    expect(await backUp(box, said, order)).toMatchObject({ totals: { copied: 2, duplicates: 4 } });
    expect(written).toBe(2);
    expect(await foldersOf(box)).toEqual([HOME]);
  });

  test('and each video is asked on the card once, up to its fourth chapter', async () => {
    const box = await chapters([1, 2, 3, 4, 5, 6]);
    const asked: MediaFile[] = [];
    await backUp(box, saying({}, asked));
    const onCard = asked.filter(({ path }) => path.startsWith(`${box.card.path}/`));
    expect(onCard.map(({ path }) => path.slice(box.card.path.length))).toEqual(
      [1, 2, 3, 4].map((n) => `/100GOPRO/GX0${n}0007.MP4`),
    );
  });

  test('which is not asked where no path depends on it', async () => {
    const box = await chapters([1, 2]);
    const asked: MediaFile[] = [];
    await box.backup({ metadata: saying({}, asked) });
    expect(asked).toHaveLength(2);
    for (const { path } of asked) expect(path).toContain('/incoming/');
  });

  test('but a card that somebody else mounted writable is left alone: each chapter has its own words', async () => {
    const box = await chapters([1, 2]);
    box.asVolume();
    box.card = { ...box.card, readOnly: false };
    const asked: MediaFile[] = [];
    await backUp(box, saying({ 'GX010007.MP4': HERO }, asked));
    expect(asked.filter(({ path }) => path.startsWith(`${box.card.path}/`))).toEqual([]);
    expect(await foldersOf(box)).toEqual([HOME, 'Photos/unknown-camera/unknown-serial'].sort());
  });
});

test('in numbered, too, a video lies in the folder of the day on which it began', async () => {
  const box = await world();
  const late = Date.UTC(2026, 10, 21, 23, 59);
  for (const n of [1, 2, 3]) await box.put(`GX0${n}0007.MP4`, `chapter ${n}`, late + (n - 1) * 60_000);
  await box.put('GX010008.MP4', 'another video', late + 600_000);
  await box.backup({ layout: 'numbered' });
  expect(Object.keys(await box.onDrive())).toEqual([
    'Photos/20261121/pimg_000001.mp4',
    'Photos/20261121/pimg_000002.mp4',
    'Photos/20261121/pimg_000003.mp4',
    'Photos/20261122/pimg_000004.mp4',
  ]);
});

describe('the members of a shot lie in one folder', () => {
  test.each<[what: string, said: Readonly<Record<string, Capture | null>>]>([
    ['the raw cannot be read', { 'A.JPG': HERO }],
    ['the JPEG cannot be read', { 'A.CR3': HERO }],
    ['only the film can be read', { 'A.MOV': HERO }],
    ['each tells a part', { 'A.CR3': { serial: 'C3441' }, 'A.JPG': { make: 'GoPro', model: 'HERO9' } }],
    ['they contradict each other: the raw counts', { 'A.CR3': HERO, 'A.JPG': { model: 'X', serial: '2' } }],
    ['the JPEG counts before the film', { 'A.JPG': HERO, 'A.MOV': { model: 'X', serial: '2' } }],
  ])('where %s', async (_what, said) => {
    const box = await world();
    for (const tail of ['CR3', 'JPG', 'MOV', 'XMP']) await box.put(`DCIM/A.${tail}`, tail);
    await backUp(box, saying(said));
    expect(Object.keys(await box.onDrive())).toEqual(
      ['CR3', 'JPG', 'MOV', 'XMP'].map((tail) => `${HOME}/A.${tail}`),
    );
  });
});
