import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeJson, escapeText } from '../../adapters/terminal/escape.ts';

test.each([
  ['an escape sequence', '\u001b[2Jgone', '\\u001b[2Jgone'],
  ['a newline and a tab', 'a\nb\tc', 'a\\u000ab\\u0009c'],
  ['NUL and DEL', '\u0000\u007f', '\\u0000\\u007f'],
  ['an escape of one byte more, C1', '\u009b31m', '\\u009b31m'],
  ['an override of the direction of writing', 'IMG_\u202eGPJ.exe', 'IMG_\\u202eGPJ.exe'],
  ['an isolate of it', '\u2066a\u2069', '\\u2066a\\u2069'],
  ['an Arabic letter mark', '\u061c', '\\u061c'],
  ['line and paragraph separators', '\u2028\u2029', '\\u2028\\u2029'],
  ['a byte order mark', '\ufeffa', '\\ufeffa'],
  ['half of a surrogate pair', 'a\ud83db', 'a\\ud83db'],
])('%s is shown, not obeyed', (_what, text, shown) => {
  expect(escapeText(text)).toBe(shown);
});

test.each([
  'IMG_0001.CR3',
  'Urlaub Köln',
  '写真 📷 👨‍👩‍👧',
  '\ufffd',
  'C:\\DCIM',
])('%s stays as it is', (text) => {
  expect(escapeText(text)).toBe(text);
});

test('whatever a card supplies is one line without a control character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(escapeText(text)).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/u);
    }),
  );
});

test('escaped JSON is harmless and reads back as the same value', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const line = escapeJson({ path: text });
      expect(line).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
      expect(JSON.parse(line)).toEqual({ path: text });
    }),
  );
});
