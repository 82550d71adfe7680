import { expect, test } from 'vitest';
import { memoryPlan } from '../../adapters/memory/memory-plan.ts';
import { backupId } from '../../machines/ids.ts';
import type { DriveContext } from '../../services/backup/drive-context.ts';
import { type DrivePlan, type Plans, planDrives } from '../../services/backup/drive-plan.ts';
import type { BackupJob, StopWhy } from '../../services/backup/job.ts';
import { planCard } from '../../services/backup/plan.ts';
import type { PlanStore } from '../../services/backup/ports.ts';
import { Reservations } from '../../services/backup/reservations.ts';
import { Source } from '../../services/backup/source.ts';
import { CardError, DriveError } from '../../services/errors.ts';
import { shelvingOf } from '../../services/library/layout.ts';
import type { CardReader, DriveStore } from '../../services/media-ports.ts';
import { altered, NOON, type World, world } from './world.ts';

interface Options extends Partial<Pick<BackupJob, 'fit' | 'backupId' | 'reserveBytes'>> {
  readonly cards?: CardReader;
  readonly store?: PlanStore;
  readonly drives?: readonly DriveStore[];
  readonly reservations?: Reservations;
  readonly stop?: () => StopWhy | null;
}

async function plan(box: World, options: Options = {}): Promise<Plans> {
  const { cards = box.cards, store = memoryPlan(), drives = box.drives } = options;
  const source = new Source({
    cards,
    root: box.card.path,
    stop: options.stop ?? (() => null),
    onBytes: () => undefined,
    formatOf: () => null,
    twice: false,
  });
  const job = {
    backupId: backupId('20261121-9'),
    card: box.card,
    fit: false,
    reserveBytes: 0,
    ...options,
  } as Partial<BackupJob> as BackupJob;
  const { catalogue } = box.journal;
  const lanes = drives.map((drive): DriveContext => {
    const shelf = { driveId: drive.drive.id, restricted: false, catalogue };
    return {
      job,
      store: drive,
      catalogue,
      source,
      cardHistory: { wanted: () => null },
      shelving: shelvingOf(box.card, { layout: 'dated', template: '', dayStarts: '00:00' }, shelf),
      filmOf: () => null,
      films: { captureOf: async () => null },
      claim: () => true,
      onReadBack: () => undefined,
      onLost: async () => undefined,
    };
  });
  const card = await planCard(cards, box.card.path, source, store);
  return planDrives(card, lanes, store, options.reservations);
}

/** Name of the leading file of each group, with its states. */
const statesOf = (plans: Plans): string[] =>
  [...plans.groups()].map(
    ({ group, states }) => `${group.members[0]?.path.split('/').at(-1)} ${states.join(' ')}`,
  );

const first = (plans: Plans): DrivePlan => plans.drives[0] as DrivePlan;

/** A volume with 100 files on both of its drives. */
async function hundredOnTwo(): Promise<World> {
  const box = await world();
  box.asVolume();
  await box.addDrive('SPARE');
  for (let n = 0; n < 100; n += 1) await box.put(`DCIM/IMG_${n}.JPG`, `photo ${n}`);
  await box.backup();
  return box;
}

/** Counts what is asked of the card. */
function counted(box: World) {
  const calls: number[] = [];
  const cards = altered(box.cards, {
    readStarts: async (root, files, maxBytes) => {
      calls.push(files.length);
      return box.cards.readStarts(root, files, maxBytes);
    },
  });
  return { cards, calls };
}

test('one reading of the beginnings serves every drive, 64 files a call at most', async () => {
  const box = await hundredOnTwo();
  const { cards, calls } = counted(box);
  const plans = await plan(box, { cards });
  expect(calls).toEqual([64, 36]);
  expect(new Set(statesOf(plans).map((line) => line.split(' ').slice(1).join(' ')))).toEqual(
    new Set(['known known']),
  );
  expect(plans.drives).toMatchObject([
    { share: { files: 100 }, fits: true, neededBytes: 0 },
    { share: { files: 100 }, fits: true, neededBytes: 0 },
  ]);
});

test('what no drive has on record is not even opened', async () => {
  const box = await world();
  box.asVolume();
  await box.put('IMG_1.JPG');
  const { cards, calls } = counted(box);
  expect(statesOf(await plan(box, { cards }))).toEqual(['IMG_1.JPG new']);
  expect(calls).toEqual([]);
});

