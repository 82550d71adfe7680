import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { captureOfAnswer } from '../../adapters/exiftool/answer.ts';

const PATH = '/media/TANK/.imagetank/incoming/f00d.part';
const answer = (tags: object) => captureOfAnswer(JSON.stringify([{ SourceFile: PATH, ...tags }]), PATH);

describe('the time of the shot', () => {
  it.each<[what: string, tags: object, at: string, zone?: string]>([
    [
      'of Exif, with sub-seconds and zone',
      {
        'ExifIFD:DateTimeOriginal': '2020:05:04 18:44:06',
        'ExifIFD:SubSecTimeOriginal': '273',
        'ExifIFD:OffsetTimeOriginal': '-04:00',
      },
      '2020-05-04T18:44:06.273',
      '-04:00',
    ],
    ['of Apple’s key', { 'Keys:CreationDate': '2022:02:16 12:55:41+01:00' }, '2022-02-16T12:55:41', '+01:00'],
    ['of a maker, local', { 'Nikon:DateTimeOriginal': '2015:04:10 20:12:23' }, '2015-04-10T20:12:23'],
    ['of an AVI', { 'RIFF:DateTimeOriginal': '2005:10:17 22:54:32' }, '2005-10-17T22:54:32'],
    ['of a CRW', { 'CanonRaw:DateTimeOriginal': '2002:01:20 05:27:07' }, '2002-01-20T05:27:07'],
    [
      'of AVCHD, with its zone',
      { 'H264:DateTimeOriginal': '2009:08:22 13:45:10+09:00' },
      '2009-08-22T13:45:10',
      '+09:00',
    ],
    [
      'of AVCHD, which knows no zone',
      { 'H264:DateTimeOriginal': '2009:08:22 13:45:10+00:00' },
      '2009-08-22T13:45:10',
    ],
    [
      'of AVCHD in summer, of which nobody knows whether the zone counts it',
      { 'H264:DateTimeOriginal': '2009:08:22 13:45:10+01:00 DST' },
      '2009-08-22T13:45:10',
    ],
    [
      'of Sony’s XML',
      { 'XML:CreationDateValue': '2021:03:01 09:30:00-05:00' },
      '2021-03-01T09:30:00',
      '-05:00',
    ],
    [
      'of ©day, with a zone',
      { 'UserData:ContentCreateDate': '2021:03:01 09:30:00+0200' },
      '2021-03-01T09:30:00',
      '+02:00',
    ],
    [
      'of XMP, when there is nothing else',
      { 'XMP-exif:DateTimeOriginal': '2012:06:10 12:06:14+01:00' },
      '2012-06-10T12:06:14',
      '+01:00',
    ],
    [
      'in UTC for people in Greenwich',
      { 'Keys:CreationDate': '2021:01:02 03:04:05+00:00' },
      '2021-01-02T03:04:05',
      '+00:00',
    ],
  ])('%s', (_what, tags, at, zone) => {
    expect(answer(tags)).toEqual(zone === undefined ? { at } : { at, zone });
  });

  it('is the first in this order that is plausible', () => {
    const all = {
      'XMP-exif:DateTimeOriginal': '2006:01:01 00:00:00',
      'UserData:ContentCreateDate': '2005:01:01 00:00:00+01:00',
      'XML:CreationDateValue': '2004:01:01 00:00:00+01:00',
      'UserData:DateTimeOriginal': '2003:01:01 00:00:00+01:00',
      'Keys:CreationDate': '2002:01:01 00:00:00+01:00',
      'ExifIFD:DateTimeOriginal': '2001:01:01 00:00:00',
    };
    const left: Record<string, string> = { ...all };
    const years: (string | undefined)[] = [];
    for (const key of Object.keys(all).reverse()) {
      years.push(answer(left)?.at?.slice(0, 4));
      left[key] = '0000:00:00 00:00:00';
    }
    expect(years).toEqual(['2001', '2002', '2003', '2004', '2005', '2006']);
  });

  it.each([
    ['QuickTime’s own, which is UTC or is not', { 'QuickTime:CreateDate': '2020:11:20 14:04:36' }],
    [
      'UTC',
      { 'UserData:DateTimeOriginal': '2021:05:16 19:27:55Z', 'QuickTime:CreateDate': '2021:05:16 19:27:55' },
    ],
    ['UTC of Matroska', { 'Info:DateTimeOriginal': '2021:05:16 19:27:55Z' }],
  ])('is not %s; then it is known that the file has one', (_what, tags) => {
    expect(answer(tags)).toEqual({});
  });

  it.each([
    ['Apple’s key without a zone', { 'Keys:CreationDate': '2022:02:16 12:55:41' }],
    ['Sony’s without a zone', { 'XML:CreationDateValue': '2021:03:01 09:30:00' }],
    ['a year', { 'UserData:ContentCreateDate': '2021' }],
    ['what is made of other tags', { 'Composite:DateTimeOriginal': '2021:03:01 09:30:00' }],
    ['that of a text', { 'IPTC:DateTimeOriginal': '2021:03:01 09:30:00' }],
    ['zeros', { 'QuickTime:CreateDate': '0000:00:00 00:00:00' }],
    ['no date', { 'QuickTime:CreateDate': 'yesterday' }],
    ['1904', { 'QuickTime:CreateDate': '1904:01:01 00:00:00' }],
    ['an error', { 'ExifTool:Error': 'File format error' }],
    ['a warning', { 'ExifTool:Warning': 'Truncated' }],
  ])('is not %s; then nothing was read', (_what, tags) => {
    expect(answer(tags)).toBeNull();
  });

  it('has no sub-seconds and no zone of another date', () => {
    const tags = {
      'ExifIFD:SubSecTimeOriginal': '273',
      'ExifIFD:OffsetTimeOriginal': '-04:00',
      'Nikon:DateTimeOriginal': '2015:04:10 20:12:23',
    };
    expect(answer(tags)).toEqual({ at: '2015-04-10T20:12:23' });
  });
});

