import { Subject } from 'rxjs';
import { beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import type { Fact } from '../../machines/facts.ts';
import { Tidying } from '../../services/tidying.ts';
import { forgotten, pressed } from '../journal/facts.ts';

let clock: VirtualClock;
let left = 0;
let steps = 0;
let full = false;
let warnings: string[] = [];
let tidying: Tidying;
const decided = new Subject<{ record: { fact: Fact } }>();
beforeEach(() => {
  clock = new VirtualClock();
  [left, steps, full, warnings] = [0, 0, false, []];
  tidying = new Tidying({
    clock,
    decided$: decided,
    warn: (text) => void warnings.push(text),
    store: {
      tidy: () => {
        if (full) throw new Error('disk full');
        steps += 1;
        left -= 1;
        return left >= 0;
      },
    },
  });
});

test('goes on after a start with what an earlier run left, a step at a time, until nothing is left', () => {
  left = 3;
  tidying.start();
  expect(steps).toBe(0);
  clock.advance(50);
  expect(steps).toBe(1);
  clock.advance(1000);
  expect([steps, clock.armed]).toEqual([4, 0]);
});

test('begins again when a drive is forgotten, and with no other fact', () => {
  tidying.start();
  clock.advance(1000);
  left = 2;
  decided.next({ record: { fact: pressed() } });
  clock.advance(1000);
  expect(steps).toBe(1);
  decided.next({ record: { fact: forgotten('D') } });
  clock.advance(1000);
  expect(steps).toBe(4);
});

test('says that the disk did not take it, and tries again after a minute', () => {
  [left, full] = [1, true];
  tidying.start();
  clock.advance(50);
  expect(warnings).toEqual(['copies of forgotten drives: disk full']);
  full = false;
  clock.advance(59_999);
  expect(steps).toBe(0);
  clock.advance(1000);
  expect(steps).toBe(2);
});

test('stops with the daemon, also before it was started', () => {
  left = 9;
  tidying.start();
  clock.advance(50);
  tidying.stop();
  decided.next({ record: { fact: forgotten('D') } });
  clock.advance(1000);
  expect([steps, clock.armed]).toEqual([1, 0]);
  tidying.stop();
});
