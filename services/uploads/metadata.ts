import { Buffer } from 'node:buffer';
import type { Stamp } from '../ports.ts';
import { MAX_NAME_BYTES } from './names.ts';
import { badMetadata, nameTooLong } from './refusals.ts';

/** Three words; a name of 255 bytes is 340 letters of base64. Longer headers would end the connection without a word. */
export const MAX_METADATA = 4096;
/** What FAT can tell, and before that no phone took photos. */
const EARLIEST_MS = Date.UTC(1980, 0, 1);
/** What FAT can tell. */
const LATEST_MS = Date.UTC(2107, 11, 31);
/** Clocks of phones are set by the network: one that is a day ahead is wrong. */
const AHEAD_MS = 86_400_000;

const PAIR = /^([!-+\--~]+)(?: ([A-Za-z0-9+/]*={0,2}))?$/;

export interface Metadata {
  /** As sent; empty when there is none. */
  readonly filename: string;
  /** Null when there is none that can be. */
  readonly mtimeMs: number | null;
}

/** `Upload-Metadata` of tus 1.0.0: pairs of a key and base64. Unknown keys mean nothing. Throws `UserError` 64. */
export function parseMetadata(header: string, now: Pick<Stamp, 'at' | 'clock'>): Metadata {
  if (header.length > MAX_METADATA) throw badMetadata(`it is longer than ${MAX_METADATA} bytes`);
  const values = new Map<string, Buffer>();
  for (const pair of header === '' ? [] : header.split(',')) {
    const [, key, value = ''] = PAIR.exec(pair) ?? [];
    if (key === undefined || value.length % 4 !== 0 || values.has(key)) {
      throw badMetadata('it is no list of different keys, each with base64 behind a blank');
    }
    values.set(key, Buffer.from(value, 'base64'));
  }
  const filename = values.get('filename') ?? Buffer.alloc(0);
  if (filename.length > MAX_NAME_BYTES) throw nameTooLong(filename.length);
  return { filename: textOf(filename), mtimeMs: timeOf(values.get('lastModified')?.toString('latin1'), now) };
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw badMetadata('the name is not UTF-8');
  }
}

/** A time that cannot be says nothing; the file then keeps the one of its arrival. */
function timeOf(text: string | undefined, { at, clock }: Pick<Stamp, 'at' | 'clock'>): number | null {
  if (text === undefined || !/^\d{1,15}$/.test(text)) return null;
  const latestMs = clock === 'synced' ? Date.parse(at) + AHEAD_MS : LATEST_MS;
  const mtimeMs = Number(text);
  return mtimeMs >= EARLIEST_MS && mtimeMs <= latestMs ? mtimeMs : null;
}
