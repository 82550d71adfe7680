import { beforeEach, describe, expect, it } from 'vitest';
import type { Fact } from '../../machines/facts.ts';
import { driveId, relativePath } from '../../machines/ids.ts';
import type { VerifyWork } from '../../services/verify/advice.ts';
import { VerificationBook } from '../../services/verify/book.ts';
import { MAX_REPORTED } from '../../services/verify/tally.ts';
import { ejected, Verifications } from '../../services/verify/verifications.ts';
import { drive } from '../machines/story.ts';
import { resultOf } from './work.ts';

const [D, E] = [drive('D'), drive('E')];
const RESULT = { ok: true, files: 1, altered: [], missing: [], new: [] };

let verifications: Verifications;
beforeEach(() => {
  verifications = new Verifications();
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

function begin(...drives: (typeof D)[]): { readonly reader: Reader; readonly result: Promise<unknown> } {
  const reader = new Reader();
  return { reader, result: resultOf(verifications.on(drives, reader.work)) };
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
    const left = verifications.on([D], async function* () {
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
