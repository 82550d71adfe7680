import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import type { Fact } from '../../machines/facts.ts';
import { driveId, relativePath } from '../../machines/ids.ts';
import { VerificationStatus } from '../../services/shapes.ts';
import type { VerifyWork } from '../../services/verify/advice.ts';
import { VerificationBook } from '../../services/verify/book.ts';
import { MAX_REPORTED } from '../../services/verify/tally.ts';
import { ejected, Verifications } from '../../services/verify/verifications.ts';
import type { VerifyProgress } from '../../services/work-shapes.ts';
import { drive } from '../machines/story.ts';
import { flush } from '../runtime/kit.ts';
import { resultOf } from './work.ts';

const [D, E] = [drive('D'), drive('E')];
const RESULT = { ok: true, files: 1, altered: [], missing: [], new: [] };

let verifications: Verifications;
let clock: VirtualClock;
beforeEach(() => {
  clock = new VirtualClock();
  verifications = new Verifications(clock);
});

const tell = (fact: Fact) => verifications.follow({ fact, at: '2026-11-21T10:00:00.000Z', seq: 1 });

/** Ends when it is told to, or stopped. */
class Reader {
  end = (): void => undefined;
  readonly work = (stop: AbortSignal): VerifyWork => this.#work(stop);

  async *#work(stop: AbortSignal): VerifyWork {
    await new Promise<void>((resolve, reject) => {
      this.end = resolve;
      stop.addEventListener('abort', () => reject(stop.reason as Error));
    });
    yield { result: RESULT };
  }
}

const order = (...drives: (typeof D)[]) => ({ drives, name: drives.map(({ label }) => label).join(', ') });

function begin(...drives: (typeof D)[]): { readonly reader: Reader; readonly result: Promise<unknown> } {
  const reader = new Reader();
  return { reader, result: resultOf(verifications.on(order(...drives), reader.work)) };
}

