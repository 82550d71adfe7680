/** Messages of multicast DNS, as far as the box says and understands them (RFC 1035, RFC 6762, RFC 6763). */

export type Data =
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly type: 'PTR'; readonly target: string }
  | {
      readonly type: 'SRV';
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    }
  | { readonly type: 'TXT'; readonly strings: readonly string[] }
  /** Which types there are of this name, and no others (RFC 6762, section 6.1). */
  | { readonly type: 'NSEC'; readonly types: readonly string[] }
  /** Anything else, with its number and its bytes. */
  | { readonly type: 'other'; readonly code: number; readonly bytes: Uint8Array };

export interface Resource {
  readonly name: string;
  /** Nobody else has a record of this name and type: what was known before is to be forgotten. */
  readonly unique: boolean;
  readonly ttlSeconds: number;
  readonly data: Data;
}

export interface Question {
  readonly name: string;
  /** `A`, `SRV`, …; `ANY`. */
  readonly type: string;
  /** Whoever asks would rather have the answer alone (RFC 6762, section 5.4). */
  readonly unicast: boolean;
}

export interface Message {
  readonly kind: 'query' | 'response';
  /** 0 but in answers to those who do not speak multicast DNS. */
  readonly id: number;
  readonly questions: readonly Question[];
  readonly answers: readonly Resource[];
  /** What a query that probes would like to claim. */
  readonly authorities: readonly Resource[];
  readonly additionals: readonly Resource[];
}

export const EMPTY: Omit<Message, 'kind'> = {
  id: 0,
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
};

/** Numbers of the types (RFC 1035, 2782, 3596, 4034). */
const CODES = { A: 1, PTR: 12, TXT: 16, AAAA: 28, SRV: 33, NSEC: 47 } as const;
const codeOf = (data: Data) => (data.type === 'other' ? data.code : CODES[data.type]);

/** Letters count the same, large or small (RFC 6762, section 16). */
export const sameName = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

export const sameResource = (one: Resource, other: Resource) =>
  sameName(one.name, other.name) && compareData(one.data, other.data) === 0;

/** By type, then by the bytes on the wire, uncompressed (RFC 6762, section 8.2); all records are of class IN. */
export const compareData = (one: Data, other: Data): number =>
  codeOf(one) - codeOf(other) || Buffer.compare(bytesOf(one), bytesOf(other));

function bytesOf(data: Data): Uint8Array {
  switch (data.type) {
    case 'A':
      return Uint8Array.from(data.address.split('.'), Number);
    case 'AAAA':
      return ipv6Bytes(data.address);
    case 'PTR':
      return nameBytes(data.target);
    case 'SRV':
      return Buffer.concat([words([data.priority, data.weight, data.port]), nameBytes(data.target)]);
    case 'TXT':
      return Buffer.concat(data.strings.map(stringBytes));
    case 'NSEC':
      return Buffer.from(data.types.join(' '));
    case 'other':
      return data.bytes;
  }
}

const words = (numbers: readonly number[]) =>
  Buffer.from(numbers.flatMap((number) => [number >> 8, number & 0xff]));
const stringBytes = (text: string) =>
  Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)]);
const nameBytes = (name: string) =>
  Buffer.concat([...name.toLowerCase().split('.').map(stringBytes), Buffer.from([0])]);

/** RFC 4291, section 2.2; the text is one that a system or a decoder made. */
function ipv6Bytes(address: string): Uint8Array {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const hex = (high = '0', low = '0') => ((Number(high) << 8) | Number(low)).toString(16);
  const text =
    dotted === null ? address : `${dotted[1]}${hex(dotted[2], dotted[3])}:${hex(dotted[4], dotted[5])}`;
  const [head = '', tail] = text.split('::');
  const groups = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return words([...before, ...Array<number>(zeros).fill(0), ...after]);
}
