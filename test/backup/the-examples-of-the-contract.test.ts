import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Capture } from '../../machines/media.ts';
import { NOON, type Order, type World, world } from './world.ts';

/** `contract.md`, section 4: its examples, and what it says of names. */

const CUSTOM = { layout: 'custom', template: '{year}/{camera}/{name}.{ext}' } as const;

async function card(uuid = '3A4F-1B2C'): Promise<World> {
  const box = await world();
  await box.insert('SD32GB-03');
  box.asVolume(uuid);
  return box;
}

const pathsOf = async (box: World): Promise<string[]> => Object.keys(await box.onDrive());

describe('the layouts', () => {
  test.each<[path: string, order: Order]>([
    ['Photos/2026/2026-11-21/IMG_0001.CR3', {}],
    ['Photos/SD32GB-03/DCIM/100CANON/IMG_0001.CR3', { layout: 'mirror' }],
    ['Photos/20261121/pimg_000001.cr3', { layout: 'numbered' }],
    ['Photos/2026/unknown-camera/IMG_0001.CR3', CUSTOM],
  ])('%s', async (path, order) => {
    const box = await card();
    await box.put('DCIM/100CANON/IMG_0001.CR3');
    await box.backup(order);
    expect(await pathsOf(box)).toEqual([path]);
  });

  test.each<[written: string, order: Order]>([
    ['Photos/2026/2026-11-21/a.JpG', {}],
    ['Photos/SD32GB-03/a.JpG', { layout: 'mirror' }],
    ['Photos/2026/unknown-camera/a.JpG', CUSTOM],
    ['Photos/2026-11-21_000001.JpG', { layout: 'custom', template: '{date}_{seq}.{ext}' }],
    ['Photos/20261121/pimg_000001.jpg', { layout: 'numbered' }],
  ])('%s: an extension is in lower case in numbered alone', async (written, order) => {
    const box = await card();
    await box.put('a.JpG');
    await box.backup(order);
    expect(await pathsOf(box)).toEqual([written]);
  });

  test('mirror has a folder for each of two cards with one label', async () => {
    const box = await card();
    await box.put('DCIM/IMG_0001.CR3', 'of the first');
    await box.backup({ layout: 'mirror' });
    box.asVolume('FFFF-0002');
    await box.put('DCIM/IMG_0001.CR3', 'of the second');
    await box.backup({ layout: 'mirror' });
    expect(await box.onDrive()).toEqual({
      'Photos/SD32GB-03/DCIM/IMG_0001.CR3': 'of the first',
      'Photos/SD32GB-03 (FFFF-0002)/DCIM/IMG_0001.CR3': 'of the second',
    });
  });

  test('the counter never goes back, whatever is deleted', async () => {
    const box = await card();
    await box.put('IMG_0001.CR3', 'first');
    await box.backup({ layout: 'numbered' });
    await box.remove('Photos/20261121/pimg_000001.cr3');
    await box.put('IMG_0001.CR3', 'second');
    await box.backup({ layout: 'numbered' });
    expect(await pathsOf(box)).toEqual(['Photos/20261121/pimg_000002.cr3']);
  });
});

describe('the day', () => {
  const midnight = Date.UTC(2026, 10, 21, 23, 59, 59);

  test.each<[what: string, name: string, said: Capture | null, day: string]>([
    ['is that of EXIF', 'a.CR3', { at: '2026-11-20T23:59:59', zone: '-11:00' }, '2026-11-20'],
    [
      'of a video is that of its zoned date',
      'a.MP4',
      { at: '2026-11-20T23:59:59', zone: '+13:00' },
      '2026-11-20',
    ],
    ['is else that of the file, as local time', 'a.CR3', null, '2026-11-21'],
    ['of a video without a zone is that of the file', 'a.MP4', {}, '2026-11-21'],
  ])('%s', async (_what, name, said, day) => {
    const box = await card();
    await box.put(name, name, midnight);
    await box.backup({ metadata: { captures: async (files) => files.map(() => said) } });
    expect(await pathsOf(box)).toEqual([`Photos/2026/${day}/${name}`]);
  });
});

