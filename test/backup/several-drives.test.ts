import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { DriveError } from '../../services/errors.ts';
import type { DriveStore } from '../../services/media-ports.ts';
import { altered, DAY, NOON, type World, world } from './world.ts';

const full = (store: DriveStore): DriveStore => altered(store, { freeBytes: async () => 1 });
const lost = (store: DriveStore): DriveStore =>
  altered(store, {
    settle: async () => {
      throw new DriveError('drive-lost', 'unplugged');
    },
  });

async function twoDrives(): Promise<{ box: World; first: DriveStore; second: DriveStore }> {
  const box = await world();
  const second = await box.addDrive('SECOND');
  await box.put('IMG_1.JPG', 'content');
  await box.put('IMG_2.JPG', 'another');
  return { box, first: box.drive, second };
}

test('every drive gets every file; the card is read when the last one has it', async () => {
  const { box, first, second } = await twoDrives();
  expect(await box.backup()).toMatchObject({
    type: 'BackupFinished',
    totals: { files: 2, bytes: 14, copied: 2, duplicates: 0, failed: 0 },
    drives: [
      { driveId: first.drive.id, outcome: 'done', files: 2, bytes: 14 },
      { driveId: second.drive.id, outcome: 'done', files: 2, bytes: 14 },
    ],
  });
  expect(await box.onDrive(first)).toEqual(await box.onDrive(second));
  expect(box.journal.facts.map(({ type }) => type)).toEqual([
    'BackupPlanned',
    'CardRead',
    'BackupFlushed',
    'FilesSettled',
    'FilesSettled',
    'BackupVerified',
    'BackupFinished',
  ]);
  const settled = box.journal.of('FilesSettled').map(({ driveId }) => driveId);
  expect(new Set(settled)).toEqual(new Set([first.drive.id, second.drive.id]));
});

test('what is on one drive only is copied to the other', async () => {
  const { box, first, second } = await twoDrives();
  await box.backup({ drives: [first] });
  expect(await box.backup()).toMatchObject({ type: 'BackupFinished', totals: { copied: 2, duplicates: 0 } });
  expect(await box.onDrive(second)).toEqual(await box.onDrive(first));
});

test.each([
  'full',
  'lost',
] as const)('a drive that is %s does not stop the other, and the end is red', async (how) => {
  const { box, first, second } = await twoDrives();
  const bad = how === 'full' ? full(first) : lost(first);
  const reason = how === 'full' ? 'drive-full' : 'drive-lost';
  for (const drives of [
    [bad, second],
    [second, bad],
  ]) {
    const end = await box.backup({ drives });
    expect(end).toMatchObject({ type: 'BackupFailed', reason });
    const results = end.type === 'BackupFailed' ? end.drives : [];
    expect(results.find(({ driveId }) => driveId === second.drive.id)).toMatchObject({
      outcome: 'done',
      files: 2,
    });
    expect(results.find(({ driveId }) => driveId === first.drive.id)).toMatchObject({
      outcome: 'failed',
      reason,
    });
  }
  expect(Object.keys(await box.onDrive(second))).toEqual([`${DAY}/IMG_1.JPG`, `${DAY}/IMG_2.JPG`]);
});

test('one copy is enough where one is asked for, whatever the other drive says', async () => {
  const { box, first, second } = await twoDrives();
  const end = await box.backup({ drives: [first, lost(second)], copies: 1 });
  expect(end).toMatchObject({
    type: 'BackupFinished',
    trusted: true,
    drives: [{ outcome: 'done' }, { outcome: 'failed', reason: 'drive-lost' }],
  });
  // Every phase is there before the end, although the last drive never came to it.
  expect(box.journal.of('CardRead')).toHaveLength(1);
  expect(box.journal.of('BackupVerified')).toHaveLength(1);
});

