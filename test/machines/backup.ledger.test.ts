import { describe, expect, it } from 'vitest';
import { foldLedger, openLedger, totalsOf } from '../../machines/backup.ledger.ts';
import { file, planned, type SettledWords, settled } from '../journal/facts.ts';

const folded = (drives: readonly string[], ...words: readonly SettledWords[]) =>
  words
    .map((word) => settled('b1', word))
    .reduce(foldLedger, openLedger(planned('b1', { drives, files: 9 })));
const counts = (drives: readonly string[], ...words: readonly SettledWords[]) => {
  const { copied, duplicates, failed } = totalsOf(folded(drives, ...words));
  return { copied, duplicates, failed };
};
const a = file('a.jpg');
const b = file('b.jpg');
const c = file('c.jpg');

describe('the ledger of a backup', () => {
  it('opens with what was planned and nothing done', () => {
    expect(totalsOf(openLedger(planned('b1', { files: 9 })))).toEqual({
      files: 9,
      bytes: 90,
      copied: 0,
      duplicates: 0,
      failed: 0,
    });
  });

  it('counts each kind over all batches of a drive', () => {
    const first = { copied: [a, b], duplicates: [c], failed: ['x.jpg'] };
    expect(counts(['D'], first, { copied: [c] })).toEqual({ copied: 3, duplicates: 1, failed: 1 });
  });

  it('keeps the drives apart', () => {
    const { drives } = folded(['D', 'E'], { drive: 'E', copied: [a] }, { drive: 'D', failed: ['x.jpg'] });
    expect(drives).toEqual([
      { driveId: 'D', copied: 0, duplicates: 0, failed: 1 },
      { driveId: 'E', copied: 1, duplicates: 0, failed: 0 },
    ]);
  });

  it('takes a file for done only when every drive has it', () => {
    expect(counts(['D', 'E'], { drive: 'D', copied: [a, b] })).toEqual({
      copied: 0,
      duplicates: 0,
      failed: 0,
    });
    const both = [
      { drive: 'D', copied: [a, b] },
      { drive: 'E', copied: [a] },
    ];
    expect(counts(['D', 'E'], ...both)).toEqual({ copied: 1, duplicates: 0, failed: 0 });
    expect(counts(['E', 'D'], ...both)).toEqual({ copied: 1, duplicates: 0, failed: 0 });
  });

  it('does not let failures count as progress: the drive with fewer safe files speaks', () => {
    const words = [
      { drive: 'D', copied: [a, b] },
      { drive: 'E', duplicates: [a], failed: ['b.jpg', 'c.jpg'] },
    ];
    expect(counts(['D', 'E'], ...words)).toEqual({ copied: 0, duplicates: 1, failed: 2 });
  });

  it('hides no failure behind a drive with as many safe files', () => {
    const words = [
      { drive: 'D', copied: [a] },
      { drive: 'E', copied: [a], failed: ['b.jpg'] },
    ];
    expect(counts(['D', 'E'], ...words).failed).toBe(1);
    expect(counts(['E', 'D'], ...words).failed).toBe(1);
  });

  it('ignores a drive that was not planned, and has no counts without drives', () => {
    expect(counts(['D'], { drive: 'other', copied: [a] })).toEqual({ copied: 0, duplicates: 0, failed: 0 });
    expect(totalsOf(folded([], { drive: 'D', copied: [a] }))).toMatchObject({ files: 9, copied: 0 });
  });
});
