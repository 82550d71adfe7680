import type { Subscription } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Fact } from '../../machines/facts.ts';
import { clockFacts } from '../../services/clock-watch.ts';
import type { Clock } from '../../services/ports.ts';
import { VirtualClock } from '../runtime/kit.ts';

const HOUR_MS = 3_600_000;
let clock: VirtualClock;
let facts: Fact[];
let subscription: Subscription;
const watch = (other: Clock = clock) => {
  subscription = clockFacts(other).subscribe((fact) => facts.push(fact));
};

beforeEach(() => {
  clock = new VirtualClock();
  facts = [];
});
afterEach(() => subscription.unsubscribe());

describe('a clock that is set', () => {
  test.each([
    ['forward', 40 * 24 * HOUR_MS],
    ['back', -HOUR_MS],
    ['by a little more than 2 s', 2001],
  ])('%s is told within 5 s, once', (_, byMs) => {
    watch();
    clock.advance(HOUR_MS);
    clock.setWall(byMs);
    clock.advance(5000);
    expect(facts).toEqual([{ type: 'ClockSet', offsetMs: byMs }]);
    clock.advance(HOUR_MS);
    expect(facts).toHaveLength(1);
  });

  test.each([2000, -2000, 500])('by %d ms is not worth a word', (byMs) => {
    watch();
    clock.setWall(byMs);
    clock.advance(HOUR_MS);
    expect(facts).toEqual([]);
  });

  test('slowly, as time services do, is never told', () => {
    watch();
    for (let step = 0; step < 10_000; step += 1) {
      clock.setWall(1);
      clock.advance(2000);
    }
    expect(facts).toEqual([]);
  });

  test('and becomes trusted is told whatever the difference', () => {
    clock.trust = 'unsynced';
    watch();
    clock.advance(HOUR_MS);
    expect(facts).toEqual([]);
    clock.setWall(120);
    clock.trust = 'synced';
    clock.advance(5000);
    expect(facts).toEqual([{ type: 'ClockSet', offsetMs: 120 }]);
    clock.advance(HOUR_MS);
    expect(facts).toHaveLength(1);
  });

  test('that nobody set says nothing, also when the machine was held up', () => {
    watch();
    clock.stall(10 * HOUR_MS);
    clock.advance(HOUR_MS);
    expect(facts).toEqual([]);
  });
});

test('watching ends with the subscription', () => {
  watch();
  clock.advance(20_000);
  subscription.unsubscribe();
  expect(clock.armed).toBe(0);
  clock.setWall(HOUR_MS);
  clock.advance(20_000);
  expect(facts).toEqual([]);
});
