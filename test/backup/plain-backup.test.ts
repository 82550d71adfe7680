import { Buffer } from 'node:buffer';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LiveProgress } from '../../services/backup/job.ts';
import { altered, DAY, NOON, world } from './world.ts';

test('a card is copied, verified, recorded and sealed, in this order', async () => {
  const box = await world();
  await box.put('DCIM/100/IMG_1.JPG', 'one');
  await box.put('DCIM/100/IMG_2.JPG', 'two');
  const order: string[] = [];
  const end = await box.backup({
    emit: async (fact) => {
      order.push(fact.type);
      await box.journal.emit(fact);
    },
    seal: async ({ drive }) => {
      order.push(`seal ${drive.label}`);
    },
  });
  expect(order).toEqual([
    'BackupPlanned',
    'CardRead',
    'BackupFlushed',
    'FilesSettled',
    'BackupVerified',
    'seal TANK',
    'BackupFinished',
  ]);
  expect(end).toMatchObject({
    type: 'BackupFinished',
    backupId: '20261121-1',
    cardId: box.card.id,
    totals: { files: 2, bytes: 6, copied: 2, duplicates: 0, failed: 0 },
    drives: [{ driveId: box.drive.drive.id, files: 2, bytes: 6, outcome: 'done', reason: null }],
    trusted: true,
  });
  expect(await box.onDrive()).toEqual({ [`${DAY}/IMG_1.JPG`]: 'one', [`${DAY}/IMG_2.JPG`]: 'two' });
  expect(await box.incoming()).toEqual([]);
});

test('the plan names what is on the card, the record what became of it', async () => {
  const box = await world();
  await box.put('DCIM/100/IMG_1.JPG', 'one');
  await symlink('/etc/passwd', join(box.card.path, 'link'));
  await box.backup();
  expect(box.journal.of('BackupPlanned')).toEqual([
    {
      type: 'BackupPlanned',
      backupId: '20261121-1',
      cardId: box.card.id,
      label: 'SD1',
      files: 1,
      bytes: 3,
      ignored: ['link'],
      notes: ['SD1: 1 entry is no file and is not backed up: link (symbolic link)'],
      drives: [{ driveId: box.drive.drive.id, files: 1, bytes: 3 }],
    },
  ]);
  const [settled] = box.journal.of('FilesSettled');
  expect(settled?.copied).toEqual([
    {
      path: 'DCIM/100/IMG_1.JPG',
      sizeBytes: 3,
      mtimeMs: NOON,
      // xxhsum -H1 of "one"
      xxh64: expect.stringMatching(/^[0-9a-f]{16}$/),
      headXxh64: settled?.copied[0]?.xxh64,
      to: `${DAY}/IMG_1.JPG`,
      toMtimeMs: NOON,
    },
  ]);
  expect(Object.keys(await box.onDrive())).toEqual([`${DAY}/IMG_1.JPG`]);
});

test('an empty card is backed up at once', async () => {
  const box = await world();
  expect(await box.backup()).toMatchObject({
    type: 'BackupFinished',
    totals: { files: 0, bytes: 0, copied: 0, duplicates: 0, failed: 0 },
  });
});

test('a second backup of the same card copies nothing', async () => {
  const box = await world();
  for (const name of ['IMG_1.CR2', 'IMG_1.JPG', 'IMG_1.xmp', 'notes.txt', 'empty.txt', 'IMG_9.MOV']) {
    await box.put(`DCIM/100/${name}`, name === 'empty.txt' ? '' : name);
  }
  await box.backup();
  const before = await box.onDrive();
  expect(await box.backup()).toMatchObject({
    type: 'BackupFinished',
    totals: { files: 6, copied: 0, duplicates: 6, failed: 0 },
    drives: [{ files: 6, outcome: 'done' }],
  });
  expect(await box.onDrive()).toEqual(before);
});

test('one new file copies one', async () => {
  const box = await world();
  await box.put('DCIM/100/IMG_1.JPG', 'one');
  await box.backup();
  await box.put('DCIM/100/IMG_2.JPG', 'other');
  expect(await box.backup()).toMatchObject({ totals: { copied: 1, duplicates: 1 } });
});

