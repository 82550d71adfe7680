import { mediaKind } from '../../../services/library/media.ts';
import type { Chapter } from '../../../services/library/shapes.ts';
import { sizeText } from '../format.ts';
import type { TextKey } from '../texts.ts';
import { type Language, translate } from '../translate.ts';
import type { Photo, Section } from './shelf.ts';

const localeOf = (language: Language): string => (language === 'en' ? 'en-GB' : 'de');

/** `Saturday 3 May 2025`. A day of the calendar, in no zone. */
export function dayText(day: string, language: Language): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(at)) return day === '' ? translate(language, 'photosNoDay') : day;
  return formatOf(language, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(at);
}

/** `3 May 2025`, where there is little room. */
export function shortDayText(day: string, language: Language): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(at)) return dayText(day, language);
  return formatOf(language, { day: 'numeric', month: 'short', year: 'numeric' }).format(at);
}

/** `12:31` as the camera's clock showed it; empty when it did not say. */
export function clockText(takenAt: string | null, language: Language): string {
  const at = takenAt === null ? Number.NaN : Date.parse(`${takenAt.slice(0, 19)}Z`);
  return Number.isNaN(at) ? '' : formatOf(language, { hour: '2-digit', minute: '2-digit' }).format(at);
}

/** Making one takes a phone longer than a row of photos takes to draw. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${JSON.stringify(options)}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(localeOf(language), { ...options, timeZone: 'UTC' });
  formats.set(key, made);
  return made;
}

const KINDS = {
  raw: 'photoRaw',
  photo: 'photoPhoto',
  video: 'photoVideo',
  audio: 'photoAudio',
  sidecar: 'photoFile',
} as const satisfies Record<string, TextKey>;

export function kindText(name: string, language: Language): string {
  const kind = mediaKind(name);
  return translate(language, kind === null ? 'photoFile' : KINDS[kind]);
}

/** What a screen reader says of a photo: name, kind, day and time, and what is wrong. */
export function photoLabel(
  photo: Pick<Photo, 'name' | 'day' | 'takenAt' | 'verifiedCopies'>,
  language: Language,
): string {
  const { name, day, takenAt, verifiedCopies } = photo;
  const safety = verifiedCopies === 0 ? translate(language, 'photoUnsafe') : '';
  const parts = [
    name,
    kindText(name, language),
    dayText(day ?? '', language),
    clockText(takenAt, language),
    safety,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** Under a day's heading: how many photos, and on how many drives each of them is at least. */
export function sectionText(
  { count, safety }: Pick<Section, 'count' | 'safety'>,
  language: Language,
): string {
  const photos = translate(language, 'photosFound', { n: count });
  if (safety === null) return photos;
  const { fewestCopies, photosWithFewest } = safety;
  const copies =
    fewestCopies === 0
      ? translate(language, 'photosDayUnsafe', { n: photosWithFewest })
      : translate(language, 'photosDayCopies', { n: fewestCopies });
  return `${photos} · ${copies}`;
}

/** The day and the camera's time with its zone where it is known; or the day and where it is from. */
export function takenText(
  { takenAt, zone, day }: Pick<Photo, 'takenAt' | 'zone' | 'day'>,
  language: Language,
): string {
  const clock = clockText(takenAt, language);
  if (clock !== '') {
    const time = `${dayText((takenAt ?? '').slice(0, 10), language)}, ${clock}`;
    return zone === null ? translate(language, 'aboutCameraTime', { time }) : `${time} ${zone}`;
  }
  return day === null
    ? translate(language, 'photosNoDay')
    : translate(language, 'aboutFromFile', { day: dayText(day, language) });
}

/** On which drives it is verified; then where somebody only says so. Each drive once. */
export function safetyText({ copies }: Pick<Photo, 'copies'>, language: Language): string {
  const labels = (verified: boolean) => [
    ...new Map(
      copies.filter((copy) => copy.verified === verified).map(({ drive }) => [drive.id, drive.label]),
    ),
  ];
  const safe = labels(true);
  const claimed = labels(false).filter(([id]) => !safe.some(([known]) => known === id));
  const drives = (some: readonly (readonly [string, string])[]) => some.map(([, label]) => label).join(', ');
  const first =
    safe.length === 0
      ? translate(language, 'photoUnsafe')
      : translate(language, 'aboutSafeOn', { n: safe.length, drives: drives(safe) });
  return claimed.length === 0
    ? first
    : `${first}; ${translate(language, 'aboutClaimed', { drives: drives(claimed) })}`;
}

export function chapterText(chapter: Chapter, language: Language): string {
  const key = keyOf(chapter);
  const card = 'card' in chapter ? chapter.card.label : '';
  return translate(language, key, { drive: chapter.drive.label, card });
}

function keyOf(chapter: Chapter): TextKey {
  if (chapter.what === 'copied') return chapter.verifiedFrom === 'medium' ? 'lifeCopied' : 'lifeCopiedCache';
  if (chapter.what === 'lost') return chapter.why === 'missing' ? 'lifeMissing' : 'lifeAltered';
  return CHAPTERS[chapter.what];
}

const CHAPTERS = {
  found: 'lifeFound',
  claimed: 'lifeClaimed',
  indexed: 'lifeIndexed',
  sealed: 'lifeSealed',
  reread: 'lifeReread',
  forgotten: 'lifeForgotten',
} as const satisfies Record<Exclude<Chapter['what'], 'copied' | 'lost'>, TextKey>;

export const selectionText = (count: number, bytes: number, language: Language): string =>
  translate(language, 'selectCount', { n: count, size: sizeText(bytes, language) });
