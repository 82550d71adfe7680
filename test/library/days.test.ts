import { describe, expect, test } from 'vitest';
import { dayOf, isCameraDay, isDay, localTime, timeOfMtime } from '../../services/library/days.ts';

describe('time of a modification', () => {
  test.each([
    [Date.UTC(2026, 10, 21, 23, 59, 59, 999), '2026-11-21T23:59:59'],
    [Date.UTC(2026, 10, 22), '2026-11-22T00:00:00'],
    [0, '1970-01-01T00:00:00'],
    [-1, '1969-12-31T23:59:59'],
    [Number.NaN, '1970-01-01T00:00:00'],
    [Number.POSITIVE_INFINITY, '1970-01-01T00:00:00'],
    [9e15, '1970-01-01T12:00:00'],
    [Date.UTC(2107, 11, 31), '1970-01-01T12:00:00'],
    [Date.UTC(12_000, 0), '1970-01-01T12:00:00'],
  ])('%d ms is %s', (mtimeMs, time) => {
    expect(timeOfMtime(mtimeMs)).toBe(time);
  });
});

describe('time that a camera wrote', () => {
  test.each([
    ['2026-11-21T14:03:59', '2026-11-21T14:03:59'],
    ['2026-11-21T14:03:59.12', '2026-11-21T14:03:59'],
    ['2026-11-21', '2026-11-21T12:00:00'],
    ['2026-11-21T00:00:00', '2026-11-21T00:00:00'],
    ['2026-11-21T23:59:59+02:00', '2026-11-21T23:59:59'],
  ])('%s', (at, time) => {
    expect(localTime(at)).toBe(time);
  });

  test.each([
    undefined,
    '',
    '2026-02-30',
    '2026-11-21T',
    '2026-02-30T10:00:00',
    '0000-00-00T00:00:00',
    '2026-11-21T24:00:00',
    '2026-11-21T10:60:00',
    '2026-11-21T10:00:60',
    '2026-11-21T10:00:000',
    '2026-11-21T10:00:00:00',
    ' 2026-11-21T10:00:00',
    '../../etc/passwd',
  ])('%j is none', (at) => {
    expect(localTime(at)).toBeNull();
  });
});

describe('days', () => {
  test.each(['2026-11-21', '2024-02-29', '1900-01-01', '2099-12-31'])('%s is a day', (text) => {
    expect(isDay(text)).toBe(true);
  });

  test.each([
    '2026-02-29',
    '2026-13-01',
    '0000-00-00',
    '1899-12-31',
    '2100-01-01',
    '2026-1-1',
    '../../etc',
    '2026-11-21x',
    '',
  ])('%j is none', (text) => {
    expect(isDay(text)).toBe(false);
  });
});

test.each([
  ['1990-01-01', true],
  ['1989-12-31', false],
  ['2099-12-31', true],
  ['2100-01-01', false],
  ['2026-02-29', false],
])('a camera can have written %s: %s', (text, can) => {
  expect(isCameraDay(text)).toBe(can);
});

describe('the day begins when the configuration says', () => {
  test.each([
    ['2026-11-21T02:59:59', '03:00', '2026-11-20'],
    ['2026-11-21T03:00:00', '03:00', '2026-11-21'],
    ['2026-11-21T23:59:59', '03:00', '2026-11-21'],
    ['2026-11-21T00:00:00', '00:00', '2026-11-21'],
    ['2026-11-21T00:29:00', '00:30', '2026-11-20'],
    ['2026-11-21T22:59:00', '23:00', '2026-11-20'],
    // Over the ends of months, of February and of a year.
    ['2026-12-01T01:00:00', '03:00', '2026-11-30'],
    ['2024-03-01T01:00:00', '03:00', '2024-02-29'],
    ['2026-03-01T01:00:00', '03:00', '2026-02-28'],
    ['2027-01-01T01:00:00', '03:00', '2026-12-31'],
    // Nights in which clocks are changed: the camera's clock is nobody's zone.
    ['2026-03-29T02:30:00', '03:00', '2026-03-28'],
    ['2026-10-25T02:30:00', '03:00', '2026-10-24'],
    ['1900-01-01T01:00:00', '03:00', '1899-12-31'],
  ])('%s, from %s on, is %s', (at, dayStarts, day) => {
    expect(dayOf(at, dayStarts)).toBe(day);
  });
});
