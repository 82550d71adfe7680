import { describe, expect, it } from 'vitest';
import type { Fact } from '../../machines/facts.ts';
import { backupId } from '../../machines/ids.ts';
import { foldHistory, type HistoryEntries, type HistoryEntry } from '../../services/projections/history.ts';
import {
  failed,
  file,
  finished,
  interrupted,
  planned,
  pressed,
  result,
  settled,
  stampAt,
  started,
} from '../journal/facts.ts';

/** Folds facts one second apart and gives the row of `b1`. */
function rowAfter(...facts: readonly Fact[]) {
  const map = new Map<string, HistoryEntry>();
  const entries: HistoryEntries = {
    get: (id) => map.get(id) ?? null,
    put: (entry) => map.set(entry.row.id, entry),
    open: () => [...map.values()].filter(({ row }) => row.outcome === null),
  };
  for (const [second, fact] of facts.entries()) foldHistory(entries, { fact, at: stampAt(second).at });
  return map.get(backupId('b1'))?.row ?? null;
}
const a = file('a.jpg');
const b = file('b.jpg');

describe('a row of the history', () => {
  it('begins when the backup is planned', () => {
    expect(rowAfter(pressed(), planned('b1', { drives: ['D', 'E'] }))).toEqual({
      id: 'b1',
      card: 'label A',
      cardId: 'A',
      drives: ['D', 'E'].map((id) => ({
        id,
        outcome: null,
        reason: null,
        verifiedFrom: null,
        files: 0,
        bytes: 0,
      })),
      startedAt: stampAt(1).at,
      finishedAt: null,
      secondReading: null,
      notes: [],
      outcome: null,
      reason: null,
      files: 3,
      bytes: 30,
      copied: 0,
      duplicates: 0,
      failed: 0,
    });
  });

  it('keeps what a person should know, each line once, twenty at most', () => {
    const notes = Array.from({ length: 15 }, (_, n) => `note ${n}`);
    const row = rowAfter(
      { ...planned('b1'), notes: ['of the plan'] } as never,
      { ...settled('b1', {}), notes } as never,
      { ...settled('b1', {}), notes: ['note 3', 'another', ...notes.map((note) => `${note} more`)] } as never,
    );
    expect(row?.notes.slice(0, 17)).toEqual(['of the plan', ...notes, 'another']);
    expect(row?.notes).toHaveLength(20);
  });

  it.each([
    ['failed', failed('b1')],
    ['done', finished('b1')],
  ])('%s: what its end tells goes before what its files told, which may be more than there is room for', (_name, end) => {
    const notes = Array.from({ length: 25 }, (_, n) => `note ${n}`);
    const row = rowAfter(
      planned('b1'),
      { ...settled('b1', {}), notes } as never,
      { ...end, notes: ['of the end'] } as never,
    );
    expect(row?.notes).toEqual(['of the end', ...notes.slice(0, 19)]);
    expect(rowAfter(planned('b1'), { ...settled('b1', {}), notes } as never, end)?.notes).toHaveLength(20);
    expect(rowAfter({ ...end, notes: ['without a plan'] } as never)?.notes).toEqual(['without a plan']);
  });

  it('counts what is settled, a drive at a time', () => {
    const row = rowAfter(
      planned('b1'),
      settled('b1', { copied: [a], failed: ['x.jpg'] }),
      settled('b1', { duplicates: [b], verifiedFrom: 'cache' }),
    );
    expect(row).toMatchObject({ copied: 1, duplicates: 1, failed: 1, outcome: null });
    const bytes = a.sizeBytes + b.sizeBytes;
    const held = { files: 2, bytes };
    expect(row?.drives).toEqual([{ id: 'D', outcome: null, reason: null, verifiedFrom: 'cache', ...held }]);
  });

  it('keeps verifiedFrom to the drive it was said of', () => {
    const row = rowAfter(planned('b1', { drives: ['D', 'E'] }), settled('b1', { drive: 'E', copied: [a] }));
    expect(row?.drives.map(({ verifiedFrom }) => verifiedFrom)).toEqual([null, 'medium']);
    expect(row?.copied).toBe(0);
  });

  it('says of no drive how it was verified before a file lies verified on it', () => {
    const one = rowAfter(planned('b1'), settled('b1', { failed: ['x.jpg'] }));
    expect(one?.drives).toMatchObject([{ verifiedFrom: null, files: 0 }]);
    const then = rowAfter(
      planned('b1'),
      settled('b1', { copied: [a], verifiedFrom: 'cache' }),
      settled('b1', { failed: ['x.jpg'] }),
    );
    expect(then?.drives).toMatchObject([{ verifiedFrom: 'cache', files: 1 }]);
  });

  it.each([
    ['failed', { ...failed('b1'), drives: [{ ...result('D', 'failed'), files: 0, bytes: 0 }] }],
    ['done, of an empty card', { ...finished('b1'), drives: [{ ...result('D'), files: 0, bytes: 0 }] }],
  ] as const)('says of a drive with 0 files that nothing was verified there: %s', (_name, end) => {
    expect(rowAfter(planned('b1'), end)?.drives).toMatchObject([{ verifiedFrom: null, files: 0 }]);
  });

  it.each([
    [[undefined, undefined], null],
    [['medium', 'medium'], 'medium'],
    [[undefined, 'medium'], 'medium'],
    [['medium', undefined], 'medium'],
    [['medium', 'cache'], 'cache'],
    [['cache', 'medium'], 'cache'],
  ] as const)('says where a second reading of the card came from: %j is %s', (readings, expected) => {
    const facts = readings.map((secondReading) => {
      const fact = settled('b1', { copied: [a] });
      return secondReading === undefined ? fact : { ...fact, secondReading };
    });
    expect(rowAfter(planned('b1'), ...facts)?.secondReading).toBe(expected);
    expect(rowAfter(planned('b1'), ...facts, finished('b1'))?.secondReading).toBe(expected);
    expect(rowAfter(planned('b1'), ...facts, started())?.secondReading).toBe(expected);
  });

  it('takes totals and drives from the end, and keeps its beginning', () => {
    expect(rowAfter(planned('b1', { files: 9 }), settled('b1', { copied: [a] }), failed('b1'))).toMatchObject(
      {
        card: 'label A',
        startedAt: stampAt(0).at,
        finishedAt: stampAt(2).at,
        outcome: 'failed',
        reason: 'verify-mismatch',
        files: 3,
        copied: 2,
        failed: 1,
        drives: [{ id: 'D', outcome: 'failed', reason: 'drive-lost', verifiedFrom: 'medium' }],
      },
    );
  });

  it.each([
    ['done', null, finished('b1')],
    ['done', 'verified-from-cache', finished('b1', 'A', false)],
    ['failed', 'verify-mismatch', failed('b1')],
    ['interrupted', 'card-removed', interrupted('b1')],
  ])('ends as %s with reason %s', (outcome, reason, fact) => {
    expect(rowAfter(planned('b1'), fact)).toMatchObject({ outcome, reason, finishedAt: stampAt(1).at });
  });

  it('is not changed by what is settled after its end', () => {
    const ended = [planned('b1'), interrupted('b1')];
    expect(rowAfter(...ended, settled('b1', { copied: [a, b], failed: ['x.jpg'] }))).toEqual(
      rowAfter(...ended),
    );
  });

  it('that is not over moves with the clock that is set; one that is over stays as it is', () => {
    const set = (offsetMs: number): Fact => ({ type: 'ClockSet', offsetMs });
    const running = rowAfter(planned('b1'), set(3_600_000), settled('b1', { copied: [a] }));
    expect(running).toMatchObject({ startedAt: '2026-11-21T01:00:00.000Z', copied: 1 });
    expect(rowAfter(planned('b1'), set(-3_600_000))?.startedAt).toBe('2026-11-20T23:00:00.000Z');
    expect(rowAfter(planned('b1'), finished('b1'), set(3_600_000))?.startedAt).toBe(stampAt(0).at);
  });

  it('is interrupted by a start of the daemon, with the counts so far', () => {
    expect(rowAfter(planned('b1'), settled('b1', { copied: [a] }), started())).toMatchObject({
      outcome: 'interrupted',
      reason: 'power-cut',
      finishedAt: stampAt(2).at,
      copied: 1,
      drives: [{ id: 'D', outcome: 'interrupted', reason: 'power-cut', verifiedFrom: 'medium' }],
    });
  });

  it('is left as it ended by a start of the daemon', () => {
    expect(rowAfter(planned('b1'), finished('b1'), started())).toEqual(
      rowAfter(planned('b1'), finished('b1')),
    );
  });

  it('begins with its end when it failed before it was planned', () => {
    expect(rowAfter(pressed(), failed('b1'))).toMatchObject({
      card: 'A',
      cardId: 'A',
      startedAt: stampAt(1).at,
      finishedAt: stampAt(1).at,
      outcome: 'failed',
      secondReading: null,
    });
  });

  it('is not made by files of a backup that nobody planned', () => {
    expect(rowAfter(settled('b1', { copied: [a] }))).toBeNull();
  });

  it('begins anew when the same backup is planned again', () => {
    const again = rowAfter(planned('b1'), settled('b1', { copied: [a] }), interrupted('b1'), planned('b1'));
    expect(again).toMatchObject({ outcome: null, reason: null, finishedAt: null, copied: 0 });
    expect(again?.startedAt).toBe(stampAt(3).at);
  });
});