describe('camera and place', () => {
  test('of Exif; what the thumbnail and a program say counts less', () => {
    const tags = {
      'XMP-tiff:Make': 'Adobe',
      'IFD1:Make': 'Thumb',
      'Canon:SerialNumber': 'No= 72024000973',
      'IFD0:Make': 'Canon',
      'IFD0:Model': 'Canon EOS R5',
      'ExifIFD:SerialNumber': '072024000973',
      'Composite:GPSLatitude': -33.5,
      'Composite:GPSLongitude': 70.25,
    };
    expect(answer(tags)).toEqual({
      make: 'Canon',
      model: 'Canon EOS R5',
      serial: '072024000973',
      gps: { latitude: -33.5, longitude: 70.25 },
    });
  });

  test('of Sony’s XML', () => {
    const tags = {
      'XML:DeviceManufacturer': 'Sony',
      'XML:DeviceModelName': 'ILCE-7SM3',
      'XML:DeviceSerialNo': '4294967295',
    };
    expect(answer(tags)).toEqual({ make: 'Sony', model: 'ILCE-7SM3', serial: '4294967295' });
  });

  test('of GoPro', () => {
    expect(answer({ 'GoPro:Model': 'GoPro Max' })).toEqual({ model: 'GoPro Max' });
  });

  test.each([
    ['1e5'],
    ['556769'],
    ['1.10'],
    ['-12'],
    ['123456789012345678'],
  ])('a serial number %s that looks like a number stays as it is', (serial) => {
    const text = `[{\n  "SourceFile": "${PATH}",\n  "ExifIFD:SerialNumber": ${serial},\n  "IFD0:Model": 30\n}]\n`;
    expect(captureOfAnswer(text, PATH)).toEqual({ serial, model: '30' });
  });

  test('a text with a number in it is a text', () => {
    expect(answer({ 'IFD0:Model': '\n "x": 12,\n' })).toEqual({ model: '"x": 12,' });
  });

  test.each([
    ['half a place', { 'Composite:GPSLatitude': 1 }],
    ['an empty one', { 'Composite:GPSLatitude': '', 'Composite:GPSLongitude': ' ' }],
    ['text', { 'Composite:GPSLatitude': '51 deg', 'Composite:GPSLongitude': 1 }],
    ['without a sign', { 'GPS:GPSLatitude': 33.5, 'GPS:GPSLongitude': 70.25 }],
    ['lists', { 'IFD0:Model': ['E775'], 'IFD0:Make': { name: 'NIKON' } }],
    ['a group without a name', { Model: 'E775' }],
  ])('%s is nothing', (_what, tags) => {
    expect(answer(tags)).toBeNull();
  });
});

test('an answer of another file is none', () => {
  expect(captureOfAnswer(JSON.stringify([{ SourceFile: '/x', 'IFD0:Model': 'E775' }]), PATH)).toBeNull();
});

test('whatever comes, nothing is thrown', () => {
  void fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.json().map((json) => `[${json}]`),
      ),
      (text) => {
        expect(captureOfAnswer(text, PATH)).toBeNull();
      },
    ),
  );
  void fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('IFD0:Model', 'IFD0:Make', 'GPS', '__proto__', ':'), fc.jsonValue()),
      (tags) => {
        const capture = answer(tags);
        expect(
          capture === null || Object.keys(capture).every((key) => key === 'make' || key === 'model'),
        ).toBe(true);
      },
    ),
  );
});
