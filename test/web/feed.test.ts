import { describe, expect, test } from 'vitest';
import {
  type Feed,
  type Heard,
  hear,
  isLive,
  type Moment,
  NOTHING_HEARD,
  STALE_MS,
} from '../../adapters/web/live/feed.ts';
import { lightOf, statusOf } from './given.ts';

const at = (ms: number): Moment => ({ wallMs: 1_000_000 + ms, monoMs: ms });
const OPENED: Heard = { type: 'opened' };
const LIGHT: Heard = { type: 'light', light: lightOf('ready') };
const STATUS: Heard = { type: 'status', status: statusOf('ready') };
const heardAtZero = (...all: readonly Heard[]): Feed =>
  all.reduce((feed, heard) => hear(feed, heard, at(0)), NOTHING_HEARD);

describe('the box is heard', () => {
  test('once it has told its light and its status on this connection', () => {
    expect(isLive(heardAtZero(OPENED, LIGHT, STATUS), at(0))).toBe(true);
    expect(isLive(heardAtZero(OPENED, LIGHT), at(0))).toBe(false);
    expect(isLive(heardAtZero(OPENED, STATUS), at(0))).toBe(false);
    expect(isLive(heardAtZero(OPENED), at(0))).toBe(false);
    expect(isLive(NOTHING_HEARD, at(0))).toBe(false);
  });

  test('until it has been silent for 8 s, and not a moment longer', () => {
    const feed = heardAtZero(OPENED, LIGHT, STATUS);
    expect(STALE_MS).toBe(8000);
    expect(isLive(feed, at(8000))).toBe(true);
    expect(isLive(feed, at(8001))).toBe(false);
  });

  test.each([LIGHT, STATUS, { type: 'heartbeat' } as const])('again for 8 s with each $type', (heard) => {
    const feed = hear(heardAtZero(OPENED, LIGHT, STATUS), heard, at(7000));
    expect(isLive(feed, at(15_000))).toBe(true);
    expect(isLive(feed, at(15_001))).toBe(false);
  });

  test('no more as soon as the connection is lost', () => {
    expect(isLive(heardAtZero(OPENED, LIGHT, STATUS, { type: 'closed' }), at(0))).toBe(false);
  });
});

describe('clocks of a phone', () => {
  const feed = heardAtZero(OPENED, LIGHT, STATUS);

  test('when it slept, the one that stood still does not count', () => {
    expect(isLive(feed, { wallMs: at(60_000).wallMs, monoMs: 10 })).toBe(false);
  });

  test('when its clock was set, the other one counts', () => {
    expect(isLive(feed, { wallMs: at(10).wallMs, monoMs: 60_000 })).toBe(false);
  });

  test('when its clock was put back, nothing is known', () => {
    expect(isLive(feed, { wallMs: at(-1).wallMs, monoMs: 10 })).toBe(false);
  });
});

describe('after a new connection', () => {
  test('what the earlier one said does not count', () => {
    const again = hear(heardAtZero(OPENED, LIGHT, STATUS, { type: 'closed' }), OPENED, at(5));
    expect(isLive(again, at(5))).toBe(false);
    expect(isLive(hear(again, STATUS, at(6)), at(6))).toBe(false);
    expect(isLive(hear(again, LIGHT, at(6)), at(6))).toBe(false);
  });

  test('it does not count either when the end of the earlier one was not noticed', () => {
    const again = hear(heardAtZero(OPENED, LIGHT, STATUS), OPENED, at(5));
    expect([again.light, again.statusIsNew, isLive(again, at(5))]).toEqual([null, false, false]);
  });

  test('the last status is kept, to be shown as what was', () => {
    expect(heardAtZero(OPENED, LIGHT, STATUS, { type: 'closed' }, OPENED).status).toEqual(statusOf('ready'));
  });

  test.each([
    LIGHT,
    STATUS,
    { type: 'heartbeat' } as const,
  ])('a late $type of a connection that is closed is not heard', (heard) => {
    const closed = heardAtZero(OPENED, LIGHT, STATUS, { type: 'closed' });
    expect(hear(closed, heard, at(9))).toBe(closed);
  });
});
