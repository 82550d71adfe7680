import type { Capture } from '../../machines/media.ts';
import { dayOf, localTime, timeOfMtime } from './days.ts';
import { type MediaKind, mediaKind } from './media.ts';
import { cameraSlug, slug } from './slug.ts';
import type { ShotFields } from './template.ts';

/** When and by what a shot was taken, as far as a path may depend on it. */
export interface Shot {
  /** In the camera's own time, `YYYY-MM-DDTHH:MM:SS`. */
  readonly at: string;
  readonly capture: Capture | null;
}

/** A shot is dated by its pictures; a video of it, which may begin seconds before, only where they do not tell. */
const DATING_KINDS: readonly (readonly (MediaKind | null)[])[] = [['raw', 'photo'], ['video']];

interface Member {
  readonly name: string;
  readonly capture: Capture | null;
}

const inOrder = <One extends Member>(members: readonly One[]): readonly One[] =>
  DATING_KINDS.flatMap((kinds) => members.filter(({ name }) => kinds.includes(mediaKind(name))));

/** The one whose time is that of the whole group; null where none of them has one. */
export const datingMember = <One extends Member>(members: readonly One[]): One | null =>
  inOrder(members).find(({ capture }) => localTime(capture?.at) !== null) ?? null;

/**
 * Of the members of a group what all of them have: the time of the one that dates them, camera and serial number of the
 * first one that tells them, in the order raw, photo, video. A capture without a time where none of them is dated.
 */
export function leadingCapture(members: readonly Member[]): {
  readonly capture: Capture | null;
  readonly isDated: boolean;
} {
  const captures = inOrder(members).flatMap(({ capture }) => capture ?? []);
  const at = datingMember(members)?.capture?.at;
  const camera = captures.find(({ make, model }) => make !== undefined || model !== undefined);
  const serial = captures.find((capture) => capture.serial !== undefined)?.serial;
  const capture = {
    ...(at === undefined ? {} : { at }),
    ...(camera?.make === undefined ? {} : { make: camera.make }),
    ...(camera?.model === undefined ? {} : { model: camera.model }),
    ...(serial === undefined ? {} : { serial }),
  };
  return { capture: captures.length === 0 ? null : capture, isDated: at !== undefined };
}

/** What the leading picture of a group says, else the modification time of the group's leader. */
export function shotOf(capture: Capture | null, leaderMtimeMs: number): Shot {
  return { at: localTime(capture?.at) ?? timeOfMtime(leaderMtimeMs), capture };
}

/** What templates name, safe as a part of a path. `card` is safe already. */
export function shotFields({ at, capture }: Shot, dayStarts: string, card: string): ShotFields {
  const date = dayOf(at, dayStarts);
  const [year = '', month = '', day = ''] = date.split('-');
  return {
    year,
    month,
    day,
    date,
    time: at.slice(11).replaceAll(':', ''),
    get camera() {
      return cameraSlug(capture?.make, capture?.model) ?? 'unknown-camera';
    },
    get serial() {
      return slug(capture?.serial ?? '') ?? 'unknown-serial';
    },
    card,
  };
}
