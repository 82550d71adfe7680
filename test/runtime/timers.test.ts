import { beforeEach, describe, expect, test } from 'vitest';
import { Timers } from '../../services/runtime/timers.ts';
import { VirtualClock } from './kit.ts';

describe('timers', () => {
  let clock: VirtualClock;
  let elapsed: string[];
  let timers: Timers;
  beforeEach(() => {
    clock = new VirtualClock();
    elapsed = [];
    timers = new Timers(clock, (timer) => elapsed.push(timer));
  });

  test('an armed timer is reported once, when its time is up', () => {
    timers.arm('settleDelay', 1000);
    clock.advance(999);
    expect(elapsed).toEqual([]);
    clock.advance(1);
    expect(elapsed).toEqual(['settleDelay']);
    clock.advance(10_000);
    expect(elapsed).toEqual(['settleDelay']);
  });

  test('arming again begins anew', () => {
    timers.arm('settleDelay', 1000);
    clock.advance(900);
    timers.arm('settleDelay', 1000);
    clock.advance(900);
    expect(elapsed).toEqual([]);
    clock.advance(100);
    expect(elapsed).toEqual(['settleDelay']);
  });

  test('a disarmed timer is not reported; disarming one that is not armed is nothing', () => {
    timers.disarm('holdDelay');
    timers.arm('holdDelay', 2000);
    timers.disarm('holdDelay');
    timers.disarm('holdDelay');
    clock.advance(5000);
    expect(elapsed).toEqual([]);
    expect(clock.armed).toBe(0);
  });

  test('timers do not touch each other', () => {
    timers.arm('holdDelay', 2000);
    timers.arm('pressWindow', 1000);
    timers.disarm('holdDelay');
    timers.arm('stopDelay', 500);
    clock.advance(3000);
    expect(elapsed).toEqual(['stopDelay', 'pressWindow']);
  });

  test('a timer may be armed again by what follows from it', () => {
    const again: Timers = new Timers(clock, (timer) => {
      elapsed.push(timer);
      if (elapsed.length < 3) again.arm(timer, 10);
    });
    again.arm('settleDelay', 10);
    clock.advance(100);
    expect(elapsed).toEqual(['settleDelay', 'settleDelay', 'settleDelay']);
    expect(clock.armed).toBe(0);
  });

  test('stop disarms all, twice', () => {
    timers.arm('holdDelay', 2000);
    timers.arm('settleDelay', 1000);
    timers.stop();
    timers.stop();
    expect(clock.armed).toBe(0);
    clock.advance(5000);
    expect(elapsed).toEqual([]);
  });
});
