import { describe, expect, test } from 'vitest';
import { answerTo, legacyAnswer } from '../../services/network/answering.ts';
import { goodbyes, namesOf, recordsOf, type Self } from '../../services/network/box-records.ts';
import { EMPTY, type Message, type Question, type Resource } from '../../services/network/dns.ts';
import { addressRecord, INSTANCE } from './wire.ts';

const SELF: Self = { label: 'imagetank', host: 'imagetank.local', tellsHost: true, port: 8080 };
const BOTH = { addresses: ['192.168.1.7', '2001:db8::7'] };
const KINDS = '_services._dns-sd._udp.local';

const short = ({ name, data }: Resource) => {
  const value =
    data.type === 'A' || data.type === 'AAAA' ? data.address : data.type === 'PTR' ? data.target : '';
  return `${name} ${data.type} ${data.type === 'NSEC' ? data.types.join('+') : value}`.trim();
};
const ask = (name: string, type: string, more: Partial<Message> = {}, extra: Question[] = []): Message => ({
  ...{ ...EMPTY, kind: 'query' },
  questions: [{ name, type, unicast: false }, ...extra],
  ...more,
});
const answered = (query: Message, self = SELF, link = BOTH) => {
  const answer = answerTo(query, recordsOf(self, link));
  return answer === null ? null : { answers: answer.answers.map(short), more: answer.additionals.map(short) };
};

const A = 'imagetank.local A 192.168.1.7';
const AAAA = 'imagetank.local AAAA 2001:db8::7';
const NSEC = 'imagetank.local NSEC A+AAAA';
const SERVICE_NSEC = `${INSTANCE} NSEC SRV+TXT`;

describe('what the box says of itself', () => {
  test('lives 120 seconds where a host is named, 75 minutes else; only what is its own alone is unique', () => {
    const { unique, shared, nothingElse } = recordsOf(SELF, BOTH);
    const lives = (records: readonly Resource[]) =>
      records.map(({ data, ttlSeconds, unique }) => [data.type, ttlSeconds, unique]);
    expect(lives(unique)).toEqual([
      ['A', 120, true],
      ['AAAA', 120, true],
      ['SRV', 120, true],
      ['TXT', 4500, true],
    ]);
    expect(lives(shared)).toEqual([
      ['PTR', 4500, false],
      ['PTR', 4500, false],
    ]);
    expect(lives(nothingElse)).toEqual([
      ['NSEC', 120, true],
      ['NSEC', 120, true],
    ]);
  });

  test('is its service alone where somebody else tells the host, with the name of that host', () => {
    const self = { ...SELF, label: 'imagetank-2', tellsHost: false };
    const { unique, nothingElse } = recordsOf(self, BOTH);
    expect(unique.map(({ name, data }) => [name, data.type])).toEqual([
      ['imagetank-2._http._tcp.local', 'SRV'],
      ['imagetank-2._http._tcp.local', 'TXT'],
    ]);
    expect(unique[0]?.data).toMatchObject({ port: 8080, target: 'imagetank.local' });
    expect(nothingElse.map(short)).toEqual(['imagetank-2._http._tcp.local NSEC SRV+TXT']);
    expect(namesOf(self)).toEqual(['imagetank-2._http._tcp.local']);
    expect(namesOf(SELF)).toEqual(['imagetank.local', INSTANCE]);
  });

  test('a goodbye takes back all of that, but not that there are web servers', () => {
    const gone = goodbyes(recordsOf(SELF, BOTH));
    expect(gone.map(short)).toEqual([
      A,
      AAAA,
      `${INSTANCE} SRV`,
      `${INSTANCE} TXT`,
      `_http._tcp.local PTR ${INSTANCE}`,
    ]);
    expect(gone.every(({ ttlSeconds }) => ttlSeconds === 0)).toBe(true);
  });
});

