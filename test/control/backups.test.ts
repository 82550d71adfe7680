import { beforeEach, describe, expect, test } from 'vitest';
import type { CommandOf } from '../../machines/commands.ts';
import type { Fact } from '../../machines/facts.ts';
import { backupId } from '../../machines/ids.ts';
import {
  type BackupHooks,
  type BackupRun,
  Backups,
  type BackupsDeps,
} from '../../services/control/backups.ts';
import { MountError } from '../../services/devices/holds.ts';
import { DriveError } from '../../services/errors.ts';
import { backupFailed, backupFinished, backupPlanned, card, drive } from '../machines/story.ts';
import { flush, VirtualClock } from '../runtime/kit.ts';
import { driveStore } from './kit.ts';

const ID = backupId('20261121-9');
const START: CommandOf<'backup.start'> = {
  type: 'backup.start',
  backupId: ID,
  card: card('A'),
  driveIds: [drive('D').id],
  attached: 1,
  fit: true,
};

let clock: VirtualClock;
let emitted: Fact[];
let warnings: string[];
beforeEach(() => {
  clock = new VirtualClock();
  emitted = [];
  warnings = [];
});

function backups(run: BackupsDeps['run'], change: Partial<BackupsDeps> = {}) {
  return new Backups({
    run,
    openDrive: async (one) => driveStore(one, async () => undefined),
    hold: async () => async () => undefined,
    emit: async (fact) => void emitted.push(fact),
    clock,
    warn: (text) => warnings.push(text),
    ...change,
  });
}

/** Begins and hands out the hooks; the engine goes on until `end` is called. */
async function begun() {
  const seats: { hooks: BackupHooks; run: BackupRun; end: () => void }[] = [];
  const service = backups((run, hooks) => new Promise((end) => seats.push({ hooks, run, end })));
  const running = service.start(START, [drive('D'), drive('E')]);
  await flush();
  const [seat] = seats;
  if (seat === undefined) throw new Error('the engine did not begin');
  return { service, running, ...seat };
}

describe('a backup', () => {
  test('gets its card and the opened drives', async () => {
    const { run } = await begun();
    expect(run).toMatchObject({ backupId: ID, card: card('A'), fit: true });
    expect(run.drives.map((store) => store.drive.label)).toEqual(['D', 'E']);
  });

  test('that ends by its own word is not told to have failed', async () => {
    const { hooks, end, running } = await begun();
    await hooks.emit(backupPlanned(ID, 'A'));
    await hooks.emit(backupFinished(ID, 'A'));
    end();
    await running;
    expect(emitted).toEqual([backupPlanned(ID, 'A'), backupFinished(ID, 'A')]);
    expect(warnings).toEqual([]);
  });

  test.each([
    ['a bug', new TypeError('x is not a function'), 'internal'],
    ['a lost drive', new DriveError('drive-lost', 'gone'), 'drive-lost'],
  ])('that breaks by %s has failed', async (_, error, reason) => {
    await backups(() => Promise.reject(error)).start(START, [drive('D')]);
    expect(emitted).toEqual([
      {
        type: 'BackupFailed',
        backupId: ID,
        cardId: card('A').id,
        reason,
        detail: error.message,
        totals: { files: 0, bytes: 0, copied: 0, duplicates: 0, failed: 0 },
        drives: [],
      },
    ]);
    expect(warnings).toEqual([`backup ${ID} failed: ${error.message}`]);
  });

  test('with a drive that cannot be opened: the engine is told, and goes on with the others', async () => {
    const given: BackupRun[] = [];
    const locked = new DriveError('drive-not-writable', 'locked');
    const service = backups(
      async (run, hooks) => {
        given.push(run);
        await hooks.emit(backupFailed(ID, 'A', 'drive-not-writable'));
      },
      {
        openDrive: async (wanted) => {
          if (wanted.id === drive('D').id) throw locked;
          return driveStore(wanted, async () => undefined);
        },
      },
    );
    await service.start(START, [drive('D'), drive('E')]);
    expect(given[0]?.drives.map((store) => store.drive.id)).toEqual([drive('E').id]);
    expect(given[0]?.unopened).toEqual([{ drive: drive('D'), error: locked }]);
  });

  test('that returns without an end has failed: the light would copy for ever', async () => {
    const { hooks, end, running } = await begun();
    await hooks.emit(backupPlanned(ID, 'A'));
    end();
    await running;
    expect(emitted.at(-1)).toMatchObject({ type: 'BackupFailed', reason: 'internal' });
  });

  test('ends once: what breaks after the end is an internal error, not a second end', async () => {
    const service = backups(async (_, hooks) => {
      await hooks.emit(backupFailed(ID, 'A', 'drive-full'));
      throw new Error('in the cleaning up');
    });
    await service.start(START, []);
    expect(emitted).toEqual([
      backupFailed(ID, 'A', 'drive-full'),
      { type: 'InternalErrorOccurred', reason: 'internal', detail: `backup ${ID}: in the cleaning up` },
    ]);
  });

  test('whose end could not be recorded has not ended', async () => {
    const refused: string[] = [];
    const emit = async (fact: Fact) => {
      refused.push(fact.type);
      if (fact.type === 'BackupFinished') throw new Error('the fact queue is full');
    };
    await backups((_, hooks) => hooks.emit(backupFinished(ID, 'A')), { emit }).start(START, []);
    expect(refused).toEqual(['BackupFinished', 'BackupFailed']);
  });

  test('that can record nothing at all still lets its starter go', async () => {
    const emit = () => Promise.reject(new Error('the runtime has stopped'));
    const service = backups((_, hooks) => hooks.emit(backupFinished(ID, 'A')), { emit });
    await service.start(START, []);
    expect(service.progress(ID)).toBeNull();
  });
});

