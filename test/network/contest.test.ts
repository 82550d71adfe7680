import { describe, expect, test } from 'vitest';
import { isTaken, nextLabel, Quarrels, yieldsTo } from '../../services/network/contest.ts';
import { EMPTY, type Message, type Resource } from '../../services/network/dns.ts';
import { addressRecord, INSTANCE, serviceRecord } from './wire.ts';

const NAMES = ['imagetank.local', INSTANCE];
const OURS = [addressRecord('192.168.1.7'), serviceRecord(8080, 'imagetank.local')];
const response = (...answers: Resource[]): Message => ({ ...EMPTY, kind: 'response', answers });
const probe = (...authorities: Resource[]): Message => ({ ...EMPTY, kind: 'query', authorities });
const other = (data: Resource['data']): Resource => ({ ...addressRecord('0.0.0.0'), data });

describe('a name is taken', () => {
  test.each([
    ['by another address', addressRecord('192.168.1.8'), true],
    ['by another port', serviceRecord(8081, 'imagetank.local'), true],
    ['by another text', { ...serviceRecord(0, ''), data: { type: 'TXT', strings: ['path=/x'] } }, true],
    ['not by our own words', addressRecord('192.168.1.7'), false],
    ['not by a goodbye', addressRecord('192.168.1.8', 'imagetank.local', 0), false],
    ['not by what there is else', other({ type: 'NSEC', types: ['AAAA'] }), false],
    ['not by the kind of a processor', other({ type: 'other', code: 13, bytes: Buffer.from('ARM') }), false],
    ['not under another name', addressRecord('192.168.1.8', 'opal.local'), false],
  ] as const)('%s', (_, record, taken) => {
    expect(isTaken(response(record), NAMES, OURS)).toBe(taken);
    expect(isTaken({ ...response(), additionals: [record] }, NAMES, OURS)).toBe(taken);
    expect(isTaken(probe(record), NAMES, OURS)).toBe(false);
  });
});

describe('who claims the later records goes on', () => {
  const yields = (theirs: readonly Resource[], ours: readonly Resource[] = OURS, own = ours) =>
    yieldsTo(probe(...theirs), NAMES, ours, own);
  const seven = addressRecord('192.168.1.7');

  test.each([
    ['a greater address', [addressRecord('192.168.1.8')], true],
    ['a lesser address', [addressRecord('192.168.1.6')], false],
    ['compared as bytes, not as text', [addressRecord('192.168.1.10')], true],
    ['the same', [seven], false],
    ['the same and more', [seven, addressRecord('::1')], true],
    ['a later type first', [addressRecord('::1')], true],
    ['the lesser one of two first', [addressRecord('192.168.1.9'), addressRecord('192.168.1.6')], false],
    ['nothing', [], false],
    ['another name', [addressRecord('192.168.1.8', 'opal.local')], false],
    ['a greater port', [serviceRecord(8081, 'imagetank.local')], true],
    ['a lesser port', [serviceRecord(80, 'zzz.local')], false],
    ['a type that nobody knows', [other({ type: 'other', code: 65_535, bytes: Buffer.alloc(0) })], true],
    ['a type before all others', [other({ type: 'other', code: 0, bytes: Buffer.from([255]) })], false],
  ] as const)('%s', (_, theirs, expected) => {
    expect(yields(theirs)).toBe(expected);
  });

  test('one of several names is enough', () => {
    expect(yields([addressRecord('192.168.1.6'), serviceRecord(9000, 'imagetank.local')])).toBe(true);
  });

  test('less of the same has to wait, both ways round', () => {
    const more = [seven, addressRecord('2001:db8::7')];
    expect(yields([seven], more)).toBe(false);
    expect(yields(more, [seven])).toBe(true);
  });

  test('our own words from another link are no contest', () => {
    const wifi = addressRecord('192.168.2.7');
    expect(yields([wifi], OURS, [...OURS, wifi])).toBe(false);
    expect(yields([wifi], OURS)).toBe(true);
  });
});

test('labels are counted, and begin again', () => {
  const labels = ['imagetank'];
  for (let times = 0; times < 99; times++) labels.push(nextLabel('imagetank', labels.at(-1) ?? ''));
  expect(labels.slice(0, 3)).toEqual(['imagetank', 'imagetank-2', 'imagetank-3']);
  expect(labels.slice(98)).toEqual(['imagetank-99', 'imagetank']);
  expect(nextLabel('box-1', 'box-1-2')).toBe('box-1-3');
});

describe('quarrels', () => {
  const after = (...atMs: number[]) => {
    const quarrels = new Quarrels();
    for (const nowMs of atMs) quarrels.had(nowMs);
    return quarrels.pauseMs;
  };
  const every = (ms: number, times: number, fromMs = 0) =>
    Array.from({ length: times }, (_, at) => fromMs + at * ms);

  test.each([
    ['none', [], 0],
    ['fourteen at once', every(0, 14), 0],
    ['fifteen at once', every(0, 15), 5000],
    ['fifteen within ten seconds', every(714, 15), 5000],
    ['fifteen in a little more', every(715, 15), 0],
    ['many, slowly', every(1000, 100), 0],
    ['one of a minute later', [...every(0, 15), 60_000], 0],
    ['one of a little less', [...every(0, 15), 59_999], 5000],
    ['as long as it goes on', [...every(0, 15), ...every(5000, 50, 5000)], 5000],
  ])('%s', (_, atMs, pauseMs) => {
    expect(after(...atMs)).toBe(pauseMs);
  });
});
