import type { Chapter, Explanation, FailedChapter, Life } from '../../services/library/shapes.ts';
import { colours } from './colours.ts';
import { escapeText as safe } from './escape.ts';
import { copyText, timeOf } from './photos.ts';
import { formatBytes, formatCount, formatTime } from './units.ts';

export function renderExplanation({ lives, failures }: Explanation): string[] {
  const told = lives.map(renderLife);
  const failed = failures.length === 0 ? [] : [['Not copied', ...failures.map(failedText)]];
  return [...told, ...failed].flatMap((lines, at) => (at === 0 ? lines : ['', ...lines]));
}

function renderLife(life: Life): string[] {
  const { name, sizeBytes, xxh64, copies, verifiedCopies, chapters, omitted } = life;
  const now =
    verifiedCopies === 0
      ? colours.red('no verified copy')
      : `verified on ${formatCount(verifiedCopies, 'drive')}`;
  return [
    `${colours.bold(safe(name))}  ${formatBytes(sizeBytes)}  xxh64 ${xxh64}`,
    ...takenText(life),
    `  now: ${now}`,
    ...copies.map((copy) => `    ${copyText(copy)}`),
    ...chapters.flatMap((chapter) => {
      const { at, clock } = chapter;
      return [`  ${whenText(at, clock)}  ${chapterText(chapter)}`, ...notesOf(chapter)];
    }),
    ...(omitted === 0 ? [] : [`  and ${formatCount(omitted, 'record')} in between that are not told here`]),
  ];
}

/** The box's local time; `?` where it did not know the time itself. */
const whenText = (at: string, clock: Chapter['clock']): string =>
  `${formatTime(at, true)}${clock === 'synced' ? ' ' : '?'}`;

function takenText(life: Life): string[] {
  const { day, dayFrom, dayBy, zone, camera, capture } = life;
  const by = [
    camera === null ? '' : `by ${safe(camera)}`,
    capture?.serial === undefined ? '' : `(${safe(capture.serial)})`,
  ];
  const gps = capture?.gps;
  const where = gps === undefined ? '' : `at ${gps.latitude}, ${gps.longitude}`;
  const when = [`taken ${timeOf(life).trimEnd()}`, zone ?? '', ...by, where]
    .filter((part) => part !== '')
    .join(' ');
  if (dayFrom === 'capture') return [`  ${when}`];
  if (dayFrom === null) return [];
  const told = dayFrom === 'file' ? 'the file' : `its shot${dayBy === undefined ? '' : `: ${safe(dayBy)}`}`;
  const unknown = `day ${day ?? ''} from ${told} (when it was taken is not recorded)`;
  return [`  ${[unknown, ...by].filter((part) => part !== '').join(' ')}`];
}

const notesOf = (chapter: Chapter): string[] =>
  'notes' in chapter ? chapter.notes.map((note) => `      note: ${safe(note)}`) : [];

function chapterText(chapter: Chapter): string {
  const place =
    'to' in chapter ? `${safe(chapter.drive.label)}: ${safe(chapter.to)}` : safe(chapter.drive.label);
  switch (chapter.what) {
    case 'copied':
      return `copied from ${sourceText(chapter)} to ${place}, ${readText(chapter)}, ${backupText(chapter.backup)}`;
    case 'found': {
      const last = chapter.times === 1 ? '' : `; ${chapter.times} times until ${formatTime(chapter.lastAt)}`;
      return `found on ${sourceText(chapter)}: ${place} has it already, ${backupText(chapter.backup)}${last}`;
    }
    case 'claimed':
      return `listed in a manifest as ${place}`;
    case 'indexed':
      return `was on the drive before, read there: ${place}, verified from the ${chapter.verifiedFrom}`;
    case 'lost': {
      const by = chapter.backup === null ? (chapter.by ?? 'verify or index') : backupText(chapter.backup);
      return colours.red(`${chapter.why} on ${place}, found by ${by}: it counts no more`);
    }
    case 'sealed':
      return `in the manifest ${chapter.manifest === null ? `of ${safe(chapter.drive.label)}` : safe(chapter.manifest)}`;
    case 'reread':
      return `read again and as recorded, ${place}`;
    case 'forgotten':
      return `${place} is no drive of this box any more: its copies count no more`;
  }
}

type Settled = Extract<Chapter, { readonly what: 'copied' | 'found' }>;

const sourceText = ({ card, path }: Settled | FailedChapter): string => `${safe(card.label)}: ${safe(path)}`;

function readText({ verifiedFrom, secondReading }: Settled): string {
  const twice =
    secondReading === null ? '' : `, card read twice${secondReading === 'cache' ? ' (from the cache)' : ''}`;
  return `verified from the ${verifiedFrom}${twice}`;
}

const backupText = ({ id, outcome }: Settled['backup']): string =>
  `backup ${id}${outcome === null || outcome === 'done' ? '' : ` (${outcome})`}`;

function failedText(failure: FailedChapter): string {
  const { at, clock, drive, reason, detail, backup, salvagedTo } = failure;
  const kept = salvagedTo === null ? '' : `; what could be read is ${safe(salvagedTo)}`;
  const why = [safe(reason), safe(detail)].filter((part) => part !== '').join(': ');
  return `  ${whenText(at, clock)}  ${sourceText(failure)} not to ${safe(drive.label)}, ${why}, ${backupText(backup)}${kept}`;
}
