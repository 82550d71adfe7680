import { Subject } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { UserError } from '../../services/errors.ts';
import { driveReader } from '../../services/verify/drive-reader.ts';
import type { FolderReader } from '../../services/verify/ports.ts';
import type { VerifyRun } from '../../services/verify/run.ts';
import { verifyFolder } from '../../services/verify/verify.ts';
import type { VerifyProgress, VerifyResult } from '../../services/work-shapes.ts';
import { flush } from '../runtime/kit.ts';
import { JournalDrive } from './journal-drive.ts';
import { resultOf } from './work.ts';

const VIDEO = 'Photos/video.mp4';
const SMALL = 'Photos/zz.jpg';

let box: JournalDrive;
let clock: VirtualClock;
let changed: Subject<void>;
let busy: boolean;
let stop: AbortController;
beforeEach(async () => {
  box = new JournalDrive();
  clock = new VirtualClock();
  changed = new Subject();
  busy = false;
  stop = new AbortController();
  await box.backup(VIDEO, SMALL);
  box.drive.blockBytes = 4;
});

/** `VIDEO` has 27 bytes, `SMALL` 24. */
const runAt = (rateBytesPerSecond: number | null): VerifyRun => ({
  clock,
  rateBytesPerSecond,
  backups: { isBusy: () => busy, changed$: changed },
  stop: stop.signal,
});

/** Follows work while somebody else turns the clock. */
function watch(run: VerifyRun) {
  const seen = {
    progress: [] as VerifyProgress[],
    result: null as VerifyResult | null,
    error: null as unknown,
  };
  const follow = async () => {
    for await (const message of box.work(run)) {
      if ('result' in message) seen.result = message.result;
      else seen.progress.push(message.progress);
    }
  };
  const ended = follow().catch((error: unknown) => {
    seen.error = error;
  });
  return { seen, ended };
}

async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    await flush();
    clock.advance(100);
  }
  await flush();
}

describe('a file that takes long', () => {
  it('is read at the rate, block by block, and shows that it goes on', async () => {
    const { seen, ended } = watch(runAt(4));
    await pass(3100);
    expect(box.reads).toEqual([VIDEO]);
    expect(seen.progress.at(-1)).toMatchObject({ filesDone: 0, bytesDone: expect.any(Number) });
    const bytes = seen.progress.map(({ bytesDone }) => bytesDone);
    expect(bytes.at(-1)).toBeGreaterThanOrEqual(12);
    expect(bytes.at(-1)).toBeLessThan(27);
    expect(bytes).toEqual([...bytes].sort((a, b) => a - b));
    expect(seen.progress.at(-1)?.rateBytesPerSecond).toBeGreaterThan(2);
    await pass(11_000);
    await ended;
    expect(seen).toMatchObject({ result: { ok: true, files: 2 }, error: null });
    expect(seen.progress.at(-1)).toMatchObject({ filesDone: 2, bytesDone: 51 });
  });

  it('stands still while a backup runs, and says so', async () => {
    const { seen, ended } = watch(runAt(4));
    await pass(1500);
    busy = true;
    changed.next();
    await pass(1000);
    const before = seen.progress.at(-1);
    await pass(60_000);
    expect(seen.progress.at(-1)).toMatchObject({ waiting: true, bytesDone: before?.bytesDone });
    busy = false;
    changed.next();
    await pass(14_000);
    await ended;
    expect(seen.result).toMatchObject({ ok: true, files: 2 });
  });

  it('is no altered one when it is stopped in the middle', async () => {
    const { seen, ended } = watch(runAt(4));
    await pass(1500);
    const why = new UserError('test' as never, 75, 'stopped', 'go on');
    stop.abort(why);
    await ended;
    expect(seen.error).toBe(why);
    expect(box.of('CopiesLost')).toEqual([]);
    expect(box.of('VerificationProgressed')).toEqual([]);
  });

  it('lets go when nobody listens any more', async () => {
    const work = box.work(runAt(4))[Symbol.asyncIterator]();
    await work.next();
    const second = work.next();
    await pass(600);
    await second;
    await work.return?.();
    // The timers of the rate and of the signs of life.
    expect(clock.armed).toBe(0);
    expect(box.of('VerificationFinished')).toEqual([]);
  });

  it('makes nobody wait to hear of a copy that was lost before it', async () => {
    box = new JournalDrive();
    await box.backup('Photos/a.jpg', 'Photos/b.jpg', VIDEO);
    box.drive.blockBytes = 4;
    box.drive.put('Photos/a.jpg', 'altered');
    box.drive.put('Photos/b.jpg', 'altered');
    const { ended } = watch(runAt(4));
    await pass(3000);
    // The first was told of at once; the second came within the same second.
    expect(box.of('CopiesLost').flatMap(({ files }) => files.map(({ to }) => to))).toContain('Photos/a.jpg');
    await pass(5500);
    expect(box.reads).toEqual(['Photos/a.jpg', 'Photos/b.jpg', VIDEO]);
    expect(box.of('CopiesLost').flatMap(({ files }) => files.map(({ to }) => to))).toEqual([
      'Photos/a.jpg',
      'Photos/b.jpg',
    ]);
    stop.abort(new Error('enough'));
    await ended;
  });
});

describe('a verification', () => {
  it('does not open its first file while a backup runs', async () => {
    busy = true;
    const { seen, ended } = watch(runAt(null));
    await pass(5000);
    expect(box.reads).toEqual([]);
    expect(seen.progress.at(-1)).toMatchObject({ waiting: true, filesDone: 0 });
    busy = false;
    changed.next();
    await ended;
    expect(seen.result).toMatchObject({ ok: true, files: 2 });
  });

  it('leaves no timer behind, whatever the number of files', async () => {
    expect(await resultOf(box.work(runAt(null)))).toMatchObject({ ok: true });
    expect(clock.armed).toBe(0);
  });
});

describe('a reader that does not tell of its blocks', () => {
  it('is held to the rate file by file', async () => {
    const reader = driveReader(box.drive);
    const silent = {
      ...reader,
      hash: (path: Parameters<typeof reader.hash>[0]) => reader.hash(path, 'xxh64'),
    };
    const { list, stat, readText } = reader;
    const folder = { ...silent, list, stat, readText };
    const result = resultOf(verifyFolder(folder, '/drive', runAt(51)));
    let done = false;
    void result.then(() => {
      done = true;
    });
    await pass(900);
    expect(done).toBe(false);
    await pass(200);
    expect(await result).toMatchObject({ ok: true, files: 2 });
  });
});

describe('a stop while names are listed', () => {
  const WHY = new UserError('stopped' as never, 75, 'stopped', 'go on');

  /** Stops in the middle of the nth listing. Returns how many names were told after that. */
  function listing(nth: number): { readonly reader: FolderReader; readonly after: () => number } {
    const real = driveReader(box.drive);
    let [walks, after] = [0, 0];
    const reader: FolderReader = {
      ...real,
      async *walk() {
        walks += 1;
        for await (const file of real.walk()) {
          if (walks === nth) stop.abort(WHY);
          if (stop.signal.aborted) after += 1;
          yield file;
        }
      },
    };
    return { reader, after: () => after };
  }

  it.each([
    ['while histories are looked for', 1],
    ['while files are counted', 2],
    ['while new files are looked for', 3],
  ])('%s ends it at the next name', async (_name, nth) => {
    const { reader, after } = listing(nth);
    await expect(resultOf(verifyFolder(reader, 'folder', runAt(null)))).rejects.toBe(WHY);
    expect(after()).toBe(1);
  });
});
