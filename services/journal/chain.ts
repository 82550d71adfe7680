import type { FactRecord } from '../../machines/facts.ts';
import type { JournalError } from '../errors.ts';
import { damaged, hashLine, NO_HASH, parseLine, tieOf } from './record.ts';

export interface ChainEnd {
  readonly seq: number;
  readonly hash: string;
}

export const CHAIN_START: ChainEnd = { seq: 0, hash: NO_HASH };

interface Step {
  readonly record: FactRecord;
  readonly end: ChainEnd;
}

/** Follows lines from a known end of the chain. Throws `JournalError` `damaged` or `newer` with the number of the line. */
export function* follow(from: ChainEnd, lines: Iterable<string>): Generator<Step> {
  let end = from;
  for (const [line, next] of withNext(lines)) {
    const place = end.seq + 1;
    const record = parseLine(line, place);
    if (record.seq !== place) throw damaged(place, `it has the number ${record.seq}`);
    const hash = hashLine(line);
    if (record.prev !== end.hash) throw brokenAt(place, next?.includes(`"prev":"${hash}"`) ?? true);
    end = { seq: place, hash };
    yield { record, end };
  }
}

/**
 * Two records do not fit together: the earlier one was altered, or the later one's `prev`. The record behind them
 * knows the later one's bytes; where there is none, the earlier one is blamed.
 */
function brokenAt(place: number, intact: boolean): JournalError {
  if (intact && place > 1) return damaged(place - 1, 'its bytes are not those that the next record saw');
  return damaged(place, 'it does not follow from the record before it');
}

function* withNext(lines: Iterable<string>): Generator<readonly [line: string, next: string | null]> {
  let held: string | null = null;
  for (const line of lines) {
    if (held !== null) yield [held, line];
    held = line;
  }
  if (held !== null) yield [held, null];
}

/** Follows a whole chain from its start. Throws `JournalError` `damaged` or `newer` with the number of the line. */
export function verifyChain(lines: Iterable<string>): ChainEnd {
  let end = CHAIN_START;
  for (const step of follow(CHAIN_START, lines)) end = step.end;
  return end;
}

/**
 * The same from a known end, by the bytes alone, at a fifth of the cost: what the next record saw, and `seal` wrote, need
 * not be read to know that it is whole. Throws `JournalError` `damaged` or `newer` with the number of the line.
 */
export function followBytes(from: ChainEnd, lines: Iterable<string>): ChainEnd {
  let end = from;
  for (const [line, next] of withNext(lines)) {
    const place = end.seq + 1;
    const { seq, prev } = tieOf(line, place);
    if (seq !== place) throw damaged(place, `it has the number ${seq}`);
    const hash = hashLine(line);
    if (prev !== end.hash) throw brokenAt(place, next?.includes(`"prev":"${hash}"`) ?? true);
    end = { seq: place, hash };
  }
  return end;
}
