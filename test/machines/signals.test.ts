import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../machines/reasons.ts';
import { type Activity, LED_SIGNALS, type LedSignal, oneLed, threeLeds } from '../../machines/signals.ts';

const light = (signal: LedSignal, code: ErrorCode | null = null, activity: Activity = null) => ({
  signal,
  code,
  activity,
});
const CODES: readonly ErrorCode[] = [2, 3, 4, 5, 6, 7, 8, 9];
const ACTIVITIES: readonly Activity[] = [null, 'copying', 'verifying'];

/** `contract.md` section 1, copied by hand: red, amber, green, one LED. */
const CONTRACT: Record<Exclude<LedSignal, 'error'>, readonly [string, string, string, string]> = {
  booting: ['blink 200/200', 'off', 'off', 'blink 200/200'],
  ready: ['off', 'off', 'on', 'on'],
  attention: ['off', 'blink 100/1900', 'off', 'blink 100/900'],
  waiting: ['off', 'blink 100/1900', 'off', 'blink 100/1900'],
  copying: ['off', 'pulse 400/400', 'off', 'blink 400/400'],
  verifying: ['off', 'blink 100/100', 'off', 'blink 100/100'],
  'shutting-down': ['blink 200/200', 'off', 'off', 'blink 200/200'],
  off: ['off', 'off', 'off', 'off'],
};

describe('the light table is the contract', () => {
  it.each(Object.entries(CONTRACT))('%s', (name, [red, amber, green, one]) => {
    const shown = light(name as LedSignal);
    expect(threeLeds(shown)).toEqual({ red, amber, green });
    expect(oneLed(shown)).toBe(one);
  });

  it('names no other signal', () => {
    expect([...LED_SIGNALS].sort()).toEqual([...Object.keys(CONTRACT), 'error'].sort());
  });
});

describe('an error', () => {
  it.each(CODES)('blinks code %i on red and on the only LED', (code) => {
    expect(threeLeds(light('error', code))).toEqual({ red: `code ${code}`, amber: 'off', green: 'off' });
    expect(oneLed(light('error', code))).toBe(`code ${code}`);
  });

  it.each([
    ['copying', 'pulse 400/400'],
    ['verifying', 'blink 100/100'],
  ] as const)('beside a backup that is %s goes on showing it on amber', (activity, amber) => {
    expect(threeLeds(light('error', 4, activity))).toEqual({ red: 'code 4', amber, green: 'off' });
    expect(oneLed(light('error', 4, activity))).toBe('code 4');
  });

  it('without a code is an internal one', () => {
    expect(threeLeds(light('error')).red).toBe('code 9');
    expect(oneLed(light('error'))).toBe('code 9');
  });
});

describe('green', () => {
  it('is lit for `ready` and for nothing else, whatever code and activity say', () => {
    for (const signal of LED_SIGNALS) {
      for (const code of [null, ...CODES]) {
        for (const activity of ACTIVITIES) {
          const { green } = threeLeds(light(signal, code, activity));
          expect(green, `${signal} ${code} ${activity}`).toBe(signal === 'ready' ? 'on' : 'off');
        }
      }
    }
  });

  it('on one LED, steady is `ready` and nothing else', () => {
    const steady = LED_SIGNALS.filter((signal) => oneLed(light(signal)) === 'on');
    expect(steady).toEqual(['ready']);
  });
});
