import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Fact } from '../../machines/facts.ts';
import { AccessBook } from '../../services/access/book.ts';

const AT = '2026-11-21T10:00:00.000Z';
const token = (letter: string) => letter.repeat(43);
const paired = (id: string, of: string, role: 'owner' | 'viewer' = 'owner'): Fact => ({
  type: 'DevicePaired',
  tokenId: id,
  name: `phone ${id}`,
  role,
  hash: createHash('sha256').update(of).digest('hex'),
});
const unpaired = (id: string): Fact => ({ type: 'DeviceUnpaired', tokenId: id });

function given(...facts: readonly Fact[]): AccessBook {
  const book = new AccessBook();
  for (const fact of facts) book.apply({ fact, at: AT });
  return book;
}

describe('who may come in', () => {
  test('is nobody at first', () => {
    expect(given().holderOf(token('a'))).toBeNull();
    expect(given().devices).toEqual([]);
  });

  test('is known by its token, and others are not', () => {
    const book = given(paired('1', token('a')), paired('2', token('b'), 'viewer'), paired('3', token('c')));
    expect(book.holderOf(token('b'))).toEqual({ id: '2', name: 'phone 2', role: 'viewer', pairedAt: AT });
    expect(book.holderOf(token('a'))?.id).toBe('1');
    expect(book.holderOf(token('c'))?.id).toBe('3');
    expect(book.holderOf(token('d'))).toBeNull();
  });

  test('is in the order of coming', () => {
    const book = given(paired('2', token('b')), paired('1', token('a')));
    expect(book.devices.map(({ id }) => id)).toEqual(['2', '1']);
  });

  test('is no longer who was unpaired, and may be again', () => {
    const book = given(paired('1', token('a')), paired('2', token('b')), unpaired('1'));
    expect(book.holderOf(token('a'))).toBeNull();
    expect(book.devices.map(({ id }) => id)).toEqual(['2']);
    book.apply({ fact: paired('1', token('c')), at: AT });
    expect([book.holderOf(token('a')), book.holderOf(token('c'))?.id]).toEqual([null, '1']);
  });

  test('is not changed by any other fact, or by one about a device that never came', () => {
    const book = given(paired('1', token('a')), unpaired('9'), { type: 'Acknowledged' });
    expect(book.devices).toHaveLength(1);
  });
});

describe('what is no token is nobody’s, though its hash is in the book:', () => {
  test.each([
    '',
    'a',
    token('a').slice(1),
    `${token('a')}a`,
    `${token('a').slice(1)}=`,
    `${token('a')}\n`,
    createHash('sha256').update(token('a')).digest('hex'),
  ])('%j', (text) => {
    expect(given(paired('1', text), paired('2', token('a'))).holderOf(text)).toBeNull();
  });
});

test('a record whose hash is damaged lets nobody in, and throws nothing', () => {
  for (const hash of ['', 'zz', '00', '0'.repeat(66)]) {
    const book = given({ type: 'DevicePaired', tokenId: '1', name: 'x', role: 'owner', hash });
    expect(book.holderOf(token('a'))).toBeNull();
  }
});
