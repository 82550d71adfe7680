import { describe, expect, test } from 'vitest';
import { DriveReport, lowest, Tally } from '../../services/backup/tally.ts';
import type { DriveStore } from '../../services/media-ports.ts';

const store = (kind: 'volume' | 'folder', verifiedFrom: 'medium' | 'cache'): DriveStore =>
  ({ drive: { id: 'd', kind }, rules: { verifiedFrom } }) as Partial<DriveStore> as DriveStore;

const failed = (reason: 'file-changed' | 'verify-mismatch') => ({
  path: 'x' as never,
  reason,
  detail: reason,
});
const END = { outcome: 'interrupted', reason: 'shutdown' } as const;

describe('totals', () => {
  test('a file that failed anywhere failed, one that was copied anywhere was copied', () => {
    const tally = new Tally(6, 100);
    tally.copied(0);
    tally.duplicate(1);
    tally.failed(2);
    tally.copied(3);
    tally.duplicate(3);
    tally.copied(4);
    tally.failed(4);
    // 5 was not reached.
    expect(tally.totals()).toEqual({ files: 6, bytes: 100, copied: 2, duplicates: 1, failed: 2 });
  });
});

test('a suspect file is counted once, whatever else became of it', () => {
  const tally = new Tally(3, 100);
  tally.failed(1);
  tally.suspect(1);
  tally.suspect(1);
  tally.copied(2);
  tally.suspect(2);
  expect([tally.suspects, tally.isSuspect(0), tally.isSuspect(1), tally.isSuspect(2)]).toEqual([
    2,
    false,
    true,
    true,
  ]);
  expect(tally.totals()).toEqual({ files: 3, bytes: 100, copied: 1, duplicates: 0, failed: 1 });
});

describe('the lowest code', () => {
  test('wins, the first of equals', () => {
    const full = { reason: 'drive-full', detail: 'first' } as const;
    const large = { reason: 'file-too-large', detail: 'second' } as const;
    const lost = { reason: 'drive-lost', detail: 'third' } as const;
    expect(lowest([lost, full, large])).toBe(full);
    expect(lowest([lost, large, full])).toBe(large);
    expect(lowest([])).toBeNull();
  });
});

describe('one drive', () => {
  test('that came to its end without a failure is done', () => {
    const report = new DriveReport(store('volume', 'medium'));
    expect(report.isDone).toBe(false);
    expect(report.result(END)).toMatchObject({ outcome: 'interrupted', reason: 'shutdown' });
    report.holds(1, 5);
    report.holds(2, 6);
    report.complete(2);
    expect(report.isDone).toBe(true);
    const result = {
      driveId: 'd',
      files: 2,
      bytes: 11,
      outcome: 'done',
      reason: null,
      verifiedFrom: 'medium',
    };
    expect(report.result(END)).toEqual(result);
  });

  test('with a failed file is failed, complete or not', () => {
    const report = new DriveReport(store('folder', 'cache'));
    report.fileFailed(failed('verify-mismatch'));
    report.fileFailed(failed('file-changed'));
    report.complete(0);
    expect(report.isDone).toBe(false);
    expect(report.isTrusted).toBe(false);
    expect(report.broken).toBe(false);
    expect(report.result(END)).toMatchObject({ outcome: 'failed', reason: 'file-changed' });
  });

  test('that does not hold every file of the card is not done, even when nothing is known to have failed', () => {
    const report = new DriveReport(store('folder', 'cache'));
    report.holds(3, 5);
    report.complete(2);
    expect(report.isDone).toBe(false);
    expect(report.cause).toEqual({ reason: 'internal', detail: '1 of 2 files are accounted for' });
  });

  test('that failed itself is broken', () => {
    const report = new DriveReport(store('folder', 'cache'));
    report.driveFailed({ reason: 'drive-lost', detail: 'x' });
    expect(report.broken).toBe(true);
    expect(report.cause).toEqual({ reason: 'drive-lost', detail: 'x' });
  });

  test.each([
    ['volume', 'medium', 'medium', true],
    ['volume', 'medium', 'cache', false],
    ['volume', 'cache', 'medium', false],
    ['folder', 'cache', 'cache', true],
  ] as const)('a %s by %s, read back from %s: trusted is %s', (kind, rules, from, trusted) => {
    const report = new DriveReport(store(kind, rules));
    report.readBack(from);
    report.complete(0);
    expect(report.isTrusted).toBe(trusted);
  });
});
