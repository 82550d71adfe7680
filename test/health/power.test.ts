import { beforeEach, describe, expect, test } from 'vitest';
import { PowerJudge } from '../../services/health/power.ts';
import { ThrottlingJudge } from '../../services/health/throttling.ts';

let judge: PowerJudge;
let nowMs = 0;
const STEP_MS = 3000;
/** One sample after the other, 3 s apart: `_` is well, `v` low. */
const levels = (samples: string) =>
  [...samples].map((sample) => {
    nowMs += STEP_MS;
    return judge.judge({ low: sample === 'v', wasLow: false }, nowMs).level;
  });
const last = (samples: string) => levels(samples).at(-1);
const minutes = (count: number) => '_'.repeat((count * 60_000) / STEP_MS);

beforeEach(() => {
  judge = new PowerJudge();
  nowMs = 1_000_000;
});

describe('under-voltage', () => {
  test('that never was is good', () => {
    expect(levels('____')).toEqual(['good', 'good', 'good', 'good']);
    expect(judge.judge({ low: false, wasLow: false }, nowMs).reading).toBe('no under-voltage');
  });

  test('for one sample is a warning that it has happened, for ten minutes', () => {
    expect(levels('_v__')).toEqual(['good', 'warning', 'warning', 'warning']);
    expect(judge.judge({ low: false, wasLow: false }, nowMs).reading).toBe('under-voltage has happened');
    expect(last(minutes(9))).toBe('warning');
    expect(last(minutes(2))).toBe('good');
  });

  test('in every other sample never becomes bad', () => {
    expect(levels('v_v_v_v_')).not.toContain('bad');
  });

  test('for two samples in a row is bad, until it was away for ten seconds', () => {
    expect(levels('vv___')).toEqual(['warning', 'bad', 'bad', 'bad', 'bad']);
    expect(judge.judge({ low: false, wasLow: false }, nowMs).reading).toBe('under-voltage now');
    expect(levels('_')).toEqual(['warning']);
  });

  test('a single dip keeps it bad for another ten seconds', () => {
    expect(levels('vv___v___')).not.toContain('good');
    expect(levels('_')).toEqual(['warning']);
    judge = new PowerJudge();
    expect(levels('vv___v__').slice(1)).toEqual(Array(7).fill('bad'));
  });

  test('that comes back each time a copy starts has to be away twice as long each time, five minutes at most', () => {
    const waits: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      expect(last('vv')).toBe('bad');
      let samples = 1;
      while (levels('_')[0] === 'bad') samples += 1;
      waits.push(samples);
    }
    expect(waits).toEqual([4, 7, 14, 27, 54, 100, 100, 100]);
    expect(last(minutes(11))).toBe('good');
    expect(levels('vv____')).toEqual(['warning', 'bad', 'bad', 'bad', 'bad', 'warning']);
  });

  test('that only the firmware remembers is a warning for as long as it does', () => {
    expect(judge.judge({ low: false, wasLow: true }, 1).level).toBe('warning');
    expect(judge.judge({ low: false, wasLow: true }, 10 * 3_600_000).level).toBe('warning');
    expect(judge.judge({ low: false, wasLow: false }, 10 * 3_600_000).level).toBe('good');
  });
});

describe('a processor that is slowed down', () => {
  test('is a warning that names why, and good again after a minute at full speed', () => {
    const throttling = new ThrottlingJudge();
    expect(throttling.judge([], 0)).toEqual({ level: 'good', reading: 'full speed' });
    expect(throttling.judge(['frequency capped', 'throttled'], 3000)).toEqual({
      level: 'warning',
      reading: 'frequency capped, throttled',
    });
    expect(throttling.judge([], 62_999)).toEqual({
      level: 'warning',
      reading: 'frequency capped, throttled',
    });
    expect(throttling.judge([], 63_000).level).toBe('good');
  });
});
