import type { Capture } from '../../machines/media.ts';
import { dayOf } from '../library/days.ts';
import { plainName } from '../library/names.ts';
import { namingOf } from '../library/naming.ts';
import { leadingCapture, type Shot, shotOf } from '../library/shot.ts';
import { asksOfCamera } from '../library/template.ts';
import type { DriveContext, Group } from './drive-context.ts';
import type { Film } from './film.ts';
import type { PlannedFile } from './ports.ts';
import type { Shelved } from './tries.ts';
import type { Written } from './written.ts';

/*
 * Where a shot goes, from what is known of its files. A backup and its preview have this in common, and the placing
 * (`placement.ts`), so that they cannot differ.
 */

export type FilingContext = Pick<DriveContext, 'shelving' | 'filmOf' | 'films'>;

/** As much of it as a shot without a place asks for. */
type ShotContext = Pick<FilingContext, 'filmOf' | 'films'> & {
  readonly shelving: Pick<FilingContext['shelving'], 'template'>;
};

/** One for all members, so that they stay together; the chapters of a video have that of the whole video. */
export async function shotOfGroup(
  files: readonly PlannedFile[],
  captureOf: (file: PlannedFile) => Capture | null,
  leaderMtimeMs: number,
  context: ShotContext,
): Promise<Shot> {
  const { capture } = leadingCapture(
    files.map((file) => ({ name: plainName(file), capture: captureOf(file) })),
  );
  const film = context.filmOf({ members: files });
  return film === null ? shotOf(capture, leaderMtimeMs) : shotOfFilm(film, capture, context);
}

/** `own`: what the chapter itself says, for a card whose other chapters cannot be asked. */
export async function shotOfFilm(
  film: Film,
  own: Capture | null,
  { shelving: { template }, films }: Pick<ShotContext, 'shelving' | 'films'>,
): Promise<Shot> {
  const isAsked = template !== null && asksOfCamera(template);
  const capture = isAsked ? await films.captureOf(film) : null;
  return { ...shotOf(null, film.firstMtimeMs), capture: capture ?? own };
}

/** `FileOnDrive.day`: null where the file itself tells the day under which its shot was filed. */
export function dayApart(
  shot: Shot,
  { capture, mtimeMs }: { readonly capture: Capture | null; readonly mtimeMs: number },
  { dayStarts }: Pick<DriveContext['shelving'], 'dayStarts'>,
): string | null {
  const day = dayOf(shot.at, dayStarts);
  return day === shotOf(capture, mtimeMs).at.slice(0, 10) ? null : day;
}

/** The names that a group wants, and those that the other chapters of its video are going to want with them. */
export function shelve(
  group: readonly Written[],
  shot: Shot | null,
  { shelving, filmOf }: Pick<FilingContext, 'shelving' | 'filmOf'>,
): Shelved {
  const members: Group['members'] = group.map(({ file }) => file);
  const naming = namingOf({ members }, shelving, shot);
  // A counter gives each chapter a number of its own.
  const others = naming.isNumbered ? [] : (filmOf({ members })?.others ?? []);
  if (others.length === 0) return { group, naming, film: null };
  return { group, naming, film: { others, naming: namingOf({ members: others }, shelving, shot) } };
}
