import type { CardReader, ScannedEntry } from '../media-ports.ts';
import { isHiddenFolder } from './names.ts';
import { type InboxFile, pathKey } from './ports.ts';

/** Times go through the journal as numbers of ms: this is less than any file system tells apart. */
const SAME_TIME_MS = 0.01;

export const isSameTime = (one: number, other: number): boolean => Math.abs(one - other) < SAME_TIME_MS;

/**
 * An inbox as a card that holds the files of one offer and nothing else: what is not complete yet, or changes while it is
 * backed up, is not there. Every other root is read as it is.
 */
export function offeredCards(cards: CardReader, root: string, offer: readonly InboxFile[]): CardReader {
  const offered = new Map(offer.map((file) => [pathKey(file), file]));
  const isOffered = (entry: ScannedEntry): boolean => {
    if (entry.kind !== 'file') return !entry.path.split('/').some(isHiddenFolder);
    const file = offered.get(pathKey(entry));
    return (
      file !== undefined && file.sizeBytes === entry.sizeBytes && isSameTime(file.mtimeMs, entry.mtimeMs)
    );
  };
  return {
    async *scan(asked) {
      for await (const entry of cards.scan(asked)) if (asked !== root || isOffered(entry)) yield entry;
    },
    open: (asked, file) => cards.open(asked, file),
    readStarts: (asked, files, maxBytes) => cards.readStarts(asked, files, maxBytes),
    readBack: (asked, file, afterBlock) => cards.readBack(asked, file, afterBlock),
    isPresent: (asked) => cards.isPresent(asked),
  };
}
