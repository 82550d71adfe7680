import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ProgressLine } from '../../adapters/terminal/progress-line.ts';
import { alignRows } from '../../adapters/terminal/table.ts';
import {
  formatBytes,
  formatCount,
  formatRate,
  formatSeconds,
  formatTime,
} from '../../adapters/terminal/units.ts';

describe('numbers for people', () => {
  test.each([
    [null, '?'],
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [64.5e9, '64.5 GB'],
    [2e12, '2.0 TB'],
    [3e18, '3000.0 PB'],
  ])('%s bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test.each([
    [null, ''],
    [0, '0 s'],
    [59.4, '59 s'],
    [59.6, '1 min 00 s'],
    [185, '3 min 05 s'],
    [3599.6, '1 h 00 min'],
    [7620, '2 h 07 min'],
  ])('%s seconds are "%s"', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });

  test('a rate is bytes a second, nothing when it is not known', () => {
    expect([formatRate(80.1e6), formatRate(0.4), formatRate(null)]).toEqual(['80.1 MB/s', '0 B/s', '']);
  });

  test('one file, two files', () => {
    expect([0, 1, 2].map((count) => formatCount(count, 'file'))).toEqual(['0 files', '1 file', '2 files']);
  });
});

describe('times', () => {
  beforeEach(() => {
    vi.stubEnv('TZ', 'Asia/Tokyo');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test('are local', () => {
    expect(formatTime('2026-11-21T14:03:22.900Z')).toBe('2026-11-21 23:03');
    expect(formatTime('2026-11-21T15:03:02.000Z', true)).toBe('2026-11-22 00:03:02');
  });

  test('that are not there or not times do not hide the rest', () => {
    expect([formatTime(null), formatTime('soon')]).toEqual(['–', '?']);
  });
});

describe('tables', () => {
  test('columns line up, colours take no room, nothing trails', () => {
    const rows = [
      ['a', '\u001b[32mgood\u001b[39m', 'x'],
      ['long one', 'no', ''],
    ];
    expect(alignRows(rows, '> ')).toEqual(['> a         \u001b[32mgood\u001b[39m  x', '> long one  no']);
  });

  test('a picture is one column wide, not two units', () => {
    expect(
      alignRows([
        ['📷', 'x'],
        ['ab', 'x'],
      ]),
    ).toEqual(['📷   x', 'ab  x']);
  });

  test('rows of different lengths and none at all', () => {
    expect(alignRows([['a'], ['b', 'c']])).toEqual(['a', 'b  c']);
    expect(alignRows([])).toEqual([]);
  });
});

describe('the progress line', () => {
  const output = (isTTY: boolean, columns?: number) => {
    const written: string[] = [];
    const write = (text: string) => written.push(text);
    return { written, isTTY, write, ...(columns === undefined ? {} : { columns }) };
  };

  test('is rewritten on a terminal, and gone after it is cleared', () => {
    const terminal = output(true);
    const line = new ProgressLine(terminal);
    line.show('1 of 2');
    line.show('2 of 2');
    line.clear();
    line.clear();
    expect(terminal.written).toEqual(['\r1 of 2\u001b[K', '\r2 of 2\u001b[K', '\r\u001b[K']);
  });

  test('never wraps: what does not fit is cut between characters', () => {
    const terminal = output(true, 5);
    new ProgressLine(terminal).show('12📷456');
    expect(terminal.written).toEqual(['\r12📷4\u001b[K']);
  });

  test('is a line every five seconds where it cannot be rewritten', () => {
    const pipe = output(false);
    let nowMs = 100;
    const line = new ProgressLine(pipe, () => nowMs);
    line.show('a');
    nowMs += 4999;
    line.show('b');
    nowMs += 1;
    line.show('c');
    line.clear();
    expect(pipe.written).toEqual(['a\n', 'c\n']);
  });
});
