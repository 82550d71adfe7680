import { describe, expect, test } from 'vitest';
import { readTriggers, triggerPlans } from '../../adapters/leds/triggers.ts';
import { LED_SIGNALS, type LedPattern, oneLed, threeLeds } from '../../machines/signals.ts';

const timer = (on: number, off: number) => [
  ['delay_on', String(on)],
  ['delay_off', String(off)],
];
const blinks = (count: number) => `${'1 200 1 0 0 200 0 0 '.repeat(count - 1)}1 200 1 0 0 1400 0 0`;

describe('the kernel is told each pattern', () => {
  const TABLE: readonly [LedPattern, string, unknown][] = [
    ['blink 200/200', '1 200 1 0 0 200 0 0', timer(200, 200)],
    ['blink 100/1900', '1 100 1 0 0 1900 0 0', timer(100, 1900)],
    ['blink 100/900', '1 100 1 0 0 900 0 0', timer(100, 900)],
    ['blink 400/400', '1 400 1 0 0 400 0 0', timer(400, 400)],
    ['pulse 400/400', '1 400 1 0 0 400 0 0', timer(400, 400)],
    ['blink 100/100', '1 100 1 0 0 100 0 0', timer(100, 100)],
    ['code 1', '1 200 1 0 0 1400 0 0', timer(200, 1400)],
  ];

  test.each(TABLE)('%s', (pattern, steps, delays) => {
    expect(triggerPlans(pattern, 1)).toEqual([
      { trigger: 'timer', files: delays },
      { trigger: 'pattern', files: [['pattern', steps]] },
    ]);
  });

  test.each([2, 3, 4, 5, 6, 7, 8, 9])('code %i, which no timer can show', (code) => {
    expect(triggerPlans(`code ${code}`, 1)).toEqual([
      { trigger: 'pattern', files: [['pattern', blinks(code)]] },
    ]);
  });

  test.each<LedPattern>(['on', 'off', 'blink 5/5', 'code 0', 'code 99'])('%s is steady', (pattern) => {
    expect(triggerPlans(pattern, 1)).toEqual([]);
  });

  test("with the LED's own highest brightness", () => {
    expect(triggerPlans('code 2', 255)[0]?.files).toEqual([
      ['pattern', '255 200 255 0 0 200 0 0 255 200 255 0 0 1400 0 0'],
    ]);
  });

  test('every light of both tables is steady or has a plan that fits the page of sysfs', () => {
    for (const signal of LED_SIGNALS) {
      const light = { signal, code: signal === 'error' ? (9 as const) : null, activity: null };
      for (const pattern of [...Object.values(threeLeds(light)), oneLed(light)]) {
        const plans = triggerPlans(pattern as LedPattern, 255);
        expect(plans.length > 0).toBe(pattern !== 'on' && pattern !== 'off');
        for (const { files } of plans) for (const [, text] of files) expect(text.length).toBeLessThan(4096);
      }
    }
  });
});

describe('what a trigger file says', () => {
  test.each([
    ['none [mmc0] timer\n', ['none', 'mmc0', 'timer'], 'mmc0'],
    ['[none] mmc0', ['none', 'mmc0'], 'none'],
    ['', [], null],
    ['none timer', ['none', 'timer'], null],
  ])('%j', (text, all, current) => {
    expect(readTriggers(text)).toEqual({ all, current });
  });
});
