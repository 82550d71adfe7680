import type { Capture } from '../../machines/media.ts';
import { kindOfGroup } from '../library/groups.ts';
import { mediaKind } from '../library/media.ts';
import { isRead } from '../library/metadata-readers.ts';
import { plainName } from '../library/names.ts';
import { leadingCapture, type Shot } from '../library/shot.ts';
import { shotOfGroup } from './filing.ts';
import type { Lane } from './lane.ts';
import type { Written } from './written.ts';

type Group = readonly Written[];

/** What the files of a batch say of themselves. */
export interface Shots {
  /** Of each group of photos, videos and sounds: one for all members, so that they stay together. */
  readonly shots: ReadonlyMap<Group, Shot>;
  /** Of each photo, raw and video; null where nothing could be read. */
  readonly captures: ReadonlyMap<Written, Capture | null>;
}

/**
 * Reads what lies in `incoming/`. The chapters of a video have the time of the first one on the card, which the last one
 * has not to wait for.
 */
export async function shotsOf(groups: readonly Group[], lane: Lane): Promise<Shots> {
  const { metadata } = lane;
  const asked = groups.flatMap((group) => group.filter(({ file }) => isRead(plainName(file))));
  const found = await metadata.captures(
    asked.map(({ incoming, file }) => ({ path: incoming.path, name: plainName(file) })),
  );
  const captures = new Map(asked.map((written, at) => [written, found[at] ?? null]));
  const byFile = new Map(asked.map(({ file }, at) => [file, found[at] ?? null]));
  const shots = new Map<Group, Shot>();
  for (const group of groups) {
    const { members } = filesOf(group);
    if (kindOfGroup({ members }) === null) continue;
    const mtimeMs = group[0]?.leaderMtimeMs ?? 0;
    shots.set(group, await shotOfGroup(members, (file) => byFile.get(file) ?? null, mtimeMs, lane));
  }
  return { shots, captures };
}

const filesOf = (group: Group) => ({ members: group.map(({ file }) => file) });

export const bothShots = (first: Shots, second: Shots): Shots => ({
  shots: new Map([...first.shots, ...second.shots]),
  captures: new Map([...first.captures, ...second.captures]),
});

const leading = (group: Group, captures: Shots['captures']) =>
  leadingCapture(
    group.map((written) => ({ name: plainName(written.file), capture: captures.get(written) ?? null })),
  );

/**
 * The photos and raws without a date, and the videos of which nothing could be read, in shots that no member dates. A
 * video that knows its time in UTC only is well: most cameras make such.
 */
export function undated(group: Group, captures: Shots['captures']): Group {
  if (leading(group, captures).isDated) return [];
  return group.filter((written) => {
    const capture = captures.get(written);
    return capture === null || (capture !== undefined && mediaKind(plainName(written.file)) !== 'video');
  });
}
