import { describe, expect, test } from 'vitest';
import { codeIn, deviceNameOf, digitsOf } from '../../adapters/web/pairing/code.ts';
import { troubleOf } from '../../adapters/web/pairing/trouble.ts';
import { Refusal } from '../../adapters/web/refusal.ts';

describe('the link of a QR code', () => {
  test('brings six digits, and nothing else is taken for them', () => {
    expect(codeIn('#code=012345')).toBe('012345');
    expect(
      ['', '#/', '#code=12345', '#code=1234567', '#code=12345a', '#/?code=123456', 'code=123456'].map(codeIn),
    ).toEqual(Array(7).fill(null));
  });
});

describe('what was typed or pasted', () => {
  test('is its digits, six at most', () => {
    expect(['123456', ' 123 456\n', 'Code: 12-34-56-78', 'abc', ''].map(digitsOf)).toEqual([
      '123456',
      '123456',
      '123456',
      '',
      '',
    ]);
  });
});

describe('a device', () => {
  test.each([
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)', 'iPhone'],
    ['Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/130.0 Mobile Safari/537.36', 'Android phone'],
    ['Mozilla/5.0 (Linux; Android 15; SM-X910) Chrome/130.0 Safari/537.36', 'Android tablet'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)', 'Mac'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64)', 'Windows PC'],
    ['Mozilla/5.0 (X11; Linux x86_64)', 'Linux PC'],
    ['curl/8.0', 'Browser'],
  ])('%s is called %s', (userAgent, name) => {
    expect(deviceNameOf(userAgent)).toBe(name);
  });
});

describe('a refusal', () => {
  const refusal = (code: string, retryAfterSeconds: number | null = null) =>
    new Refusal(403, { code, detail: 'in the words of the server', hint: '', retryAfterSeconds });

  test.each([
    'wrong-code',
    'no-pairing',
    'asked-too-early',
    'too-many-devices',
  ])('%s is told in words of the page', (code) => {
    expect(troubleOf(refusal(code), 'code')).toMatchObject({ key: `pair.${code}`, lockedForSeconds: 0 });
  });

  test('says who asked by the button too soon that only the code comes in now', () => {
    expect(troubleOf(refusal('no-pairing'), 'button').key).toBe('pair.pressed-in-vain');
    expect(troubleOf(refusal('asked-too-early'), 'button').key).toBe('pair.asked-too-early');
  });

  test('locks for as long as the box says, or a minute', () => {
    expect(troubleOf(refusal('too-many-guesses', 42), 'code').lockedForSeconds).toBe(42);
    expect(troubleOf(refusal('too-many-guesses'), 'code').lockedForSeconds).toBe(60);
  });

  test('of another kind is told in the words of the server', () => {
    expect(troubleOf(refusal('state-disk-full'), 'code')).toEqual({
      key: null,
      message: 'in the words of the server',
      lockedForSeconds: 0,
    });
  });

  test('is something else than no answer', () => {
    expect(troubleOf(new TypeError('fetch failed'), 'code').key).toBe('noAnswer');
  });
});
