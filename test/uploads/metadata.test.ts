import { expect, test } from 'vitest';
import { parseMetadata } from '../../services/uploads/metadata.ts';
import { b64 } from './kit.ts';

const NOW = { at: '2026-11-21T12:00:00.000Z', clock: 'synced' } as const;
const UNSYNCED = { at: '1970-01-01T00:00:12.000Z', clock: 'unsynced' } as const;
const timed = (text: string, now: typeof NOW | typeof UNSYNCED = NOW) =>
  parseMetadata(`lastModified ${b64(text)}`, now).mtimeMs;

test('a name and a time; other words mean nothing', () => {
  const header = `filename ${b64('Süd.jpg')},filetype ${b64('image/jpeg')},is_confidential,lastModified ${b64('1783166400000')}`;
  expect(parseMetadata(header, NOW)).toEqual({ filename: 'Süd.jpg', mtimeMs: 1_783_166_400_000 });
  expect(parseMetadata('', NOW)).toEqual({ filename: '', mtimeMs: null });
  expect(parseMetadata('filename', NOW).filename).toBe('');
});

test.each([
  ['no base64', 'filename ***'],
  ['base64 that is cut off', 'filename abc'],
  ['a key twice', 'filename YQ==,filename Yg=='],
  ['three words', 'filename YQ== Yg=='],
  ['no key', ' YQ=='],
  ['an empty pair', 'filename YQ==,'],
  ['a key that is not ASCII', 'filen\u00e4me YQ=='],
  ['a name that is not UTF-8', `filename ${b64(Buffer.from([0x66, 0xff, 0xfe]))}`],
  ['more than 4 KiB', `x ${'A'.repeat(4096)}`],
])('%s is refused', (_what, header) => {
  expect(() => parseMetadata(header, NOW)).toThrow(expect.objectContaining({ code: 'bad-metadata' }));
});

test('a name may have 255 bytes, not 256', () => {
  expect(parseMetadata(`filename ${b64('x'.repeat(255))}`, NOW).filename).toHaveLength(255);
  expect(() => parseMetadata(`filename ${b64('é'.repeat(128))}`, NOW)).toThrow(
    expect.objectContaining({ code: 'name-too-long', message: 'the name has 256 bytes' }),
  );
});

test.each([
  ['1980', Date.UTC(1980, 0, 1), true],
  ['before 1980', Date.UTC(1980, 0, 1) - 1, false],
  ['a day ahead', Date.parse(NOW.at) + 86_400_000, true],
  ['more than a day ahead', Date.parse(NOW.at) + 86_400_001, false],
])('a time %s', (_when, ms, isKept) => {
  expect(timed(String(ms))).toBe(isKept ? ms : null);
});

test('a box that does not know the time believes the phone, within what a file system keeps', () => {
  const ms = Date.UTC(2026, 10, 21);
  expect(timed(String(ms), UNSYNCED)).toBe(ms);
  expect(timed(String(Date.UTC(2108, 0, 1)), UNSYNCED)).toBeNull();
});

test.each(['', 'soon', '-1', '1e12', '1.5', '9'.repeat(16)])('the time %j is none', (text) => {
  expect(timed(text)).toBeNull();
});