test('the day is the one that the camera wrote into the picture, for the whole shot', async () => {
  const box = await world();
  await box.put('IMG_1.JPG', 'day:2020-02-29 picture', NOON);
  await box.put('IMG_1.CR2', 'a raw without a date', NOON);
  await box.put('IMG_1.xmp', 'day:2001-01-01 not asked', NOON);
  await box.backup();
  expect(Object.keys(await box.onDrive())).toEqual([
    'Photos/2020/2020-02-29/IMG_1.CR2',
    'Photos/2020/2020-02-29/IMG_1.JPG',
    'Photos/2020/2020-02-29/IMG_1.xmp',
  ]);
});

test.each([
  '2026-02-30',
  '0000-00-00',
  '9999-01-01',
  '../../etc',
])('a picture that says %s goes by its modification time', async (day) => {
  const box = await world();
  await box.put('IMG_1.JPG', `day:${day} picture`);
  await box.backup();
  expect(Object.keys(await box.onDrive())).toEqual([`${DAY}/IMG_1.JPG`]);
});

test('a clock that was set back gives an old day, and nothing is overwritten', async () => {
  const box = await world();
  await box.put('IMG_1.JPG', 'before', NOON);
  await box.backup();
  await box.put('IMG_1.JPG', 'after the battery was out', 0);
  await box.backup();
  expect(await box.onDrive()).toEqual({
    'Photos/1970/1970-01-01/IMG_1.JPG': 'after the battery was out',
    [`${DAY}/IMG_1.JPG`]: 'before',
  });
});

test('progress goes up to all of it and never beyond', async () => {
  const box = await world();
  await box.addDrive('SECOND');
  for (let n = 1; n <= 5; n += 1) await box.put(`IMG_${n}.JPG`, 'x'.repeat(n * 1000));
  const seen: LiveProgress[] = [];
  await box.backup({ progress: (progress) => seen.push(progress) });
  const all = { filesDone: 5, bytesDone: 15_000 };
  expect(seen.at(-1)).toEqual({
    ...all,
    filesTotal: 5,
    bytesTotal: 15_000,
    drives: box.drives.map(({ drive }) => ({ id: drive.id, ...all })),
  });
  for (const [at, { bytesDone }] of seen.entries()) {
    expect(bytesDone).toBeGreaterThanOrEqual(seen[at - 1]?.bytesDone ?? 0);
    expect(bytesDone).toBeLessThanOrEqual(15_000);
  }
  expect(seen.some(({ filesDone }) => filesDone === 0)).toBe(true);
});

test('batches are recorded as they are done: at most 256 files, in facts of 128', async () => {
  const box = await world();
  // More than five batches: one is gathered, one flushed, one read back and one placed while the card is read ahead.
  for (let n = 1; n <= 1500; n += 1) await box.put(`F${n}.JPG`, `content ${n}`);
  await box.backup();
  const counts = box.journal.of('FilesSettled').map(({ copied }) => copied.length);
  expect(counts).toEqual([...Array.from({ length: 11 }, () => 128), 92]);
  // Nothing is known to be read before the last of them.
  const types = box.journal.facts.map(({ type }) => type);
  expect(types.indexOf('CardRead')).toBeGreaterThan(types.indexOf('FilesSettled'));
});

test('a large file ends a batch by its bytes', async () => {
  const box = await world();
  await box.put('A.JPG', Buffer.alloc(65 * 1024 * 1024, 1), NOON + 1000);
  await box.put('B.JPG', 'small', NOON);
  await box.backup();
  expect(box.journal.of('FilesSettled').map(({ copied }) => copied.map(({ path }) => path))).toEqual([
    ['A.JPG'],
    ['B.JPG'],
  ]);
});

test('the newest are copied first, and what is on no drive before what may be', async () => {
  const box = await world();
  await box.put('OLD.JPG', 'aaaa', NOON - 10_000);
  await box.backup();
  await box.put('TWIN.JPG', 'bbbb', NOON + 10_000);
  await box.put('MIDDLE.JPG', 'ccccc', NOON - 5000);
  await box.put('NEWEST.JPG', 'dddddd', NOON + 5000);
  const read: string[] = [];
  await box.backup({
    cards: altered(box.cards, {
      open: (root, file) => {
        read.push(file.path);
        return box.cards.open(root, file);
      },
    }),
  });
  expect([...new Set(read)]).toEqual(['NEWEST.JPG', 'MIDDLE.JPG', 'TWIN.JPG', 'OLD.JPG']);
});
