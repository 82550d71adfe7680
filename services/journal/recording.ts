import type { FactRecord } from '../../machines/facts.ts';
import { isJournalError } from '../errors.ts';
import { CHAIN_START, type ChainEnd, follow } from './chain.ts';

export interface Recording {
  readonly records: readonly FactRecord[];
  /** The last line was cut off by a crash: reported and dropped. */
  readonly torn: boolean;
  readonly end: ChainEnd;
}

/**
 * Reads exported JSON Lines. A last line without its newline that cannot be read is a crash artefact; any other
 * damage is a `JournalError` that names the line, and a newer version is refused.
 */
export function readRecording(text: string): Recording {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  const records: FactRecord[] = [];
  let end = CHAIN_START;
  for (const line of lines) {
    const next = follow(end, line);
    records.push(next.record);
    end = next.end;
  }
  if (last === '') return { records, torn: false, end };
  try {
    const next = follow(end, last);
    return { records: [...records, next.record], torn: false, end: next.end };
  } catch (error) {
    if (isJournalError(error) && error.code === 'damaged') return { records, torn: true, end };
    throw error;
  }
}
