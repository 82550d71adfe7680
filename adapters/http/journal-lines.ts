import type { Appliance } from '../../services/appliance.ts';
import { queueOf } from './queue.ts';
import { RawLine } from './streams.ts';

/** Records fetched at once: a page of a few hundred kilobytes. */
const PAGE_RECORDS = 256;

export interface JournalRange {
  /** Only the last so many records. */
  readonly last?: number | undefined;
  /** Only records with a greater sequence number. Default 0. */
  readonly after?: number | undefined;
  /** Go on with live ones. */
  readonly follow: boolean;
}

/**
 * Stored lines, page by page at the reader's pace. An object rather than a plain generator: a generator that waits
 * for the next record would answer `return` only when one comes, and the subscription of a client that has gone
 * would stay until then.
 */
export function journalLines(
  appliance: Pick<Appliance, 'journal' | 'head$'>,
  range: JournalRange,
): AsyncIterableIterator<RawLine> {
  const heads = queueOf(appliance.head$, { replaces: () => true });
  const lines = read(appliance, range, heads);
  return {
    next: () => lines.next(),
    async return() {
      await heads.return?.();
      return lines.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* read(
  appliance: Pick<Appliance, 'journal' | 'head$'>,
  range: JournalRange,
  heads: AsyncIterable<number>,
): AsyncGenerator<RawLine> {
  let after: number | null = null;
  for await (const head of heads) {
    after ??= Math.max(range.after ?? 0, range.last === undefined ? 0 : head - range.last);
    while (after < head) {
      const page = appliance.journal({ after, limit: PAGE_RECORDS });
      if (page.length === 0) break;
      for (const line of page) {
        yield new RawLine(line);
        after += 1;
      }
    }
    if (!range.follow) return;
  }
}
