import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { captureOf } from '../../services/library/capture.ts';

const atOf = (taken: unknown, more = {}) => captureOf({ taken, ...more }).at;

describe('the time of a shot', () => {
  it.each([
    ['2004:06:29 15:29:33', '2004-06-29T15:29:33'],
    ['2004-06-29T15:29:33', '2004-06-29T15:29:33'],
    ['2004:06:29 15:29:33.25', '2004-06-29T15:29:33.25'],
    ['2004:06:29 15:29:33,25', '2004-06-29T15:29:33.25'],
    ['2004:06:29 15:29:33.123456789123', '2004-06-29T15:29:33.123456789'],
    ['2004-06-29T15:29:33+02:00', '2004-06-29T15:29:33'],
    ['2004-06-29T15:29:33 +0200', '2004-06-29T15:29:33'],
    ['2024:02:29 23:59:59', '2024-02-29T23:59:59'],
    ['1990:01:01 00:00:00', '1990-01-01T00:00:00'],
    ['2099:12:31 23:59:59', '2099-12-31T23:59:59'],
    ['2004:06:29 15:29:33 \n', '2004-06-29T15:29:33'],
  ])('%s is %s', (taken, at) => {
    expect(atOf(taken)).toBe(at);
  });

  it.each([
    ['no time at all', '2004.06.29'],
    ['no seconds', '2004:06:29 15:29'],
    ['blanks', '2004:06:29   :  :  '],
    ['hour 24', '2004:06:29 24:00:00'],
    ['minute 60', '2004:06:29 23:60:00'],
    ['second 60', '2004:06:29 23:59:60'],
    ['words', '2004:06:29 at noon'],
    ['more behind it', '2004:06:29 15:29:33 and more'],
  ])('with %s is the day alone', (_what, taken) => {
    expect(atOf(taken, { subSeconds: '12' })).toBe('2004-06-29');
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
    ['UTC: whose day that is nobody knows', '2021:05:16 19:27:55Z'],
    ['UTC with blanks', '2021:05:16 19:27:55.5z '],
  ])('%s is none', (_what, taken) => {
    expect(captureOf({ taken, subSeconds: '5', zone: '+01:00' })).toEqual({});
  });

  it.each([
    ['616284', '.616284'],
    ['03', '.03'],
    ['00', '.00'],
    [' 10  ', '.10'],
    ['1234567890123', '.123456789'],
  ])('gets its sub-seconds %j', (subSeconds, fraction) => {
    expect(atOf('2004:06:29 15:29:33', { subSeconds })).toBe(`2004-06-29T15:29:33${fraction}`);
  });

  it.each([
    [''],
    ['  '],
    ['1a'],
    ['-1'],
    ['.5'],
    [5],
    [null],
  ])('takes %j for no sub-seconds, and those in the date then', (subSeconds) => {
    expect(atOf('2004:06:29 15:29:33', { subSeconds })).toBe('2004-06-29T15:29:33');
    expect(atOf('2004:06:29 15:29:33.7', { subSeconds })).toBe('2004-06-29T15:29:33.7');
  });

  it('has one fraction when the camera wrote two', () => {
    expect(atOf('2004:06:29 15:29:33.7', { subSeconds: '68' })).toBe('2004-06-29T15:29:33.68');
  });
});

describe('the zone', () => {
  it.each([
    ['+02:00', '+02:00'],
    ['-04:00', '-04:00'],
    [' +05:45 ', '+05:45'],
    ['+0200', '+02:00'],
    ['+14:00', '+14:00'],
  ])('%j is %s', (zone, is) => {
    expect(captureOf({ taken: '2004:06:29 15:29:33', zone }).zone).toBe(is);
  });

  it.each([
    ['+15:00'],
    ['+02:60'],
    ['02:00'],
    ['+2:00'],
    ['+02'],
    ['Z'],
    ['   :  '],
    [7200],
    [null],
  ])('%j is none', (zone) => {
    expect(captureOf({ taken: '2004:06:29 15:29:33', zone })).toEqual({ at: '2004-06-29T15:29:33' });
  });

  it('may stand behind the date, and its own tag counts first', () => {
    const taken = '2004:06:29 15:29:33-03:30';
    expect(captureOf({ taken }).zone).toBe('-03:30');
    expect(captureOf({ taken, zone: '+01:00' }).zone).toBe('+01:00');
    expect(captureOf({ taken, zone: ' ' }).zone).toBe('-03:30');
  });

  it('of nothing is nothing', () => {
    expect(captureOf({ taken: '0000:00:00 00:00:00', zone: '+01:00' })).toEqual({});
  });
});

