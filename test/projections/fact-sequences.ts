import fc from 'fast-check';
import type { Fact } from '../../machines/facts.ts';
import { driveId } from '../../machines/ids.ts';
import {
  adopted,
  failed,
  file,
  finished,
  forgotten,
  interrupted,
  learned,
  lost,
  planned,
  sealed,
  settled,
  started,
} from '../journal/facts.ts';

export const DRIVES = ['D', 'E'] as const;
export const CARDS = ['A', 'B'] as const;
/** Few names and contents, so that they meet; with an emoji and a wide letter, which sort differently in UTF-16. */
export const PATHS = ['P/a.jpg', 'P/b.jpg', 'P/😀', 'P/ｆ', 'Q/a.jpg'] as const;
export const CONTENTS = ['one', 'two'] as const;
export const SIZES = [0, 10] as const;
const MTIMES = [Date.UTC(2020, 1, 29, 23, 59), Date.UTC(2026, 10, 21, 12)] as const;
const CAPTURES = [
  null,
  { at: '2026-11-21T14:03:59.12', zone: '+01:00', make: 'Canon', model: 'Canon EOS R5' },
  { at: '2026-11-20T08:00:00', model: 'X100V' },
  { model: 'X100V' },
] as const;

const files = fc.array(
  fc
    .record({
      to: fc.constantFrom(...PATHS),
      content: fc.constantFrom(...CONTENTS),
      sizeBytes: fc.constantFrom(...SIZES),
      from: fc.constantFrom(...PATHS),
      number: fc.option(fc.integer({ min: 1, max: 2_000_000 }), { nil: undefined }),
      mtimeMs: fc.constantFrom(...MTIMES),
      capture: fc.constantFrom(...CAPTURES),
    })
    .map(({ to, number, mtimeMs, capture, ...words }) => ({
      ...file(to, words),
      mtimeMs,
      ...(number === undefined ? {} : { number }),
      ...(capture === null ? {} : { capture }),
    })),
  { maxLength: 3 },
);
const drive = fc.constantFrom(...DRIVES);

/** What happens next: `backup` picks one of those that run. */
type Step = (
  running: readonly Running[],
  next: number,
) => { readonly fact: Fact; readonly running: readonly Running[] };

interface Running {
  readonly id: string;
  readonly card: string;
}

const plan = fc
  .record({ card: fc.constantFrom(...CARDS), drives: fc.subarray([...DRIVES]), files: fc.nat(5) })
  .map(
    (words): Step =>
      (running, next) => {
        const id = `b${next}`;
        return { fact: planned(id, words), running: [...running, { id, card: words.card }] };
      },
  );

/** A step of a running backup; without one, the daemon starts again. */
const ofBackup = (pick: number, make: (backup: Running) => Fact, ends: boolean): Step => {
  return (running) => {
    const backup = running[pick % Math.max(1, running.length)];
    if (backup === undefined) return { fact: started(), running: [] };
    return { fact: make(backup), running: ends ? running.filter((other) => other !== backup) : running };
  };
};

const settle = fc
  .record({
    pick: fc.nat(3),
    drive,
    verifiedFrom: fc.constantFrom('medium' as const, 'cache' as const),
    copied: files,
    duplicates: files,
    failed: fc.array(fc.constantFrom(...PATHS), { maxLength: 2 }),
  })
  .map(({ pick, ...words }) => ofBackup(pick, ({ id, card }) => settled(id, { card, ...words }), false));

const end = fc
  .record({ pick: fc.nat(3), make: fc.constantFrom(finished, failed, interrupted) })
  .map(({ pick, make }) => ofBackup(pick, ({ id, card }) => make(id, card), true));

const restart = fc.constant<Step>(() => ({ fact: started(), running: [] }));
const clock = fc.integer({ min: -1e9, max: 1e9 }).map(
  (offsetMs): Step =>
    (running) => ({ fact: { type: 'ClockSet', offsetMs }, running }),
);
const ofDrive = fc
  .oneof(
    fc.tuple(drive, files).map(([id, claimed]) => learned(id, ...claimed)),
    fc.tuple(drive, fc.subarray([...PATHS])).map(([id, paths]) => lost(id, ...paths)),
    drive.map(forgotten),
    drive.map((id) => sealed(id, 5, [])),
    drive.map((id) => adopted(id)),
    drive.map((id): Fact => ({ type: 'VerificationStarted', driveId: driveId(id) })),
  )
  .map(
    (fact): Step =>
      (running) => ({ fact, running }),
  );

/** Facts in an order in which they may happen: only planned backups settle, and each ends once. */
export const factSequences: fc.Arbitrary<readonly Fact[]> = fc
  .array(
    fc.oneof(
      { arbitrary: plan, weight: 3 },
      { arbitrary: settle, weight: 6 },
      { arbitrary: end, weight: 2 },
      { arbitrary: restart, weight: 1 },
      { arbitrary: ofDrive, weight: 3 },
      { arbitrary: clock, weight: 1 },
    ),
    { maxLength: 25 },
  )
  .map((steps) => {
    const facts: Fact[] = [];
    let running: readonly Running[] = [];
    for (const [index, step] of steps.entries()) {
      const taken = step(running, index);
      facts.push(taken.fact);
      running = taken.running;
    }
    return facts;
  });
