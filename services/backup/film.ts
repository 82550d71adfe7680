import { chapterOf, inChapter, MAX_CHAPTER } from '../library/chapters.ts';
import { kindOfGroup } from '../library/groups.ts';
import { plainName, splitName } from '../library/names.ts';
import type { CardPath } from '../media-ports.ts';
import type { Group } from './drive-context.ts';
import type { PlannedFile } from './ports.ts';

/** The chapters of one video, as the card was listed. */
export interface Film {
  /** Of its first chapter: it dates them all. */
  readonly firstMtimeMs: number;
  /** The leading file of each chapter, the first chapter first, its own included. */
  readonly leaders: readonly PlannedFile[];
  /** Files of the other chapters. */
  readonly others: readonly PlannedFile[];
}

/**
 * What a chapter has to stay together with; null for anything else. Each chapter is a shot group of its own, so that
 * it is placed and recorded when it is copied: a video of twelve chapters is 48 GB, and a card that is pulled in the
 * last one would begin it all anew. Their numbers go up without a gap; those below a chapter are all looked for.
 */
export function filmOf({ members }: Group, find: (file: CardPath) => PlannedFile | null): Film | null {
  const [leading] = members;
  if (leading === undefined) return null;
  const kind = kindOfGroup({ members });
  const own = chapterOf(splitName(plainName(leading)).stem);
  if (own === null || kind === null || kind === 'photo' || kind === 'raw') return null;
  const others: PlannedFile[] = [];
  const leaders: PlannedFile[] = [];
  for (let chapter = 0; chapter <= MAX_CHAPTER; chapter += 1) {
    if (chapter === own) {
      leaders.push(leading);
      continue;
    }
    const found = members.map((file) => findIn(file, chapter, find));
    const [lead = null] = found;
    if (lead === null && chapter > own) break;
    if (lead !== null) leaders.push(lead);
    others.push(...found.filter((file) => file !== null));
  }
  if (others.length === 0) return null;
  return { firstMtimeMs: leaders[0]?.mtimeMs ?? leading.mtimeMs, leaders, others };
}

function findIn(
  file: CardPath,
  chapter: number,
  find: (file: CardPath) => PlannedFile | null,
): PlannedFile | null {
  const path = inChapter(file, chapter);
  return path === null ? null : find(path);
}
