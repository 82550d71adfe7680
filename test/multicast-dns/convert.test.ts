import { describe, expect, test } from 'vitest';
import { messageOf, packetOf } from '../../adapters/multicast-dns/convert.ts';
import { EMPTY, type Message, type Resource } from '../../services/network/dns.ts';
import { addressRecord } from '../network/wire.ts';

type Packet = Parameters<typeof messageOf>[0];
const heard = (packet: object) => messageOf({ type: 'query', flags: 0, id: 0, ...packet } as Packet);
const question = (kind: string) =>
  heard({ questions: [{ name: 'x.local', type: 'A', class: kind }] })?.questions;
const about = { name: 'x.local', ttl: 9, flush: true, class: 'IN' };
const answered = (answer: object) => heard({ type: 'response', answers: [{ ...about, ...answer }] })?.answers;
const resource = (data: Resource['data']) => [{ name: 'x.local', unique: true, ttlSeconds: 9, data }];

describe('what is heard', () => {
  test.each([
    ['IN', [{ name: 'x.local', type: 'A', unicast: false }]],
    ['ANY', [{ name: 'x.local', type: 'A', unicast: false }]],
    ['UNKNOWN_32769', [{ name: 'x.local', type: 'A', unicast: true }]],
    ['UNKNOWN_33023', [{ name: 'x.local', type: 'A', unicast: true }]],
    ['CH', []],
    ['UNKNOWN_0', []],
  ])('a question of class %s', (kind, expected) => {
    expect(question(kind)).toEqual(expected);
  });

  test.each([
    [
      { type: 'A', data: '10.0.0.1' },
      { type: 'A', address: '10.0.0.1' },
    ],
    [
      { type: 'AAAA', data: '::1' },
      { type: 'AAAA', address: '::1' },
    ],
    [
      { type: 'PTR', data: 'y.local' },
      { type: 'PTR', target: 'y.local' },
    ],
    [
      { type: 'TXT', data: [Buffer.from('a=1'), Buffer.from('b')] },
      { type: 'TXT', strings: ['a=1', 'b'] },
    ],
    [
      { type: 'TXT', data: 'a' },
      { type: 'TXT', strings: ['a'] },
    ],
    [
      { type: 'SRV', data: { port: 80, target: 'y.local' } },
      { type: 'SRV', priority: 0, weight: 0, port: 80, target: 'y.local' },
    ],
    [
      { type: 'NSEC', data: { nextDomain: 'x.local', rrtypes: ['A'] } },
      { type: 'NSEC', types: ['A'] },
    ],
    [
      { type: 'UNKNOWN_99', data: Buffer.from([1]) },
      { type: 'other', code: 99, bytes: Buffer.from([1]) },
    ],
    [
      { type: 'CNAME', data: 'y.local' },
      { type: 'other', code: 5, bytes: Buffer.from('"y.local"') },
    ],
    [{ type: 'SSHFP' }, { type: 'other', code: 65_535, bytes: Buffer.from('') }],
  ] as const)('a record %j', (answer, data) => {
    expect(answered(answer)).toEqual(resource(data as Resource['data']));
  });

  test('of records of other classes, and of options, nothing', () => {
    expect(answered({ type: 'A', data: '10.0.0.1', class: 'CH' })).toEqual([]);
    expect(answered({ type: 'OPT', class: undefined, options: [] })).toEqual([]);
  });

  test('without a life it is over', () => {
    expect(answered({ type: 'A', data: '10.0.0.1', ttl: undefined, flush: undefined })).toEqual([
      { name: 'x.local', unique: false, ttlSeconds: 0, data: { type: 'A', address: '10.0.0.1' } },
    ]);
  });

  test('each section in its place', () => {
    const each = (address: string) => [{ ...about, type: 'A', data: address }];
    const sections = {
      answers: each('10.0.0.1'),
      authorities: each('10.0.0.2'),
      additionals: each('10.0.0.3'),
    };
    const { answers, authorities, additionals } = heard(sections) ?? EMPTY;
    expect([answers, authorities, additionals].map(([one]) => one?.data)).toEqual([
      { type: 'A', address: '10.0.0.1' },
      { type: 'A', address: '10.0.0.2' },
      { type: 'A', address: '10.0.0.3' },
    ]);
  });

  test.each([
    ['authoritative', 0x0400, true],
    ['cut short, more to come', 0x0200, true],
    ['an update', 0x2800, false],
    ['an error', 0x0003, false],
  ])('%s', (_, flags, isHeard) => {
    expect(heard({ flags }) !== null).toBe(isHeard);
  });

  test('nothing that is neither question nor answer', () => {
    expect(messageOf({})).toBeNull();
  });
});

describe('what is said', () => {
  const answer: Message = { ...EMPTY, kind: 'response', id: 7, answers: [addressRecord('10.0.0.1')] };

  test('an answer has authority and asks to forget what was before', () => {
    expect(packetOf(answer)).toMatchObject({
      ...{ type: 'response', id: 7, flags: 0x0400 },
      answers: [{ name: 'imagetank.local', type: 'A', ttl: 120, flush: true, class: 'IN', data: '10.0.0.1' }],
    });
  });

  test('a question has none, and what it would like to claim asks to forget nothing', () => {
    const claim = { ...EMPTY, kind: 'query' as const, authorities: [addressRecord('10.0.0.1')] };
    expect(packetOf(claim)).toMatchObject({ type: 'query', flags: 0, authorities: [{ flush: false }] });
  });

  test('what the box never says is refused', () => {
    const strange: Resource = {
      ...addressRecord(''),
      data: { type: 'other', code: 13, bytes: Buffer.alloc(0) },
    };
    expect(() => packetOf({ ...answer, answers: [strange] })).toThrow(TypeError);
  });
});
