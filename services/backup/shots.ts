import type { Capture } from '../../machines/facts.ts';
import { dayOfMtime, isDay, needsDay } from '../library/layout.ts';
import { type MediaKind, mediaKind } from '../library/media.ts';
import { isRead } from '../library/metadata-readers.ts';
import { plainName } from '../library/names.ts';
import type { Lane } from './lane.ts';
import type { Written } from './written.ts';

type Group = readonly Written[];

/** What the files of a batch say of themselves. */
export interface Shots {
  /** Of each group that is filed by its day, `YYYY-MM-DD`. */
  readonly days: ReadonlyMap<Group, string>;
  /** Of each photo, raw and video; null where nothing could be read. */
  readonly captures: ReadonlyMap<Written, Capture | null>;
}

/** A shot is dated by its pictures; a video of it, which may begin seconds before, only where they do not tell. */
const DATING_KINDS: readonly (readonly (MediaKind | null)[])[] = [['raw', 'photo'], ['video']];

/** Reads what lies in `incoming/`. */
export async function shotsOf(groups: readonly Group[], { metadata, shelving }: Lane): Promise<Shots> {
  const dated = groups.filter((group) => group.length > 0 && needsDay(shotOf(group), shelving.layout));
  const asked = groups.flatMap((group) => group.filter(({ file }) => isRead(plainName(file))));
  const found = await metadata.captures(
    asked.map(({ incoming, file }) => ({ path: incoming.path, name: plainName(file) })),
  );
  const captures = new Map(asked.map((written, at) => [written, found[at] ?? null]));
  return { days: new Map(dated.map((group) => [group, dayOf(group, captures)])), captures };
}

export const shotOf = (group: Group) => ({ members: group.map(({ file }) => file) });

export const bothShots = (first: Shots, second: Shots): Shots => ({
  days: new Map([...first.days, ...second.days]),
  captures: new Map([...first.captures, ...second.captures]),
});

/** One day for a whole group, so that it stays together; the leader's time where no member says one. */
function dayOf(group: Group, captures: Shots['captures']): string {
  return cameraDay(group, captures) ?? dayOfMtime(group[0]?.leaderMtimeMs ?? 0);
}

function cameraDay(group: Group, captures: Shots['captures']): string | null {
  for (const kinds of DATING_KINDS) {
    for (const written of group) {
      if (!kinds.includes(mediaKind(plainName(written.file)))) continue;
      const day = captures.get(written)?.at?.slice(0, 10) ?? '';
      if (isDay(day)) return day;
    }
  }
  return null;
}

/**
 * The photos and raws without a date, and the videos of which nothing could be read, in shots that no member dates. A
 * video that knows its time in UTC only is well: most cameras make such.
 */
export function undated(group: Group, captures: Shots['captures']): Group {
  if (cameraDay(group, captures) !== null) return [];
  return group.filter((written) => {
    const capture = captures.get(written);
    return capture === null || (capture !== undefined && mediaKind(plainName(written.file)) !== 'video');
  });
}