describe('two verifications', () => {
  it('of one drive: the second is refused, until the first has ended', async () => {
    const first = begin(D);
    await expect(begin(D).result).rejects.toMatchObject({
      exitCode: 75,
      code: 'being-verified',
      message: expect.stringContaining(D.label),
    });
    await expect(begin(E, D).result).rejects.toMatchObject({ exitCode: 75 });
    first.reader.end();
    expect(await first.result).toEqual(RESULT);
    const second = begin(D);
    second.reader.end();
    expect(await second.result).toEqual(RESULT);
  });

  it('of two drives, or of folders, go on side by side', async () => {
    const all = [begin(D), begin(E), begin(), begin()];
    for (const { reader } of all) reader.end();
    expect(await Promise.all(all.map(({ result }) => result))).toHaveLength(4);
  });

  it('of one drive, when nobody listens to the first any more', async () => {
    const left = verifications.on(order(D), async function* () {
      yield { result: RESULT };
    });
    const iterator = left[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.return?.();
    const { reader, result } = begin(D);
    reader.end();
    expect(await result).toEqual(RESULT);
  });
});

describe('a verification is stopped', () => {
  it.each<[name: string, fact: Fact, exitCode: number]>([
    ['its drive goes', { type: 'DriveDetached', driveId: D.id }, 74],
    ['its drive is forgotten', { type: 'DriveForgotten', driveId: D.id }, 74],
    ['the box shuts down', { type: 'ShutdownRequested', action: 'poweroff' }, 75],
  ])('when %s', async (_name, fact, exitCode) => {
    const { result } = begin(D, E);
    const caught = result.catch((error: unknown) => error);
    tell(fact);
    expect(await caught).toMatchObject({ exitCode, hint: expect.stringContaining('goes on where it was') });
  });

  it('when its drive is ejected, and another one is not', async () => {
    const [one, other] = [begin(D), begin(E)];
    const caught = one.result.catch((error: unknown) => error);
    verifications.stop(D.id, ejected(D.label));
    tell({ type: 'DriveDetached', driveId: D.id });
    expect(await caught).toMatchObject({ exitCode: 75, code: 'drive-ejected' });
    other.reader.end();
    expect(await other.result).toEqual(RESULT);
  });
});

describe('one that was stopped, and the next one of that drive', () => {
  /** Takes its time to end. */
  class SlowReader extends Reader {
    #finish = (): void => undefined;
    readonly slow = (stop: AbortSignal) => this.#read(stop);
    readonly finish = () => this.#finish();

    async *#read(stop: AbortSignal): VerifyWork {
      try {
        yield* this.work(stop);
      } finally {
        await new Promise<void>((resolve) => {
          this.#finish = resolve;
        });
      }
    }
  }

  function stopped() {
    const reader = new SlowReader();
    const left = new AbortController();
    const result = resultOf(verifications.on({ ...order(D), left: left.signal }, reader.slow)).catch(
      (error: unknown) => error,
    );
    return { reader, result, left };
  }

  it.each<[name: string, stop: (left: AbortController) => void]>([
    ['left by whoever asked', (left) => left.abort(new Error('left'))],
    ['ejected', () => verifications.stop(D.id, ejected(D.label))],
  ])('%s: it waits for its end, and begins then', async (_name, stop) => {
    const first = stopped();
    await flush();
    stop(first.left);
    const second = begin(D);
    await flush();
    clock.advance(4900);
    await flush();
    expect(verifications.now).toHaveLength(1);
    first.reader.finish();
    await first.result;
    await flush();
    expect(verifications.now).toHaveLength(1);
    second.reader.end();
    expect(await second.result).toEqual(RESULT);
    expect(verifications.now).toEqual([]);
  });

  it('that does not end within five seconds: it is refused', async () => {
    const first = stopped();
    await flush();
    first.left.abort(new Error('left'));
    const second = begin(D).result.catch((error: unknown) => error);
    await flush();
    clock.advance(5000);
    expect(await second).toMatchObject({ exitCode: 75, code: 'being-verified' });
    first.reader.finish();
    await first.result;
  });

  it('and two that wait: one begins, the other is refused', async () => {
    const first = stopped();
    await flush();
    first.left.abort(new Error('left'));
    const others = [begin(D), begin(D)];
    const ends = others.map(({ result }) => result.catch((error: unknown) => error));
    await flush();
    first.reader.finish();
    await first.result;
    await flush();
    expect(verifications.now).toHaveLength(1);
    for (const { reader } of others) reader.end();
    expect(await Promise.all(ends)).toEqual([RESULT, expect.objectContaining({ code: 'being-verified' })]);
  });

  it('that is left while it waits never begins', async () => {
    const first = stopped();
    await flush();
    first.left.abort(new Error('left'));
    const gone = new AbortController();
    const reader = new Reader();
    const second = resultOf(verifications.on({ ...order(D), left: gone.signal }, reader.work));
    const caught = second.catch((error: unknown) => error);
    await flush();
    const why = new Error('gone');
    gone.abort(why);
    first.reader.finish();
    await first.result;
    expect(await caught).toBe(why);
    expect(verifications.now).toEqual([]);
  });

  afterEach(() => expect(verifications.now).toEqual([]));
});

