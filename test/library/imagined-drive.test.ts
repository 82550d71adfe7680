import { expect, test } from 'vitest';
import { relativePath } from '../../machines/ids.ts';
import { ContentWanted, ImaginedDrive } from '../../services/preview/imagined-drive.ts';
import { NOON, world } from '../backup/world.ts';

const p = relativePath;
const fileOf = (index: number, sizeBytes = 4) =>
  ({ kind: 'file', path: p(`${index}.JPG`), sizeBytes, mtimeMs: NOON, index }) as const;

async function imagined() {
  const box = await world();
  await box.put('A.JPG', 'lies');
  await box.backup();
  const [copied] = box.journal.of('FilesSettled').flatMap((fact) => fact.copied);
  return { box, drive: new ImaginedDrive(box.drive.drive, box.drive), lying: copied!.to };
}

test('has what lies on the real drive, and what was placed on it, and the real one has not', async () => {
  const { box, drive, lying } = await imagined();
  const folder = p(lying.slice(0, lying.lastIndexOf('/')));
  const to = p(`${folder}/B.JPG`);
  expect(await drive.incoming(fileOf(0), null, NOON).incoming.place(to)).toBe('placed');
  expect([...(await drive.list(folder))].sort()).toEqual(['A.JPG', 'B.JPG']);
  expect(await drive.statAll([lying, to, p('Photos/none')])).toMatchObject([
    { sizeBytes: 4 },
    { sizeBytes: 4 },
    null,
  ]);
  expect(await drive.stat(lying)).toEqual(await box.drive.stat(lying));
  expect([drive.isImagined(lying), drive.isImagined(to)]).toEqual([false, true]);
  expect(await box.drive.stat(to)).toBeNull();
});

test('gives no name twice, whoever has it', async () => {
  const { drive, lying } = await imagined();
  const { incoming } = drive.incoming(fileOf(0), null, NOON);
  expect(await incoming.place(lying)).toBe('taken');
  const to = p('Photos/B.JPG');
  expect(await drive.placeAll([{ file: incoming, to }])).toEqual(['placed']);
  expect(await drive.incoming(fileOf(1), null, NOON).incoming.place(to)).toBe('taken');
});

test('reads what lies there, unless the file that is held against it was not read', async () => {
  const { box, drive, lying } = await imagined();
  expect(await drive.readBack(lying)).toEqual(await box.drive.readBack(lying));
  await expect(drive.forUnread.readBack(lying)).rejects.toBeInstanceOf(ContentWanted);
  const to = p('Photos/B.JPG');
  await drive.incoming(fileOf(7), null, NOON).incoming.place(to);
  expect(await drive.forUnread.readBack(to)).toEqual(await drive.readBack(to));
});

test('counts files that were not read as contents of their own, but for empty ones', async () => {
  const { drive } = await imagined();
  const hashes = [fileOf(1), fileOf(2), fileOf(3, 0), fileOf(4, 0)].map(
    (file) => drive.incoming(file, null, NOON).content.xxh64,
  );
  expect(new Set(hashes).size).toBe(3);
});

test('is never written', async () => {
  const { box, drive } = await imagined();
  const before = await box.onDrive();
  await drive.settle();
  for (const call of [
    drive.createIncoming,
    drive.clearIncoming,
    drive.replaceOwn,
    drive.appendOwn,
    drive.writeNew,
    drive.sync,
  ])
    await expect(call()).rejects.toThrow('a preview does nothing of the kind');
  expect(() => drive.walk()).toThrow('a preview does nothing of the kind');
  expect(await box.onDrive()).toEqual(before);
  const empty = new ImaginedDrive(box.drive.drive, null);
  expect(await empty.freeBytes()).toBe(Number.POSITIVE_INFINITY);
  await expect(empty.readBack(p('Photos/none'))).rejects.toThrow('was not placed');
});
