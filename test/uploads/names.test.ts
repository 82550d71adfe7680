import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nameKind } from '../../services/inbox/names.ts';
import { freeNames, safeName } from '../../services/uploads/names.ts';

test.each([
  ['IMG_0001.HEIC', 'IMG_0001.HEIC'],
  ['../../etc/passwd', 'passwd'],
  ['..\\..\\x.jpg', 'x.jpg'],
  ['/', 'upload'],
  ['', 'upload'],
  ['..', 'upload'],
  ['.hidden', '_hidden'],
  ['CON', '_CON'],
  ['con.jpg', '_con.jpg'],
  ['COM1.txt', '_COM1.txt'],
  ['CONTENT.jpg', 'CONTENT.jpg'],
  ['a:b?.jpg', 'a_b_.jpg'],
  ['a\u0000\n\u202Eb.jpg', 'a___b.jpg'],
  ['end. . ', 'end'],
  ['  start.jpg', 'start.jpg'],
  ['Urlaub 🏖️ im Süden.jpg', 'Urlaub 🏖️ im Süden.jpg'],
  ['e\u0301.jpg', 'e\u0301.jpg'],
  // For the inbox these are files on their way, or nobody's.
  ['x.part', '_x.part_'],
  ['~draft.jpg', '_~draft.jpg'],
  ['Thumbs.db', '_Thumbs.db'],
  ['0123456789abcdef0123456789abcdef', '_0123456789abcdef0123456789abcdef'],
])('%j becomes %j', (sent, name) => {
  expect(safeName(sent)).toBe(name);
});

test('a long name keeps its ending, and whole characters', () => {
  const name = safeName(`${'ü'.repeat(126)}.jpg`);
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(246);
  expect(name).toMatch(/^ü+\.jpg$/);
});

test.each([' ', '.', '. .'])('a long name that is cut behind %j does not end with it', (end) => {
  expect(safeName(`${'x'.repeat(246 - end.length)}${end}${'y'.repeat(40)}`)).toBe(
    'x'.repeat(246 - end.length),
  );
});

describe('whatever is sent', () => {
  const sent = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 120 }),
    fc.string({
      unit: fc.constantFrom('.', '/', '\\', ' ', '~', 'a', 'part', '.tmp', 'CON', '\u0000', 'é', '🏖'),
    }),
  );

  test('every file system takes it, and the inbox as a whole file', () => {
    fc.assert(
      fc.property(sent, (text) => {
        for (const name of freeNames(safeName(text), 3, 'b2f9c6de-3a55-4a0e-8a53-1f0f6c1f6f10')) {
          expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
          expect(name).toMatch(/^[^./\s][^/]*$/u);
          expect(name).not.toMatch(/[\p{C}\p{Zl}\p{Zp}<>:"|?*\\]|[. ]$/u);
          expect(nameKind(name)).toBe('file');
        }
      }),
      { numRuns: 2000 },
    );
  });
});

test('a number goes before the ending', () => {
  expect([...freeNames('a.b.jpg', 3, 'id')]).toEqual([
    'a.b.jpg',
    'a.b (2).jpg',
    'a.b (3).jpg',
    'a.b (id).jpg',
  ]);
  expect([...freeNames('plain', 2, 'id')]).toEqual(['plain', 'plain (2)', 'plain (id)']);
});
