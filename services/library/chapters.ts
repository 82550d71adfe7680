import type { RelativePath } from '../../machines/ids.ts';
import type { CardPath } from '../media-ports.ts';
import { splitName } from './names.ts';

/**
 * GoPro's "Camera File Naming Convention": `GX020001.MP4` is chapter 2 of video 0001 (since HERO6, and MAX; `GL` are
 * the small copies); before, `GP010001.MP4` follows `GOPR0001.MP4`. Loops (`GHAA0001`) are videos of their own.
 */
const SINCE_HERO6 = /^(G[XHSL])(\d\d)(\d{4})$/i;
const FIRST_BEFORE = /^(GOPR)(\d{4})$/i;
const LATER_BEFORE = /^(GP)(\d\d)(\d{4})$/i;

/** Two digits. */
export const MAX_CHAPTER = 99;

/** Number of a chapter by its stem, 0 for the first one of old cameras; null for what is no chapter. */
export function chapterOf(stem: string): number | null {
  if (FIRST_BEFORE.test(stem)) return 0;
  const digits = (SINCE_HERO6.exec(stem) ?? LATER_BEFORE.exec(stem))?.[2];
  return digits === undefined ? null : Number(digits);
}

/** The same file of another chapter; null where there is no such chapter. */
export function inChapter({ path, pathBase64 }: CardPath, chapter: number): CardPath | null {
  if (pathBase64 !== undefined) return null;
  const at = path.lastIndexOf('/') + 1;
  const { stem, tail } = splitName(path.slice(at));
  const other = stemOf(stem, chapter);
  return other === null ? null : { path: `${path.slice(0, at)}${other}${tail}` as RelativePath };
}

function stemOf(stem: string, chapter: number): string | null {
  const digits = String(chapter).padStart(2, '0');
  if (SINCE_HERO6.test(stem)) return chapter === 0 ? null : stem.replace(SINCE_HERO6, `$1${digits}$3`);
  const before = FIRST_BEFORE.exec(stem)?.[2] ?? LATER_BEFORE.exec(stem)?.[3];
  if (before === undefined) return null;
  return chapter === 0 ? `GOPR${before}` : `GP${digits}${before}`;
}
