import { describe, expect, it } from 'vitest';
import { captureDay } from '../../adapters/exif/capture-day.ts';

describe('the day of a DateTimeOriginal', () => {
  it.each([
    ['2004:06:29 15:29:33', '2004-06-29'],
    ['2004-06-29T15:29:33+02:00', '2004-06-29'],
    ['2004/06/29 15:29', '2004-06-29'],
    ['2004.06.29', '2004-06-29'],
    ['2024:02:29 23:59:59', '2024-02-29'],
    ['1990:01:01 00:00:00', '1990-01-01'],
    ['2099:12:31 23:59:59', '2099-12-31'],
  ])('%s is %s', (raw, day) => {
    expect(captureDay(raw)).toBe(day);
  });

  it.each([
    ['zeros of an empty clock', '0000:00:00 00:00:00'],
    ['the epoch', '1970:01:01 00:00:00'],
    ['the DOS epoch', '1980:01:01 00:00:00'],
    ['the year before the first', '1989:12:31 00:00:00'],
    ['the year after the last', '2100:01:01 00:00:00'],
    ['month 0', '2004:00:10 00:00:00'],
    ['month 13', '2004:13:10 00:00:00'],
    ['day 0', '2004:06:00 00:00:00'],
    ['the 31st of June', '2004:06:31 00:00:00'],
    ['the 29th of February of no leap year', '2023:02:29 00:00:00'],
    ['blanks', '    :  :     :  :  '],
    ['a path', '../../etc/passwd'],
    ['a date with a path behind it', '2004:06:29/../../etc'],
    ['a command', '$(reboot)'],
    ['five digits', '12004:06:29 00:00:00'],
    ['one digit', '2004:6:29 00:00:00'],
    ['the empty text', ''],
    ['a number', 20040629],
    ['a date object', new Date(0)],
    ['nothing', null],
    ['undefined', undefined],
  ])('%s is no day', (_what, raw) => {
    expect(captureDay(raw)).toBeNull();
  });
});
