import { describe, expect, test } from 'vitest';
import {
  durationText,
  percentOf,
  percentText,
  rateText,
  sizeText,
  timeOnlyText,
  timeText,
} from '../../adapters/web/format.ts';
import { secondsBetween } from '../../adapters/web/history/words.ts';

/** `Intl` puts blanks that do not break where we would type one. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

describe('sizes', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [9_949_999, '9.9 MB'],
    [9_950_000, '10 MB'],
    [64e9, '64 GB'],
    [1.94e12, '1.9 TB'],
    [5e18, '5,000 PB'],
  ])('%d is %s', (bytes, text) => {
    expect(plain(sizeText(bytes, 'en'))).toBe(text);
  });

  test('are written as the language does; one that is not known is a dash', () => {
    expect(plain(sizeText(1.94e12, 'de'))).toBe('1,9 TB');
    expect(sizeText(null, 'de')).toBe('–');
    expect(plain(rateText(82.4e6, 'en'))).toBe('82 MB/s');
  });
});

describe('per cent', () => {
  test('is 100 only when all is done', () => {
    expect([percentOf(0, 10), percentOf(999_999, 1_000_000), percentOf(10, 10), percentOf(11, 10)]).toEqual([
      0, 99, 100, 100,
    ]);
  });

  test('of nothing is none', () => {
    expect([percentOf(0, 0), percentOf(5, 0), percentOf(-1, 10)]).toEqual([0, 0, 0]);
  });

  test('is written as the language does', () => {
    expect(plain(percentText(42, 'en'))).toBe('42%');
    expect(plain(percentText(42, 'de'))).toBe('42 %');
  });
});

describe('durations', () => {
  test.each([
    [0.4, '0 sec'],
    [59.4, '59 sec'],
    [59.6, '1 min'],
    [89, '1 min'],
    [3599, '1 hr'],
    [3600, '1 hr'],
    [7500, '2 hr 5 min'],
    [-3, '0 sec'],
  ])('%d s are %s', (seconds, text) => {
    expect(plain(durationText(seconds, 'en'))).toBe(text);
  });

  test('are told in German', () => {
    expect(plain(durationText(7500, 'de'))).toBe('2 Std. 5 Min.');
  });

  test('between begin and end; null where one is missing or wrong', () => {
    expect(secondsBetween('2026-11-21T14:00:00Z', '2026-11-21T14:01:30Z')).toBe(90);
    expect(secondsBetween('2026-11-21T14:00:00Z', null)).toBeNull();
    expect(secondsBetween('2026-11-21T14:00:00Z', '2026-11-21T13:00:00Z')).toBeNull();
    expect(secondsBetween('x', '2026-11-21T13:00:00Z')).toBeNull();
  });
});

describe('times', () => {
  const at = '2026-11-21T14:05:00Z';
  test('are those of where the phone is, in its language', () => {
    expect(plain(timeText(at, { language: 'en', timeZone: 'Europe/Berlin' }))).toBe('21 Nov 2026, 15:05');
    expect(plain(timeText(at, { language: 'de', timeZone: 'Europe/Berlin' }))).toBe('21.11.2026, 15:05');
    expect(timeOnlyText(at, { language: 'en', timeZone: 'UTC' })).toBe('14:05');
  });
});
