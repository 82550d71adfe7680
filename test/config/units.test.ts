import { describe, expect, test } from 'vitest';
import { nearest } from '../../services/config/nearest.ts';
import { parseDuration, parseRate, parseSize } from '../../services/config/units.ts';

describe('a size', () => {
  test.each([
    ['0', 0],
    ['512', 512],
    ['512b', 512],
    ['500MB', 500e6],
    ['500 mb', 500e6],
    ['1.5 TB', 1.5e12],
    ['3kB', 3000],
    ['1GB', 1e9],
    ['2KiB', 2048],
    ['2MiB', 2 * 1024 ** 2],
    ['2GiB', 2 * 1024 ** 3],
    ['1TiB', 1024 ** 4],
    ['  7 ', 7],
    ['0.0001kb', 0],
  ])('%j is %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test.each([
    '',
    'MB',
    '-1',
    '1,5GB',
    '1e9',
    '5 minutes',
    '1.GB',
    '.5GB',
    '9007199254740993',
    '99999TB',
    '1h',
  ])('%j is none', (text) => {
    expect(parseSize(text)).toBeNull();
  });
});

describe('a duration', () => {
  test.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['1.5 min', 90_000],
    ['2H', 7_200_000],
  ])('%j is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(['10', '', '1d', '5m', '1GB', '-1s'])('%j is none: a bare number has no unit', (text) => {
    expect(parseDuration(text)).toBeNull();
  });
});

describe('a rate', () => {
  test.each([
    ['20MB/s', 20e6],
    ['20 MB / s', 20e6],
    ['1.5GiB/S', 1.5 * 1024 ** 3],
    ['500kB', 500e3],
    [' 4096 ', 4096],
  ])('%s', (text, bytesPerSecond) => {
    expect(parseRate(text)).toBe(bytesPerSecond);
  });

  test.each([
    '',
    '/s',
    '0',
    '0MB/s',
    '20MB/min',
    '20MB/s/s',
    '-1MB/s',
    'fast',
    '20 Mbit/s',
    '0.1/s',
  ])('%j is none', (text) => {
    expect(parseRate(text)).toBeNull();
  });
});

describe('the word that was probably meant', () => {
  const KEYS = ['auto', 'cards', 'card_max', 'port', 'roots', 'power_off_after'];
  test.each([
    ['auot', 'auto'],
    ['Card', 'cards'],
    ['cardmax', 'card_max'],
    ['por', 'port'],
    ['root', 'roots'],
    ['poweroff_after', 'power_off_after'],
    ['power-off-aftr', 'power_off_after'],
  ])('%s: %s', (typed, meant) => {
    expect(nearest(typed, KEYS)).toBe(meant);
  });

  test.each(['colour', '', 'x', 'pewer-off-aftr-x'])('%j is near nothing', (typed) => {
    expect(nearest(typed, KEYS)).toBeNull();
  });

  test('the closest one wins, whatever the order', () => {
    expect(nearest('cards', ['card', 'cards'])).toBe('cards');
    expect(nearest('cards', ['cards', 'card'])).toBe('cards');
  });
});
