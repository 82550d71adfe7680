import type { Capture } from '../../machines/facts.ts';
import { dayOf, localTime, timeOfMtime } from './days.ts';
import { cameraSlug, slug } from './slug.ts';
import type { ShotFields } from './template.ts';

/** When and by what a shot was taken, as far as a path may depend on it. */
export interface Shot {
  /** In the camera's own time, `YYYY-MM-DDTHH:MM:SS`. */
  readonly at: string;
  readonly capture: Capture | null;
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
    camera: cameraSlug(capture?.make, capture?.model) ?? 'unknown-camera',
    serial: slug(capture?.serial ?? '') ?? 'unknown-serial',
    card,
  };
}
