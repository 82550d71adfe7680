import { describe, expect, test } from 'vitest';
import { type Checking, groundsOf, isOld } from '../../adapters/web/now/checks.ts';
import type { DriveStatus, Status } from '../../services/shapes.ts';
import { cardOf, statusOf } from './given.ts';

const DRIVE: DriveStatus = {
  id: 'drive-1',
  label: 'SSD-A',
  uuid: null,
  adopted: true,
  mounted: true,
  path: '/media/SSD-A',
  sizeBytes: 10,
  freeBytes: 5,
};
const BEFORE = statusOf('ready', { drives: [DRIVE] });
const CARD = cardOf({}).id;
const ended = (safe: boolean): Checking => ({
  type: 'ended',
  at: '2026-11-21T14:05:00Z',
  seen: groundsOf(BEFORE, CARD),
  result: {
    safe,
    files: 1,
    verified: 1,
    copies: { asked: 'all', required: 1, lookedAt: 1, onRecord: 0 },
    drives: [],
    missing: [],
    gaps: [],
  },
});
const problem = { code: 'drive-failing', blinks: 7, message: '', since: '2026-11-21T14:06:00Z' };
const CHANGES: Readonly<Record<string, Partial<Status>>> = {
  'the card is no longer backed up': { cards: [cardOf({ backedUp: false })] },
  'the card is gone': { cards: [] },
  'a drive is gone': { drives: [] },
  'a drive is no longer adopted': { drives: [{ ...DRIVE, adopted: false }] },
  'a drive is let go': { drives: [{ ...DRIVE, mounted: false }] },
  'an error is latched': { problems: [problem] },
};

describe('a yes', () => {
  test('holds while all is as it was, also when a drive fills', () => {
    expect(isOld(ended(true), BEFORE, CARD, true)).toBe(false);
    const fuller = statusOf('ready', {
      drives: [{ ...DRIVE, freeBytes: 1 }],
      problems: [{ ...problem, blinks: 0 }],
    });
    expect(isOld(ended(true), fuller, CARD, true)).toBe(false);
  });

  test.each(Object.keys(CHANGES))('is of the past when %s', (what) => {
    expect(isOld(ended(true), { ...BEFORE, ...CHANGES[what] }, CARD, true)).toBe(true);
  });

  test('is of the past when the box is not heard', () => {
    expect(isOld(ended(true), BEFORE, CARD, false)).toBe(true);
    expect(isOld(ended(true), null, CARD, true)).toBe(true);
  });
});

describe('a no, and a check that runs', () => {
  test.each(Object.keys(CHANGES))('stay when %s', (what) => {
    const after = { ...BEFORE, ...CHANGES[what] };
    expect(isOld(ended(false), after, CARD, false)).toBe(false);
    expect(isOld({ type: 'running', progress: null }, after, CARD, false)).toBe(false);
  });
});