test('a drive is asked for what lies on it in one call for many files', async () => {
  const box = await hundredOnTwo();
  const asked: number[] = [];
  const drive = altered(box.drive, {
    statAll: async (paths) => {
      asked.push(paths.length);
      return box.drive.statAll(paths);
    },
  });
  await plan(box, { drives: [drive] });
  expect(asked).toEqual([64, 36]);
});

test('a file of 64 KiB at most is held against all of its content', async () => {
  const box = await world();
  box.asVolume();
  await box.put('IMG_1.JPG', 'one');
  await box.backup();
  const record = box.journal.of('FilesSettled')[0];
  const [copied] = record?.copied ?? [];
  // A journal that says another content has the same beginning.
  if (record !== undefined && copied !== undefined)
    await box.journal.emit({ ...record, copied: [{ ...copied, xxh64: '0123456789abcdef' }] });
  expect(statesOf(await plan(box))).toEqual(['IMG_1.JPG maybe']);
});

test('a beginning that was not steady while it was read tells nothing', async () => {
  const box = await world();
  box.asVolume();
  await box.put('IMG_1.JPG', 'one');
  await box.backup();
  const cards = altered(box.cards, {
    readStarts: async (root, files, maxBytes) => {
      const starts = await box.cards.readStarts(root, files, maxBytes);
      return {
        ...starts,
        files: starts.files.map((start) => ({ ...start, steady: false })) as typeof starts.files,
      };
    },
  });
  expect(statesOf(await plan(box, { cards }))).toEqual(['IMG_1.JPG maybe']);
});

test('each drive has its own state, and what is new on any of them is copied first, the newest at its head', async () => {
  const box = await world();
  box.asVolume();
  const only = [box.drive];
  await box.put('known.JPG', 'one', NOON + 9000);
  await box.backup({ drives: only });
  await box.addDrive('SPARE');
  await box.put('twin.JPG', 'eno', NOON + 8000);
  await box.put('older.JPG', 'four', NOON + 1000);
  await box.put('newer.JPG', 'fives', NOON + 2000);
  expect(statesOf(await plan(box))).toEqual([
    'known.JPG known new',
    'twin.JPG maybe new',
    'newer.JPG new new',
    'older.JPG new new',
  ]);
  expect(statesOf(await plan(box, { drives: only }))).toEqual([
    'newer.JPG new',
    'older.JPG new',
    'known.JPG known',
    'twin.JPG maybe',
  ]);
});

test.each([1, 2])('a drive that fails at its %s. question is none of the others business', async (fails) => {
  const box = await hundredOnTwo();
  await box.put('DCIM/NEW.JPG', 'quite new');
  let asked = 0;
  const spare = box.drives[1] as DriveStore;
  const failing = altered(spare, {
    statAll: async (paths) => {
      asked += 1;
      if (asked >= fails) throw new DriveError('drive-failing', 'EIO');
      return spare.statAll(paths);
    },
  });
  const plans = await plan(box, { drives: [box.drive, failing] });
  expect(plans.drives[1]).toMatchObject({ name: 'DriveError', reason: 'drive-failing' });
  expect(first(plans)).toMatchObject({ share: { files: 101 }, neededBytes: 9 });
  const lines = statesOf(plans);
  expect(lines[0]).toBe('NEW.JPG new none');
  expect(lines.slice(1).every((line) => line.endsWith(' known none'))).toBe(true);
  // The next question was on its way.
  expect(asked).toBeLessThanOrEqual(fails + 1);
});

test('what only a failed drive needed is not urgent any more', async () => {
  const box = await world();
  box.asVolume();
  await box.put('a.JPG', 'one', NOON + 9000);
  await box.backup();
  await box.put('b.JPG', 'three', NOON);
  const spare = await box.addDrive('SPARE');
  const failing = altered(spare, {
    freeBytes: async () => {
      throw new DriveError('drive-lost', 'gone');
    },
  });
  const plans = await plan(box, { drives: [box.drive, failing] });
  expect(plans.drives[1]).toMatchObject({ reason: 'drive-lost' });
  expect(statesOf(plans)).toEqual(['b.JPG new none', 'a.JPG known none']);
});

test('a fault that is not of the drive ends the planning', async () => {
  const box = await hundredOnTwo();
  const broken = altered(box.drive, {
    statAll: async () => {
      throw new TypeError('a mistake of ours');
    },
  });
  await expect(plan(box, { drives: [broken] })).rejects.toThrow('a mistake of ours');
});

