import type { QueryOutgoingPacket, ResponseOutgoingPacket } from 'multicast-dns';
import type { Data, Message, Question, Resource } from '../../services/network/dns.ts';

type Packet = Partial<QueryOutgoingPacket>;
type AskedType = QueryOutgoingPacket['questions'][number]['type'];
type Answer = ResponseOutgoingPacket['answers'][number];

/** The bit that the library leaves in the class of a question: answer me alone (RFC 6762, section 5.4). */
const CLASSES: Readonly<Record<string, { readonly unicast: boolean }>> = {
  IN: { unicast: false },
  ANY: { unicast: false },
  UNKNOWN_32769: { unicast: true },
  UNKNOWN_33023: { unicast: true },
};
/** Numbers of types that hosts claim names with, by the names that the library gives them. */
const NUMBERS: Readonly<Record<string, number>> = { CNAME: 5, HINFO: 13 };
const LAST_TYPE = 0xffff;
/** Neither another operation than a query, nor an error (RFC 6762, sections 18.3 and 18.11). */
const OPCODE_AND_RCODE = 0x78_0f;
export const AUTHORITATIVE = 0x0400;

/** Null for what is not multicast DNS. Records of other classes are left out. */
export function messageOf(packet: Packet): Message | null {
  const { type, flags = 0, id = 0, questions, answers, authorities, additionals } = packet;
  if (type === undefined || (flags & OPCODE_AND_RCODE) !== 0) return null;
  return {
    kind: type,
    id,
    questions: (questions ?? []).flatMap(questionOf),
    answers: (answers ?? []).flatMap(resourceOf),
    authorities: (authorities ?? []).flatMap(resourceOf),
    additionals: (additionals ?? []).flatMap(resourceOf),
  };
}

function questionOf({
  name,
  type,
  class: kind = 'IN',
}: NonNullable<Packet['questions']>[number]): Question[] {
  const known = CLASSES[kind];
  return known === undefined ? [] : [{ name, type, unicast: known.unicast }];
}

function resourceOf(answer: Answer): Resource[] {
  if (answer.type === 'OPT' || answer.class !== 'IN') return [];
  const { name, flush = false, ttl = 0 } = answer;
  return [{ name, unique: flush, ttlSeconds: ttl, data: dataOf(answer) }];
}

function dataOf(answer: Exclude<Answer, { type: 'OPT' }>): Data {
  switch (answer.type) {
    case 'A':
    case 'AAAA':
      return { type: answer.type, address: answer.data };
    case 'PTR':
      return { type: 'PTR', target: answer.data };
    case 'SRV': {
      const { priority = 0, weight = 0, port, target } = answer.data;
      return { type: 'SRV', priority, weight, port, target };
    }
    case 'TXT':
      return { type: 'TXT', strings: [answer.data].flat().map(String) };
    case 'NSEC':
      return { type: 'NSEC', types: answer.data.rrtypes };
    default:
      return { type: 'other', code: codeOf(answer.type), bytes: bytesOf(answer.data) };
  }
}

function codeOf(type: string): number {
  const [, number = ''] = /^UNKNOWN_(\d+)$/.exec(type) ?? [];
  return NUMBERS[type] ?? (number === '' ? LAST_TYPE : Number(number));
}

const bytesOf = (data: unknown) =>
  data instanceof Uint8Array ? data : Buffer.from(JSON.stringify(data) ?? '');

/** For the library. Throws for a record of type `other`, which the box never says. */
export function packetOf({ kind, id, questions, answers, authorities, additionals }: Message): Packet {
  return {
    type: kind,
    id,
    flags: kind === 'response' ? AUTHORITATIVE : 0,
    questions: questions.map(({ name, type }) => ({ name, type: type as AskedType, class: 'IN' as const })),
    answers: answers.map(answerOf),
    authorities: authorities.map((record) => ({ ...answerOf(record), flush: false })),
    additionals: additionals.map(answerOf),
  };
}

function answerOf({ name, unique, ttlSeconds, data }: Resource): Answer {
  const about = { name, ttl: ttlSeconds, flush: unique, class: 'IN' as const };
  switch (data.type) {
    case 'A':
    case 'AAAA':
      return { ...about, type: data.type, data: data.address };
    case 'PTR':
      return { ...about, type: 'PTR', data: data.target };
    case 'SRV': {
      const { priority, weight, port, target } = data;
      return { ...about, type: 'SRV', data: { priority, weight, port, target } };
    }
    case 'TXT':
      return { ...about, type: 'TXT', data: [...data.strings] };
    case 'NSEC':
      return { ...about, type: 'NSEC', data: { nextDomain: name, rrtypes: [...data.types] } };
    case 'other':
      throw new TypeError(`a record of type ${data.code} is not ours to say`);
  }
}
