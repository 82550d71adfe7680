import { describe, expect, test } from 'vitest';
import { compareData, type Data, sameName, sameResource } from '../../services/network/dns.ts';
import { addressRecord } from './wire.ts';

const a = (address: string): Data => ({ type: 'A', address });
const aaaa = (address: string): Data => ({ type: 'AAAA', address });
const srv = (port: number, target = 'x.local', priority = 0, weight = 0): Data => {
  return { type: 'SRV', priority, weight, port, target };
};
const ptr = (target: string): Data => ({ type: 'PTR', target });
const txt = (...strings: string[]): Data => ({ type: 'TXT', strings });
const other = (code: number, ...bytes: number[]): Data => ({
  type: 'other',
  code,
  bytes: Buffer.from(bytes),
});

/** Of the numbers of types: A 1, PTR 12, TXT 16, AAAA 28, SRV 33, NSEC 47. */
const IN_ORDER: readonly Data[] = [
  a('9.255.255.255'),
  a('10.0.0.9'),
  a('10.0.0.10'),
  a('10.0.0.99'),
  a('192.168.1.1'),
  other(5, 1),
  ptr('a.local'),
  ptr('b.local'),
  ptr('aa.local'),
  other(13),
  other(13, 0),
  other(13, 255),
  txt(''),
  txt('', ''),
  txt('a'),
  txt('b'),
  txt('aa'),
  aaaa('::'),
  aaaa('::1'),
  aaaa('::1:0'),
  aaaa('2001:db8::1'),
  aaaa('2001:db8:1::'),
  aaaa('fd00::2'),
  srv(1),
  srv(80),
  srv(256),
  srv(8080, 'x.local'),
  srv(8080, 'y.local'),
  srv(1, 'x.local', 0, 1),
  srv(1, 'x.local', 1),
  { type: 'NSEC', types: ['A'] },
  other(65_535),
];

describe('records are compared by type, then by bytes', () => {
  test('the whole order', () => {
    for (const [at, one] of IN_ORDER.entries()) {
      for (const [place, another] of IN_ORDER.entries()) {
        expect([at, place, Math.sign(compareData(one, another))]).toEqual([at, place, Math.sign(at - place)]);
      }
    }
  });

  test.each([
    ['::1', '0:0:0:0:0:0:0:1'],
    ['2001:db8::7', '2001:0DB8:0000::0007'],
    ['fe80::', 'fe80:0:0:0:0:0:0:0'],
    ['::ffff:192.168.1.7', '::ffff:c0a8:107'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
  ])('%s is %s', (one, another) => {
    expect(compareData(aaaa(one), aaaa(another))).toBe(0);
  });

  test('names count the same in large and small letters, in records and as targets', () => {
    expect(sameName('ImageTank.LOCAL', 'imagetank.local')).toBe(true);
    expect(sameName('imagetank.local', 'imagetank-2.local')).toBe(false);
    expect(compareData(srv(80, 'X.Local'), srv(80, 'x.local'))).toBe(0);
    expect(compareData(ptr('X.Local'), ptr('x.local'))).toBe(0);
  });

  test('a record is the same with another life, not under another name', () => {
    const record = addressRecord('10.0.0.1');
    expect(sameResource(record, { ...record, ttlSeconds: 1, unique: false })).toBe(true);
    expect(sameResource(record, addressRecord('10.0.0.1', 'opal.local'))).toBe(false);
    expect(sameResource(record, addressRecord('10.0.0.2'))).toBe(false);
  });

  test.each([
    'no address',
    '',
    '1.2.3',
    ':::::::::::::',
    '1:2:3:4:5:6:7:8:9:10',
  ])('what is no address is compared all the same: %s', (text) => {
    expect(Number.isNaN(compareData(aaaa(text), aaaa('::1')))).toBe(false);
    expect(Number.isNaN(compareData(a(text), a('10.0.0.1')))).toBe(false);
  });
});