test('a card that goes away while it is planned', async () => {
  const box = await hundredOnTwo();
  let pulled = false;
  const cards = altered(box.cards, {
    readStarts: async (_root, files) => {
      pulled = true;
      return { files: files.map(() => new CardError('unreadable', 'EIO')), release: () => undefined };
    },
    isPresent: async () => !pulled,
  });
  await expect(plan(box, { cards })).rejects.toMatchObject({ why: 'card-removed' });
});

test('stops between two questions, also where nothing is read', async () => {
  const box = await world();
  for (let n = 0; n < 3; n += 1) await box.put(`IMG_${n}.JPG`);
  let listed = false;
  const cards = altered(box.cards, {
    isPresent: async (root) => {
      listed = true;
      return box.cards.isPresent(root);
    },
  });
  const stop = () => (listed ? ('shutdown' as const) : null);
  await expect(plan(box, { cards, stop })).rejects.toMatchObject({ why: 'shutdown' });
});

test('a scratch that gives back less than it was given is never taken for the card', async () => {
  const box = await world();
  await box.put('IMG_1.JPG');
  await box.put('IMG_2.JPG');
  const store = memoryPlan();
  const forgetful = altered(store, {
    *groups(order) {
      yield* [...store.groups(order)].slice(1);
    },
  });
  await expect(plan(box, { store: forgetful })).rejects.toMatchObject({
    name: 'JournalError',
    message: 'the plan gave back 1 of 2 files',
  });
});

test('room that another running backup is going to fill is not there', async () => {
  const box = await world();
  await box.put('IMG_1.JPG', 'x'.repeat(60));
  const drives = [altered(box.drive, { freeBytes: async () => 100, sizeBytes: async () => 1000 })];
  const reservations = new Reservations();
  const [one, two] = [backupId('20261121-1'), backupId('20261121-2')];
  const fits = async (id: typeof one) => {
    const planned = first(await plan(box, { drives, reservations, backupId: id }));
    return { fits: planned.fits, roomBytes: planned.roomBytes };
  };
  expect(await fits(one)).toEqual({ fits: true, roomBytes: 100 });
  expect(await fits(two)).toEqual({ fits: false, roomBytes: 40 });
  // Its own reservation is no hindrance, and what did not fit has none.
  expect(await fits(one)).toEqual({ fits: true, roomBytes: 100 });
  reservations.release(box.drive.drive.id, one);
  expect(await fits(two)).toEqual({ fits: true, roomBytes: 100 });
});

test('with `fit` the newest that fit are chosen for each drive on its own', async () => {
  const box = await world();
  await box.addDrive('SPARE');
  for (const [n, size] of [30, 50, 20].entries())
    await box.put(`IMG_${n}.JPG`, Buffer.alloc(size, n), NOON + n * 1000);
  const [tank, spare] = box.drives.map((drive, at) =>
    altered(drive, { freeBytes: async () => (at === 0 ? 70 : 60), sizeBytes: async () => 1000 }),
  ) as [DriveStore, DriveStore];
  const plans = await plan(box, { drives: [tank, spare], fit: true });
  expect(statesOf(plans)).toEqual(['IMG_2.JPG new new', 'IMG_1.JPG new left-out', 'IMG_0.JPG left-out new']);
  expect(plans.drives).toMatchObject([
    { share: { files: 2, bytes: 70 }, fits: true, neededBytes: 70 },
    { share: { files: 2, bytes: 50 }, fits: true, neededBytes: 50 },
  ]);
});

test('where room is tight a duplicate is found by one reading for all drives', async () => {
  const box = await world();
  await box.addDrive('SPARE');
  await box.put('IMG_1.JPG', 'x'.repeat(50));
  await box.backup();
  let opened = 0;
  const cards = altered(box.cards, {
    open: async (root, file) => {
      opened += 1;
      return box.cards.open(root, file);
    },
  });
  const drives = box.drives.map((drive) =>
    altered(drive, { freeBytes: async () => 10, sizeBytes: async () => 1000 }),
  );
  const plans = await plan(box, { cards, drives });
  expect(statesOf(plans)).toEqual(['IMG_1.JPG duplicate duplicate']);
  expect(plans.drives).toMatchObject([
    { fits: true, neededBytes: 0 },
    { fits: true, neededBytes: 0 },
  ]);
  expect(opened).toBe(1);
});
