import { describe, expect, test } from 'vitest';
import type { HealthLevel } from '../../machines/facts.ts';
import { grade, TEMPERATURE } from '../../services/health/grade.ts';
import { verdictOn } from '../../services/health/verdict.ts';

/** Levels of a series of values, each given the one before. */
function levels(values: readonly number[], verdict: (value: number, before: HealthLevel) => HealthLevel) {
  let level: HealthLevel = 'good';
  return values.map((value) => {
    level = verdict(value, level);
    return level;
  });
}

describe('a level', () => {
  const limits = { warning: 80, bad: 85, back: 5 };

  test.each([
    [79.9, 'good', 'good'],
    [80, 'good', 'warning'],
    [85, 'good', 'bad'],
    [84.9, 'good', 'warning'],
    [84.9, 'warning', 'warning'],
    [75, 'warning', 'warning'],
    [74.9, 'warning', 'good'],
    [80, 'bad', 'bad'],
    [79.9, 'bad', 'warning'],
    [75, 'bad', 'warning'],
    [74.9, 'bad', 'good'],
  ] as const)('%d after %s is %s', (value, before, expected) => {
    expect(grade(value, before, limits)).toBe(expected);
  });

  test('does not flicker on its limit', () => {
    const flicker = [79, 80, 79, 80, 79, 80, 76, 80];
    expect(levels(flicker, (value, before) => grade(value, before, TEMPERATURE)).slice(1)).toEqual(
      Array(7).fill('warning'),
    );
  });
});

describe('a verdict', () => {
  test('on the temperature: the limits of the firmware', () => {
    const at = (celsius: number) => verdictOn({ check: 'temperature', celsius }, 'good');
    expect(at(48.312)).toEqual({ level: 'good', reading: '48.3 °C' });
    expect([at(79.99).level, at(80).level, at(85).level]).toEqual(['good', 'warning', 'bad']);
  });

  test('on memory: more is worse', () => {
    const at = (mib: number) => verdictOn({ check: 'memory', rssBytes: mib * 2 ** 20 }, 'good').level;
    expect([at(255), at(256), at(384)]).toEqual(['good', 'warning', 'bad']);
    expect(verdictOn({ check: 'memory', rssBytes: 123_456_789 }, 'good').reading).toBe('123 MB');
  });

  test('on the state disk: less is worse, and it has to come back by 20 MB', () => {
    const at = (mb: number, before: HealthLevel = 'good') =>
      verdictOn({ check: 'state-disk', freeBytes: mb * 1e6 }, before).level;
    expect([at(501), at(500), at(100)]).toEqual(['good', 'warning', 'bad']);
    expect([at(519, 'warning'), at(521, 'warning'), at(119, 'bad'), at(121, 'bad')]).toEqual([
      'warning',
      'good',
      'bad',
      'warning',
    ]);
    expect(verdictOn({ check: 'state-disk', freeBytes: 99.9e6 }, 'good').reading).toBe('99 MB free');
  });

  test.each([
    ['passed', '', 'good', 'SMART passed'],
    ['worn', '8 sectors cannot be read', 'warning', 'SMART worn: 8 sectors cannot be read'],
    ['failing', '', 'bad', 'SMART failing'],
  ] as const)('on a disk that %s', (verdict, detail, level, reading) => {
    expect(verdictOn({ check: 'disk', subject: 'D', verdict, detail }, 'good')).toEqual({ level, reading });
  });
});