describe('what is no photo, video, audio or sidecar', () => {
  const OTHERS = [
    'MISC/AUTPRINT.MRK',
    'PRIVATE/AVCHD/BDMV/STREAM/00000.MTS',
    'XDROOT/Clip/0001.MXF',
    'PRIVATE/M4ROOT/CLIP/C0001.MP4',
  ];

  test.each<[what: string, order: Order]>([
    ['dated', {}],
    ['numbered', { layout: 'numbered' }],
    ['custom', CUSTOM],
  ])('%s: goes to Other/<card label>/<path>, and whole trees of videos with it', async (_what, order) => {
    const box = await card();
    for (const path of OTHERS) await box.put(path);
    await box.backup(order);
    expect(await pathsOf(box)).toEqual(OTHERS.map((path) => `Other/SD32GB-03/${path}`).sort());
  });

  test('lies with all the rest in mirror', async () => {
    const box = await card();
    for (const path of OTHERS) await box.put(path);
    await box.backup({ layout: 'mirror' });
    expect(await pathsOf(box)).toEqual(OTHERS.map((path) => `Photos/SD32GB-03/${path}`).sort());
  });

  test('folders of systems are listed as ignored', async () => {
    const box = await card();
    const folders = ['.Spotlight-V100', '.Trash-1000', '.Trashes', '.fseventsd', 'System Volume Information'];
    for (const folder of folders) await box.put(`${folder}/a.JPG`);
    await box.put('DCIM/IMG_0001.CR3');
    await box.backup();
    expect(await pathsOf(box)).toEqual(['Photos/2026/2026-11-21/IMG_0001.CR3']);
    expect(box.journal.of('BackupPlanned').flatMap(({ ignored }) => ignored)).toEqual(folders);
  });
});

describe('a name that is taken by another content', () => {
  const DAY = 'Photos/2026/2026-11-21';

  test.each([
    ['the same', 'IMG_0001.JPG', 'IMG_0001'],
    ['one of another case', 'img_0001.jpg', 'IMG_0001'],
    ['one of another normal form', 'Caf\u0065\u0301.JPG', 'Caf\u00e9'],
  ])('%s: the whole group gets _2', async (_what, there, stem) => {
    const box = await card();
    await box.alter(`${DAY}/${there}`, 'somebody else’s');
    for (const tail of ['CR3', 'JPG', 'CR3.xmp', 'WAV']) await box.put(`${stem}.${tail}`);
    await box.backup();
    expect(await box.onDrive()).toEqual({
      [`${DAY}/${there}`]: Buffer.from('somebody else’s').toString('latin1'),
      ...Object.fromEntries(
        ['CR3', 'JPG', 'CR3.xmp', 'WAV'].map((tail) => [
          `${DAY}/${stem}_2.${tail}`,
          Buffer.from(`${stem}.${tail}`).toString('latin1'),
        ]),
      ),
    });
  });

  test('an empty file is a duplicate of an empty one of its name alone', async () => {
    const box = await card();
    await box.put('IMG_0001.JPG', '');
    await box.backup();
    await box.insert('OTHER');
    for (const name of ['IMG_0001.JPG', 'IMG_0002.JPG']) await box.put(name, '');
    expect(await box.backup()).toMatchObject({ totals: { copied: 1, duplicates: 1 } });
    expect(await pathsOf(box)).toEqual([`${DAY}/IMG_0001.JPG`, `${DAY}/IMG_0002.JPG`]);
  });
});

test('times are kept, folders are 0755 and files 0644', async () => {
  const box = await card();
  await box.put('DCIM/IMG_0001.CR3', 'a', NOON);
  await box.backup();
  const root = join(box.drive.drive.path, 'Photos');
  const file = await stat(join(root, '2026/2026-11-21/IMG_0001.CR3'));
  expect([file.mtimeMs, file.mode & 0o777]).toEqual([NOON, 0o644]);
  for (const folder of ['', '2026', '2026/2026-11-21'])
    expect((await stat(join(root, folder))).mode & 0o777).toBe(0o755);
});
