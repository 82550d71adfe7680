import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { altered, DAY, type World, world } from './world.ts';

const names = async (box: World): Promise<string[]> => Object.keys(await box.onDrive());

const windows = (box: World) => altered(box.drive, { rules: { ...box.drive.rules, restrictedNames: true } });

/** Everything is there, nothing failed, and a second backup copies nothing. */
async function holdsAll(
  box: World,
  files: number,
  order: Parameters<World['backup']>[0] = {},
): Promise<void> {
  expect(await box.backup(order)).toMatchObject({ type: 'BackupFinished', totals: { files, copied: files } });
  const before = await box.onDrive();
  expect(Object.keys(before)).toHaveLength(files);
  expect(await box.backup(order)).toMatchObject({
    type: 'BackupFinished',
    totals: { copied: 0, duplicates: files },
  });
  expect(await box.onDrive()).toEqual(before);
}

test('two names of 255 bytes with other content: the second is shortened to make room for its number', async () => {
  const box = await world();
  const long = `${'x'.repeat(251)}.JPG`;
  await box.put(`DCIM/100/${long}`, 'one');
  await box.put(`DCIM/101/${long}`, 'other');
  await holdsAll(box, 2);
  const found = (await names(box)).map((path) => path.slice(DAY.length + 1));
  expect(found).toContain(long);
  expect(found).toContainEqual(expect.stringMatching(/^x{240}~[\da-f]{8}_2\.JPG$/));
});

test('a name that is too long only because of its escapes', async () => {
  const box = await world();
  await box.put(`DCIM/${'?'.repeat(100)}.JPG`, 'one');
  await box.put(`DCIM/${'?'.repeat(101)}.JPG`, 'other');
  await holdsAll(box, 2, { drives: [windows(box)] });
  for (const name of await names(box)) expect(name).toMatch(/\/(%3F)+.{0,2}~[\da-f]{8}\.JPG$/);
});

test('a RAW, its JPEG and its sidecar with a name that is too long stay together', async () => {
  const box = await world();
  const stem = `é${'?'.repeat(82)}`;
  for (const end of ['.CR2', '.JPG', '.CR2.xmp']) await box.put(`DCIM/${stem}${end}`, `long ${end}`);
  await holdsAll(box, 3, { drives: [windows(box)] });
  const stems = new Set((await names(box)).map((path) => path.replace(/(\.CR2)?\.\w+$/, '')));
  expect([...stems]).toEqual([expect.stringMatching(/\/é(%3F)+.{0,2}~[\da-f]{8}$/)]);
});

test('a path of more than 255 bytes', async () => {
  const box = await world();
  await box.put(`${'a folder with a name/'.repeat(20)}IMG_1.JPG`, 'deep');
  await holdsAll(box, 1, { layout: 'mirror' });
  expect((await names(box))[0]).toContain(`${'a folder with a name/'.repeat(20)}IMG_1.JPG`);
});

test('a path that its escapes make longer than any path may be', async () => {
  const box = await world();
  const folder = `${'?'.repeat(80)}/`;
  // 20 × 240 bytes when escaped.
  await box.put(`${folder.repeat(20)}IMG_1.JPG`, 'deep');
  await box.put(`${folder.repeat(21)}IMG_1.JPG`, 'deeper');
  await holdsAll(box, 2, { layout: 'mirror', drives: [windows(box)] });
});

test('names that differ by case or by their accents get numbers, whatever the drive', async () => {
  const box = await world();
  for (const [n, name] of ['CAFE\u0301.JPG', 'caf\u00e9.JPG', 'Caf\u00c9.jpg'].entries())
    await box.put(`DCIM/10${n}/${name}`, `content ${n}`);
  await holdsAll(box, 3, { drives: [windows(box)] });
  const keys = (await names(box)).map((name) => name.normalize('NFC').toLowerCase());
  expect(new Set(keys).size).toBe(3);
});

test('device names of Windows and names of our own are copied under others, and known again', async () => {
  const box = await world();
  for (const name of ['CON', 'nul.JPG', 'com1.CR2', 'com1.JPG', 'ascmhl']) await box.put(name, `in ${name}`);
  await holdsAll(box, 5, { drives: [windows(box)] });
  expect((await names(box)).map((path) => path.split('/').at(-1)).sort()).toEqual([
    '%43ON',
    '%43om1.CR2',
    '%43om1.JPG',
    '%4Eul.JPG',
    '%61scmhl',
  ]);
});

test('what is on the drive under an escaped name already is not overwritten', async () => {
  const box = await world();
  await box.put('what?.JPG', 'ours');
  await mkdir(join(box.drive.drive.path, DAY), { recursive: true });
  await writeFile(join(box.drive.drive.path, DAY, 'what%3F.JPG'), 'the owner’s');
  await box.backup({ drives: [windows(box)] });
  expect(await box.onDrive()).toMatchObject({ [`${DAY}/what%3F_2.JPG`]: 'ours' });
});