describe('what runs now', () => {
  const PROGRESS: VerifyProgress = {
    filesDone: 1,
    filesTotal: 4,
    bytesDone: 10,
    bytesTotal: 40,
    rateBytesPerSecond: 5,
    secondsLeft: 6,
    waiting: false,
    drive: D.label,
    continued: { after: 'a', files: 1, at: '2026-11-21T10:00:00.000Z' },
  };

  it('is nothing, then what was asked for, then how far the drive is that is read', async () => {
    expect(verifications.now).toEqual([]);
    const shown: VerificationStatus[][] = [];
    const work = verifications.on(order(D, E), async function* () {
      shown.push(verifications.now);
      yield { progress: PROGRESS };
      yield { progress: { ...PROGRESS, drive: E.label, filesDone: 2 } };
      yield { result: RESULT };
    });
    for await (const _ of work) shown.push(verifications.now);
    const about = { drives: [D.id, E.id], startedAt: clock.stamp().at };
    const { drive: _, continued: __, ...amounts } = PROGRESS;
    const nothing = { filesDone: 0, filesTotal: 0, bytesDone: 0, bytesTotal: 0 };
    const unknown = { rateBytesPerSecond: null, secondsLeft: null, waiting: false };
    expect(shown).toEqual([
      [{ target: `${D.label}, ${E.label}`, ...nothing, ...unknown, ...about }],
      [{ target: D.label, ...amounts, ...about }],
      [{ target: E.label, ...amounts, filesDone: 2, ...about }],
      [{ target: E.label, ...amounts, filesDone: 2, ...about }],
    ]);
    for (const one of shown.flat()) expect(VerificationStatus.parse(one)).toEqual(one);
    expect(verifications.now).toEqual([]);
  });

  it('is named as a folder or backup where no drive is read as a whole', async () => {
    const work = verifications.on({ drives: [], name: '/films' }, async function* () {
      yield { progress: { ...PROGRESS, drive: null } };
    });
    for await (const _ of work) expect(verifications.now).toMatchObject([{ target: '/films', drives: [] }]);
  });
});

describe('the book', () => {
  const progressed = (files: number, more: Partial<Fact> = {}): Fact =>
    ({
      type: 'VerificationProgressed',
      driveId: D.id,
      files,
      bytes: files * 10,
      reached: { generation: null, path: relativePath(`Photos/${files}.jpg`) },
      generations: [],
      altered: [],
      missing: [],
      ...more,
    }) as Fact;
  const started: Fact = { type: 'VerificationStarted', driveId: D.id };
  const fold = (...facts: readonly Fact[]) => {
    const book = new VerificationBook();
    facts.forEach((fact, at) => {
      book.apply({ fact, at: `2026-11-21T10:00:0${at}.000Z`, seq: at + 7 });
    });
    return book.unfinished(D.id);
  };
  const one = relativePath('Photos/ascmhl/0001.mhl');
  const two = relativePath('Photos/ascmhl/0002.mhl');
  const bad = relativePath('Photos/bad.jpg');

  it('adds up what each part found and which manifests it finished', () => {
    expect(
      fold(
        started,
        progressed(2, { generations: [two], altered: [bad] }),
        progressed(5, { generations: [one], missing: [relativePath('Photos/gone.jpg')] }),
      ),
    ).toEqual({
      files: 5,
      bytes: 50,
      reached: { generation: null, path: 'Photos/5.jpg' },
      generations: new Set([one, two]),
      bad: new Map([
        [bad, 'altered'],
        ['Photos/gone.jpg', 'missing'],
      ]),
      at: '2026-11-21T10:00:02.000Z',
      startedSeq: 7,
    });
  });

  it.each<[name: string, facts: readonly Fact[]]>([
    ['none was begun', []],
    ['it did not come to its first place', [started]],
    [
      'it has come to its end',
      [
        started,
        progressed(2),
        { type: 'VerificationFinished', driveId: D.id, files: 2, altered: 0, missing: 0 },
      ],
    ],
    ['it was begun anew', [started, progressed(2), started]],
    ['the drive was forgotten', [started, progressed(2), { type: 'DriveForgotten', driveId: D.id }]],
    ['a journal begins in the middle', [progressed(2)]],
    ['another drive is meant', [{ type: 'VerificationStarted', driveId: driveId('E') }]],
  ])('has nothing to go on with when %s', (_name, facts) => {
    expect(fold(...facts)).toBeNull();
  });

  it('begins anew rather than forget one of very many that are bad', () => {
    const many = (from: number) =>
      progressed(9, {
        altered: Array.from({ length: MAX_REPORTED / 2 }, (_, at) => relativePath(`P/${from + at}`)),
      });
    const half = MAX_REPORTED / 2;
    expect(fold(started, many(0), many(half))).not.toBeNull();
    expect(fold(started, many(0), many(half), progressed(9, { missing: [bad] }))).toBeNull();
    expect(fold(started, many(0), many(half), progressed(9, { missing: [bad] }), progressed(10))).toBeNull();
  });
});