describe('stopping', () => {
  test('tells the engine why', async () => {
    const { service, hooks } = await begun();
    service.stop(backupId('another'), 'shutdown');
    expect(hooks.stop.aborted).toBe(false);
    service.stop(ID, 'card-removed');
    expect(hooks.stop.aborted).toBe(true);
    expect(hooks.stop.reason).toBe('card-removed');
  });

  test('is not forgotten when it comes while the drives are being opened', async () => {
    const aborted: unknown[] = [];
    const service = backups(async (_, hooks) => {
      aborted.push(hooks.stop.reason);
      await hooks.emit(backupFailed(ID, 'A', 'card-removed'));
    });
    const running = service.start(START, [drive('D')]);
    service.stop(ID, 'shutdown');
    await running;
    expect(aborted).toEqual(['shutdown']);
  });
});

describe('progress', () => {
  test('is null for what does not run, zero at first, then what the engine says', async () => {
    const { service, hooks, end, running } = await begun();
    const heard: string[] = [];
    service.progressed$.subscribe((id) => heard.push(id));
    expect(service.progress(backupId('another'))).toBeNull();
    expect(service.progress(ID)).toEqual({
      filesDone: 0,
      filesTotal: 0,
      bytesDone: 0,
      bytesTotal: 0,
      drives: [],
      rateBytesPerSecond: null,
    });
    clock.advance(2000);
    expect(service.progress(ID)?.rateBytesPerSecond).toBeNull();
    hooks.progress({ filesDone: 3, filesTotal: 10, bytesDone: 5000, bytesTotal: 1000, drives: [] });
    expect(service.progress(ID)).toEqual({
      filesDone: 3,
      filesTotal: 10,
      bytesDone: 5000,
      bytesTotal: 1000,
      drives: [],
      rateBytesPerSecond: 2500,
    });
    expect(heard).toEqual([ID]);
    end();
    await running;
    expect(service.progress(ID)).toBeNull();
  });

  test('has no rate before any time has passed', async () => {
    const { service, hooks } = await begun();
    hooks.progress({ filesDone: 1, filesTotal: 10, bytesDone: 100, bytesTotal: 1000, drives: [] });
    expect(service.progress(ID)?.rateBytesPerSecond).toBeNull();
  });
});

describe('the card of a backup', () => {
  const ends = [
    ['done', backupFinished(ID, 'A')],
    ['failed', backupFailed(ID, 'A', 'drive-full')],
  ] as const;

  test.each(ends)('is let go before the light says that the backup is %s', async (_, end) => {
    const order: string[] = [];
    const service = backups(async (_run, hooks) => hooks.emit(end), {
      hold: async ({ label }) => {
        order.push(`hold ${label}`);
        return async () => void order.push('release');
      },
      emit: async (fact) => void order.push(fact.type),
    });
    await service.start(START, [drive('D')]);
    expect(order.slice(0, 3)).toEqual(['hold A', 'release', end.type]);
  });

  test('is let go when the engine breaks', async () => {
    let released = false;
    const hold = async () => async () => {
      released = true;
    };
    await backups(() => Promise.reject(new Error('x')), { hold }).start(START, [drive('D')]);
    expect(released).toBe(true);
  });

  test('that cannot be mounted is error 8, and no drive is opened', async () => {
    const openDrive = () => Promise.reject(new Error('opened'));
    const hold = () => Promise.reject(new MountError('A: its file system is damaged', false));
    await backups(async () => undefined, { hold, openDrive }).start(START, [drive('D')]);
    expect(emitted).toMatchObject([
      { type: 'BackupFailed', reason: 'mount-failed', detail: 'A: its file system is damaged' },
    ]);
  });

  test('that was pulled before it was mounted interrupts the backup', async () => {
    const hold = () => Promise.reject(new MountError('A: gone', true));
    await backups(async () => undefined, { hold }).start(START, [drive('D')]);
    expect(emitted).toMatchObject([{ type: 'BackupInterrupted', reason: 'card-removed' }]);
  });
});
