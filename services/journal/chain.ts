import type { FactRecord } from '../../machines/facts.ts';
import { damaged, hashLine, NO_HASH, parseLine } from './record.ts';

export interface ChainEnd {
  readonly seq: number;
  readonly hash: string;
}

export const CHAIN_START: ChainEnd = { seq: 0, hash: NO_HASH };

/** One more line of a chain: its record and the new end. Throws `JournalError` naming the line. */
export function follow(end: ChainEnd, line: string): { readonly record: FactRecord; readonly end: ChainEnd } {
  const place = end.seq + 1;
  const record = parseLine(line, place);
  if (record.seq !== place) throw damaged(place, `it has the number ${record.seq}`);
  if (record.prev !== end.hash)
    throw damaged(place - 1 || 1, 'its bytes are not those that the next record saw');
  return { record, end: { seq: place, hash: hashLine(line) } };
}

/** Follows a whole chain from its start. Throws `JournalError` `damaged` or `newer` with the number of the line. */
export function verifyChain(lines: Iterable<string>): ChainEnd {
  let end = CHAIN_START;
  for (const line of lines) end = follow(end, line).end;
  return end;
}
