import { UserError } from '../errors.ts';
import type { Store } from '../ports.ts';
import { nameKey, parsePhotoId } from '../projections/photos.ts';
import { lifeOf } from './life.ts';
import { clashKey, fileName } from './names.ts';
import type { Photo } from './ports.ts';
import type { Explanation, FailedChapter, Life } from './shapes.ts';
import { checkDay, labelsOf, photoLines } from './told.ts';

export interface Question {
  /** File name in any case, path on a card or drive (the mount point may stand before it), or the beginning of an XXH64. */
  readonly name: string;
  /** Only photos of this card, by id or label. */
  readonly card?: string | null;
  /** Only photos of this day, `YYYY-MM-DD`. */
  readonly day?: string | null;
  /** How many photos are told. Default `DEFAULT_LIVES`, at most `MAX_LIVES`. */
  readonly limit?: number;
}

const DEFAULT_LIVES = 5;
export const MAX_LIVES = 100;
/** Photos of one name that are looked at: a counter of four digits comes around every 10,000 shots. */
const MAX_CANDIDATES = 500;
const MAX_FAILURES = 20;
/** Fewer digits are a word, and would be the beginning of thousands. */
const HASH = /^[0-9a-f]{6,16}$/i;

type Parts = Pick<Store, 'shelf' | 'history' | 'log'>;

/** Throws `UserError` 66 when nothing of that name is known, 64 for a day that is none. */
export function explain(store: Parts, question: Question): Explanation {
  const { name } = question;
  const limit = Math.max(1, Math.min(MAX_LIVES, question.limit ?? DEFAULT_LIVES));
  if (typeof question.day === 'string') checkDay(question.day);
  const found = candidates(store, question);
  const lives: Life[] = [];
  let more = 0;
  const tell = lifeTeller(store);
  for (const photo of found) {
    // A path is in the records alone; a name needs no look at photos that are not told.
    const isPath = name.includes('/');
    if (lives.length >= limit && !isPath) more += 1;
    else {
      const life = tell(photo);
      if (isPath && !liesAt(life, name)) continue;
      if (lives.length >= limit) more += 1;
      else lives.push(life);
    }
  }
  const failures = failuresOf(store, question);
  if (lives.length === 0 && failures.length === 0) throw unknownName(question);
  return { name, lives, more, failures };
}

function lifeTeller(store: Parts): (photo: Photo) => Life {
  const line = photoLines(store.shelf);
  const labels = { card: labelsOf(store.shelf, 'card'), drive: labelsOf(store.shelf, 'drive') };
  return (photo) => lifeOf(store, photo, line(photo), labels);
}

/** Newest first. */
function candidates({ shelf }: Parts, { name, card = null, day = null }: Question): readonly Photo[] {
  const ids = new Set(shelf.named(fileName(name), MAX_CANDIDATES));
  if (HASH.test(name)) for (const id of shelf.hashed(name, MAX_CANDIDATES)) ids.add(id);
  if (parsePhotoId(name) !== null) ids.add(name);
  const isOfCard = card === null ? () => true : ofCard(shelf, card);
  return [...ids]
    .flatMap((id) => shelf.photo(id) ?? [])
    .filter((photo) => isOfCard(photo.cards) && (day === null || photo.day === day))
    .map((photo) => ({ photo, at: photo.takenAt ?? photo.day ?? '' }))
    .sort((one, other) => (one.at === other.at ? 0 : one.at < other.at ? 1 : -1))
    .map(({ photo }) => photo);
}

function ofCard(shelf: Parts['shelf'], word: string): (ids: readonly string[]) => boolean {
  const named = shelf
    .places('card')
    .filter(({ id, label }) => id === word || clashKey(label) === clashKey(word));
  const wanted = new Set([word, ...named.map(({ id }) => id)]);
  return (ids) => ids.some((id) => wanted.has(id));
}

/** A path of a chapter, whole or its end, with or without a mount point before it. */
function liesAt({ chapters, copies }: Life, asked: string): boolean {
  const told = chapters.flatMap((chapter) => [
    'path' in chapter ? chapter.path : '',
    'to' in chapter ? chapter.to : '',
  ]);
  return [...told, ...copies.map(({ path }) => path)].some((path) => isEnd(path, asked));
}

function isEnd(path: string, asked: string): boolean {
  if (path === '') return false;
  const [one, other] = [`/${clashKey(path)}`, `/${clashKey(asked.replace(/^\.?\/+/, ''))}`];
  return one.endsWith(other) || other.endsWith(one);
}

function failuresOf(
  { shelf, log, history }: Parts,
  { name, card = null, day = null }: Question,
): FailedChapter[] {
  // A file that was never read has no day.
  if (day !== null) return [];
  const key = nameKey(fileName(name));
  const isOfCard = card === null ? () => true : ofCard(shelf, card);
  const labels = { card: labelsOf(shelf, 'card'), drive: labelsOf(shelf, 'drive') };
  return shelf.failures(key, MAX_FAILURES).flatMap((seq) => {
    const [record] = [...log.read({ after: seq - 1, limit: 1 })];
    if (record?.fact.type !== 'FilesSettled' || !isOfCard([record.fact.cardId])) return [];
    const { backupId, cardId, driveId, failed } = record.fact;
    const { at, clock } = record;
    return failed
      .filter(({ path }) => nameKey(fileName(path)) === key && (!name.includes('/') || isEnd(path, name)))
      .map(({ path, pathBase64, reason, detail, salvagedTo = null }) => ({
        seq,
        at,
        clock,
        backup: { id: backupId, outcome: history.find(backupId)?.outcome ?? null },
        card: { id: cardId, label: labels.card.get(cardId) ?? cardId },
        path,
        ...(pathBase64 === undefined ? {} : { pathBase64 }),
        drive: { id: driveId, label: labels.drive.get(driveId) ?? driveId },
        reason,
        detail,
        salvagedTo,
      }));
  });
}

function unknownName({ name, card = null, day = null }: Question): UserError {
  const narrowed = card !== null || day !== null;
  const hint = narrowed
    ? 'ask without --card and --day'
    : 'give the whole file name, a path, or 6 digits of an XXH64 at least';
  return new UserError('unknown-photo', 66, `${name}: no backup has seen such a file`, hint);
}
