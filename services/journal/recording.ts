import type { FactRecord } from '../../machines/facts.ts';
import { CHAIN_START, type ChainEnd, follow } from './chain.ts';

export interface Recording {
  readonly records: readonly FactRecord[];
  /** The last line was cut off by a crash: reported and dropped. */
  readonly torn: boolean;
  readonly end: ChainEnd;
}

/**
 * Reads exported JSON Lines. A last line without its newline that is no whole JSON is a crash artefact; any other
 * damage is a `JournalError` that names the line, and a newer version is refused.
 */
export function readRecording(text: string): Recording {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  const torn = last !== '' && !isJson(last);
  if (last !== '' && !torn) lines.push(last);
  const records: FactRecord[] = [];
  let end = CHAIN_START;
  for (const step of follow(CHAIN_START, lines)) {
    records.push(step.record);
    end = step.end;
  }
  return { records, torn, end };
}

/** No beginning of an object is JSON, so a whole line that merely does not fit is never taken for a torn one. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