test('the only trusted copy counts, not one that was read from the cache', async () => {
  const { box, first, second } = await twoDrives();
  const cache = altered(first, {
    drive: { ...first.drive, kind: 'volume' },
    rules: { ...first.rules, verifiedFrom: 'cache' },
  });
  expect(await box.backup({ drives: [cache, lost(second)], copies: 1 })).toMatchObject({ trusted: false });
  expect(await box.backup({ drives: [cache, second], copies: 1 })).toMatchObject({ trusted: true });
  expect(await box.backup({ drives: [cache, second], copies: 2 })).toMatchObject({ trusted: false });
});

test('fewer drives than copies: what can be copied is copied, and the end is red', async () => {
  const { box, first } = await twoDrives();
  expect(await box.backup({ drives: [first], copies: 2 })).toMatchObject({
    type: 'BackupFailed',
    reason: 'too-few-copies',
    totals: { copied: 2 },
    drives: [{ outcome: 'done' }],
  });
  expect(Object.keys(await box.onDrive(first))).toHaveLength(2);
});

test('several reasons: the one with the lowest code is told', async () => {
  const { box, first, second } = await twoDrives();
  expect(await box.backup({ drives: [lost(first), full(second)] })).toMatchObject({ reason: 'drive-full' });
  expect(await box.backup({ drives: [lost(first), full(second)], copies: 3 })).toMatchObject({
    reason: 'too-few-copies',
  });
});

test('a file that failed on one drive counts as failed', async () => {
  const { box, first, second } = await twoDrives();
  const small = altered(second, { rules: { ...second.rules, maxFileBytes: 6 } });
  expect(await box.backup({ drives: [first, small] })).toMatchObject({
    reason: 'file-too-large',
    totals: { copied: 0, failed: 2 },
    drives: [{ outcome: 'done', files: 2 }, { outcome: 'failed' }],
  });
});

test('pulled while both drives are written: each has what it acknowledged, the next run finishes both', async () => {
  const { box, first, second } = await twoDrives();
  for (let n = 0; n < 1800; n += 1) await box.put(`MANY_${n}.JPG`, `content ${n}`, NOON - n);
  let settled = 0;
  const end = await box.backup({
    emit: async (fact) => {
      await box.journal.emit(fact);
      if (fact.type === 'FilesSettled') settled += 1;
    },
    stop: () => (settled > 0 ? 'card-removed' : null),
  });
  expect(end).toMatchObject({
    type: 'BackupInterrupted',
    drives: [{ outcome: 'interrupted' }, { outcome: 'interrupted' }],
  });
  for (const { driveId, copied } of box.journal.of('FilesSettled')) {
    const store = driveId === first.drive.id ? first : second;
    expect(Object.keys(await box.onDrive(store))).toEqual(expect.arrayContaining(copied.map(({ to }) => to)));
  }
  expect(await box.backup()).toMatchObject({ type: 'BackupFinished' });
  expect(await box.onDrive(second)).toEqual(await box.onDrive(first));
});

test('two cards at once to one drive keep all names apart', async () => {
  const box = await world();
  for (const label of ['SD1', 'SD2']) {
    await box.insert(label);
    for (let n = 0; n < 40; n += 1) await box.put(`IMG_${n}.JPG`, `${label} ${n}`);
    for (let n = 0; n < 5; n += 1) await box.put(`SAME_${n}.JPG`, Buffer.from(`same ${n}`));
  }
  const second = box.card;
  const first = { ...second, id: second.id.replace('SD2', 'SD1') as never, label: 'SD1' };
  const ends = await Promise.all([
    box.backup({ card: { ...first, path: second.path.replace('SD2', 'SD1') } }),
    box.backup({ card: second }),
  ]);
  expect(ends).toHaveLength(2);
  expect(box.journal.of('BackupFinished')).toHaveLength(2);
  const contents = Object.values(await box.onDrive());
  expect(contents).toHaveLength(85);
  expect(new Set(contents).size).toBe(85);
});
