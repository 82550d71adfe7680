import { link, mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DriveStore } from '../../services/media-ports.ts';
import { DAY, NOON, type Order, type World, world } from './world.ts';

/** On one file system a card may be made of hard links to what lies on a folder drive (`cp -al`). */
async function linked(box: World, onCard: string, onDrive: string): Promise<void> {
  const path = join(box.card.path, onCard);
  await rm(path, { force: true });
  await mkdir(dirname(path), { recursive: true });
  await link(join(box.drive.drive.path, onDrive), path);
}

const inodesOf = async (root: string, paths: readonly string[]): Promise<ReadonlySet<number>> =>
  new Set(await Promise.all(paths.map(async (path) => (await stat(join(root, path))).ino)));

const ends = (box: World) =>
  box.journal.of('BackupFinished').map(({ totals: { copied, duplicates } }) => ({ copied, duplicates }));

const layouts: readonly [string, Order][] = [
  ['dated', {}],
  ['mirror', { layout: 'mirror' }],
  ['numbered', { layout: 'numbered' }],
  ['custom', { layout: 'custom', template: '{date}/{seq}_{name}.{ext}' }],
];
const cards: readonly [string, (box: World) => void][] = [
  ['a folder', () => undefined],
  // Its files are known by their beginnings.
  ['a volume', (box) => box.asVolume()],
];
const ways = layouts.flatMap(([layout, order]) =>
  cards.map(([card, as]) => [card, layout, as, order] as const),
);

describe('what lies on the drive as the very file of the card', () => {
  test.each(
    ways,
  )('is copied, under another name (%s, %s), and is a duplicate from then on', async (_card, _layout, as, order) => {
    const box = await world();
    as(box);
    for (const name of ['IMG_1.JPG', 'IMG_2.JPG']) await box.put(`DCIM/${name}`, `content of ${name}`);
    await box.backup(order);
    const first = Object.keys(await box.onDrive());
    expect(first).toHaveLength(2);
    for (const path of first) {
      const { path: on } = box.journal
        .of('FilesSettled')
        .flatMap(({ copied }) => copied)
        .find(({ to }) => to === path)!;
      await linked(box, on, path);
    }
    await box.backup(order);
    const second = Object.entries(await box.onDrive());
    expect(second.map(([, content]) => content).sort()).toEqual([
      ...Array<string>(2).fill('content of IMG_1.JPG'),
      ...Array<string>(2).fill('content of IMG_2.JPG'),
    ]);
    const drive = box.drive.drive.path;
    expect(
      await inodesOf(
        drive,
        second.map(([path]) => path),
      ),
    ).toHaveProperty('size', 4);
    await box.backup(order);
    expect(Object.keys(await box.onDrive())).toHaveLength(4);
    expect(ends(box)).toEqual([
      { copied: 2, duplicates: 0 },
      { copied: 2, duplicates: 0 },
      { copied: 0, duplicates: 2 },
    ]);
    expect(box.journal.of('CopiesLost')).toEqual([]);
  });

  test('under the name that it is going to have, and in no record, is not taken for what a killed backup left', async () => {
    const box = await world();
    await box.put('IMG_1.JPG');
    await mkdir(join(box.drive.drive.path, DAY), { recursive: true });
    await link(join(box.card.path, 'IMG_1.JPG'), join(box.drive.drive.path, DAY, 'IMG_1.JPG'));
    await box.backup();
    expect(await readdir(join(box.drive.drive.path, DAY))).toEqual(['IMG_1.JPG', 'IMG_1_2.JPG']);
    expect(ends(box)).toEqual([{ copied: 1, duplicates: 0 }]);
  });

  test('of one half of a shot keeps the other half beside it', async () => {
    const box = await world();
    for (const name of ['IMG_1.JPG', 'IMG_1.CR2']) await box.put(name);
    await box.backup();
    await linked(box, 'IMG_1.JPG', `${DAY}/IMG_1.JPG`);
    await box.backup();
    expect(Object.keys(await box.onDrive())).toEqual(
      ['IMG_1.CR2', 'IMG_1.JPG', 'IMG_1_2.CR2', 'IMG_1_2.JPG'].map((name) => `${DAY}/${name}`),
    );
  });
});

test('two names of one file on the card are two files, and one is a duplicate of the other', async () => {
  const box = await world();
  await box.put('A.JPG', 'same');
  await box.backup();
  await link(join(box.card.path, 'A.JPG'), join(box.card.path, 'B.JPG'));
  await box.backup();
  expect(ends(box).at(-1)).toEqual({ copied: 0, duplicates: 2 });
});

test('a copy beside the hard link counts', async () => {
  const box = await world();
  await box.put('IMG_1.JPG', 'content');
  await box.backup();
  await linked(box, 'IMG_1.JPG', `${DAY}/IMG_1.JPG`);
  const copy = join(box.drive.drive.path, DAY, 'IMG_1_2.JPG');
  await writeFile(copy, 'content');
  await utimes(copy, NOON / 1000, NOON / 1000);
  await box.backup();
  expect(await readdir(dirname(copy))).toEqual(['IMG_1.JPG', 'IMG_1_2.JPG']);
});

describe('one file on two drives of one file system', () => {
  const pathsOn = async (box: World, drive: DriveStore) =>
    Object.keys(await box.onDrive(drive)).map((path) => join(drive.drive.path, path));

  async function inodesOfAll(box: World, drives: readonly DriveStore[]): Promise<readonly number[]> {
    const paths = (await Promise.all(drives.map((drive) => pathsOn(box, drive)))).flat();
    return Promise.all(paths.map(async (path) => (await stat(path)).ino));
  }

  test.each(
    ways,
  )('is a copy on one of them alone: recorded on both (%s, %s)', async (_card, _layout, as, order) => {
    const box = await world();
    as(box);
    for (const name of ['IMG_1.JPG', 'IMG_2.JPG']) await box.put(`DCIM/${name}`, `content of ${name}`);
    const second = await box.addDrive('SECOND');
    const drives = [box.drive, second];
    await box.backup({ ...order, drives });
    for (const path of Object.keys(await box.onDrive(second))) {
      await rm(join(second.drive.path, path));
      await link(join(box.drive.drive.path, path), join(second.drive.path, path));
    }
    expect(new Set(await inodesOfAll(box, drives)).size).toBe(2);
    await box.backup({ ...order, drives });
    expect(new Set(await inodesOfAll(box, drives)).size).toBe(4);
    await box.backup({ ...order, drives });
    const inodes = await inodesOfAll(box, drives);
    expect([new Set(inodes).size, inodes.length]).toEqual([4, 6]);
    expect(box.journal.of('CopiesLost')).toEqual([]);
  });

  test('and under the name that it is going to have, in no record of the other', async () => {
    const box = await world();
    await box.put('IMG_1.JPG');
    await box.backup();
    const second = await box.addDrive('SECOND');
    await mkdir(join(second.drive.path, DAY), { recursive: true });
    await link(join(box.drive.drive.path, DAY, 'IMG_1.JPG'), join(second.drive.path, DAY, 'IMG_1.JPG'));
    await box.backup({ drives: [box.drive, second] });
    expect(new Set(await inodesOfAll(box, [box.drive, second])).size).toBe(2);
  });
});