describe('answers', () => {
  test.each([
    ['imagetank.local', 'A', [A], [AAAA, NSEC]],
    ['IMAGETANK.local', 'AAAA', [AAAA], [A, NSEC]],
    ['imagetank.local', 'ANY', [A, AAAA], [NSEC]],
    ['imagetank.local', 'HINFO', [NSEC], []],
    [INSTANCE, 'SRV', [`${INSTANCE} SRV`], [A, AAAA, NSEC]],
    [INSTANCE, 'TXT', [`${INSTANCE} TXT`], []],
    [INSTANCE, 'A', [SERVICE_NSEC], []],
    [KINDS, 'PTR', [`${KINDS} PTR _http._tcp.local`], []],
    [
      '_http._tcp.local',
      'PTR',
      [`_http._tcp.local PTR ${INSTANCE}`],
      [`${INSTANCE} SRV`, A, AAAA, NSEC, `${INSTANCE} TXT`, SERVICE_NSEC],
    ],
  ])('%s %s', (name, type, answers, more) => {
    expect(answered(ask(name, type))).toEqual({ answers, more });
  });

  test.each([
    ['opal.local', 'A'],
    ['imagetank-2.local', 'A'],
    ['local', 'ANY'],
    ['_http._tcp.local', 'SRV'],
    ['_ipp._tcp.local', 'PTR'],
  ])('none for %s %s', (name, type) => {
    expect(answered(ask(name, type))).toBeNull();
  });

  test('that there is no IPv6 is said at once: a phone would wait for it', () => {
    const only = { addresses: ['192.168.1.7'] };
    expect(answered(ask('imagetank.local', 'AAAA'), SELF, only)).toEqual({
      answers: ['imagetank.local NSEC A'],
      more: [],
    });
    expect(answered(ask('imagetank.local', 'A'), SELF, only)?.more).toEqual(['imagetank.local NSEC A']);
  });

  test('of the host none, where somebody else tells it', () => {
    const self = { ...SELF, tellsHost: false };
    for (const type of ['A', 'AAAA', 'ANY', 'HINFO'])
      expect(answered(ask('imagetank.local', type), self)).toBeNull();
    expect(answered(ask(INSTANCE, 'SRV'), self)).toEqual({ answers: [`${INSTANCE} SRV`], more: [] });
  });

  test('to several questions in one, each record once', () => {
    const extra = [
      { name: 'imagetank.local', type: 'AAAA', unicast: false },
      { name: INSTANCE, type: 'SRV', unicast: false },
    ];
    const { answers, more } = answered(ask('imagetank.local', 'A', {}, extra)) ?? {};
    expect([answers, more]).toEqual([[A, AAAA, `${INSTANCE} SRV`], [NSEC]]);
  });

  test('not what whoever asks knows for half of its life yet', () => {
    const knows = (address: string, ttlSeconds: number) =>
      answered(
        ask('imagetank.local', 'A', { answers: [addressRecord(address, 'imagetank.local', ttlSeconds)] }),
      );
    expect(knows('192.168.1.7', 60)).toBeNull();
    expect(knows('192.168.1.7', 59)?.answers).toEqual([A]);
    expect(knows('192.168.1.8', 120)?.answers).toEqual([A]);
  });
});

test('an ordinary client gets its question and its number again, and records that end soon and are not unique', () => {
  const query = ask('imagetank.local', 'A', { id: 77 }, [{ name: 'opal.local', type: 'A', unicast: false }]);
  const answer = answerTo(query, recordsOf(SELF, BOTH));
  if (answer === null) throw new Error('no answer');
  const { kind, id, questions, answers, additionals } = legacyAnswer(query, answer);
  expect([kind, id, questions]).toEqual([
    'response',
    77,
    [{ name: 'imagetank.local', type: 'A', unicast: false }],
  ]);
  expect(answers.map(short)).toEqual([A]);
  const all = [...answers, ...additionals];
  expect(all.length).toBeGreaterThan(1);
  expect(all.every(({ ttlSeconds, unique }) => ttlSeconds === 10 && !unique)).toBe(true);
});