describe('the camera', () => {
  test('is what it says of itself', () => {
    expect(captureOf({ make: 'Canon', model: 'Canon EOS R5', serial: '072024000973' })).toEqual({
      make: 'Canon',
      model: 'Canon EOS R5',
      serial: '072024000973',
    });
  });

  it.each([
    ['blanks around it', '  NIKON CORPORATION   ', 'NIKON CORPORATION'],
    ['a terminal’s commands', 'EOS\u001b[31m\u0007R5', 'EOS [31m R5'],
    ['line breaks', 'a\r\nb', 'a b'],
    ['zeros behind it', 'E775\0\0\0', 'E775'],
    ['more behind a zero', 'MAVICA\0 3ghx7y', 'MAVICA'],
    ['another direction of writing', 'JPG\u202egnp.exe', 'JPG gnp.exe'],
    ['half a character', 'a\ud800b', 'a b'],
    ['other alphabets', '理光 GR Ⅲ', '理光 GR Ⅲ'],
    ['markup', '<b>&', '<b>&'],
    ['64 characters', 'x'.repeat(64), 'x'.repeat(64)],
    ['more than 64', 'x'.repeat(65), 'x'.repeat(64)],
    ['more than 64 that take two units each', '😀'.repeat(65), '😀'.repeat(64)],
    ['a blank where it is cut', `${'x'.repeat(63)} y`, 'x'.repeat(63)],
  ])('with %s', (_what, model, is) => {
    expect(captureOf({ model })).toEqual({ model: is });
  });

  it.each([
    [''],
    ['   '],
    ['\0\0'],
    [7],
    [null],
    [undefined],
    [['Canon']],
    [{ toString: () => 'Canon' }],
  ])('%j is none', (make) => {
    expect(captureOf({ make, model: make, serial: make })).toEqual({});
  });
});

describe('the place', () => {
  it.each([
    [51.76240833333333, -0.31789166666666663, { latitude: 51.762408, longitude: -0.317892 }],
    [-90, 180, { latitude: -90, longitude: 180 }],
    [90, -180, { latitude: 90, longitude: -180 }],
    [0, 0.5, { latitude: 0, longitude: 0.5 }],
    [0.5, 0, { latitude: 0.5, longitude: 0 }],
  ])('%d, %d', (latitude, longitude, gps) => {
    expect(captureOf({ latitude, longitude })).toEqual({ gps });
  });

  it.each([
    [90.001, 0],
    [-90.001, 0],
    [1, 180.001],
    [1, -180.001],
    [Number.NaN, 1],
    [1, Number.POSITIVE_INFINITY],
    ['51', 1],
    [1, null],
    [undefined, 1],
    [0, 0],
  ])('%j, %j is none', (latitude, longitude) => {
    expect(captureOf({ latitude, longitude })).toEqual({});
  });
});

test('whatever a file says, what comes of it is short, visible and in range', () => {
  const value = fc.oneof(
    fc.anything(),
    fc.string({ unit: 'binary', maxLength: 2000 }),
    fc.double({ min: -400, max: 400 }),
    fc.stringMatching(/^[0-9]{4}:[0-9]{2}:[0-9]{2} [0-9:.+Z-]{0,20}$/),
  );
  const raw = fc.record({
    taken: value,
    subSeconds: value,
    zone: value,
    make: value,
    model: value,
    serial: value,
    latitude: value,
    longitude: value,
  });
  void fc.assert(
    fc.property(raw, (tags) => {
      const capture = captureOf(tags);
      const { at, zone, gps, ...texts } = capture;
      expect(at ?? '2000-01-01').toMatch(
        /^(199\d|20\d\d)-[01]\d-[0-3]\d(T[0-2]\d:[0-5]\d:[0-5]\d(\.\d{1,9})?)?$/,
      );
      expect(zone ?? '+00:00').toMatch(/^[+-][01]\d:[0-5]\d$/);
      expect(Math.abs(gps?.latitude ?? 0)).toBeLessThanOrEqual(90);
      expect(Math.abs(gps?.longitude ?? 0)).toBeLessThanOrEqual(180);
      for (const text of Object.values(texts)) {
        expect([...(text ?? '')].length).toBeLessThanOrEqual(64);
        expect(text).not.toMatch(/^\s|[\p{Cc}\p{Cf}\p{Cs}]|\s$|^$/u);
      }
      expect(JSON.parse(JSON.stringify(capture))).toEqual(capture);
    }),
    { numRuns: 2000 },
  );
});
