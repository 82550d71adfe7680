import type { CardId } from '../../machines/ids.ts';
import { UserError } from '../errors.ts';
import type { Store } from '../ports.ts';
import { nameKey, parsePhotoId } from '../projections/photos.ts';
import { lifeOf } from './life.ts';
import { mediaKind } from './media.ts';
import { mediaType } from './media-type.ts';
import { clashKey, fileName } from './names.ts';
import type { Photo, PhotoId } from './ports.ts';
import type { Explanation, FailedChapter, Life, PhotoDetail } from './shapes.ts';
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
/** Contents that are looked at whose hashes begin alike. */
const MAX_HASHED = 500;
const MAX_FAILURES = 20;
/** 16 digits of the hash, a hyphen and a size. */
const MAX_ID = 40;
/** Fewer digits are a word, and would be the beginning of thousands. */
const HASH = /^[0-9a-f]{6,16}$/i;

type Parts = Pick<Store, 'shelf' | 'history' | 'log'>;

/** Throws `UserError` 66 when nothing of that name is known, 64 for a day that is none. */
export function explain(store: Parts, question: Question): Explanation {
  const { name } = question;
  const limit = Math.max(1, Math.min(MAX_LIVES, question.limit ?? DEFAULT_LIVES));
  if (typeof question.day === 'string') checkDay(question.day);
  const { photos, total } = candidates(store.shelf, question, limit);
  const lives = photos.map(lifeTeller(store));
  const failures = failuresOf(store, question);
  if (lives.length === 0 && failures.length === 0)
    throw isUnknownCard(store, question) ? unknownCard(question) : unknownName(question);
  return { name, lives, more: total - lives.length, failures };
}

/** What is known of one photo. Throws `UserError` 66. */
export function photoDetail(store: Parts, id: PhotoId): PhotoDetail {
  const photo = store.shelf.photo(id);
  if (photo === null) throw unknownName({ name: id.slice(0, MAX_ID) });
  const { chapters: _, omitted: __, ...known } = lifeTeller(store)(photo);
  return { ...known, kind: mediaKind(photo.name), mediaType: mediaType(photo.name) };
}

function lifeTeller(store: Parts): (photo: Photo) => Life {
  const line = photoLines(store.shelf);
  const labels = { card: labelsOf(store.shelf, 'card'), drive: labelsOf(store.shelf, 'drive') };
  return (photo) => lifeOf(store, photo, line(photo), labels);
}

/** Newest first, and how many there are; of what is not told nothing is read. */
function candidates(
  shelf: Parts['shelf'],
  { name, card = null, day = null }: Question,
  limit: number,
): { readonly photos: readonly Photo[]; readonly total: number } {
  const cards = card === null ? null : cardsCalled(shelf, card);
  const isAsked = ({ cards: from, day: of }: Photo) =>
    (cards === null || from.some((id) => cards.includes(id))) && (day === null || of === day);
  const named = shelf.named({ path: name, cards, day }, limit);
  const hashed = HASH.test(name) ? shelf.hashed(name, MAX_HASHED) : [];
  const ids = [...hashed, ...(parsePhotoId(name) === null ? [] : [name])];
  const others = ids.filter((id) => !named.ids.includes(id)).flatMap((id) => shelf.photo(id) ?? []);
  const found = others.filter(isAsked);
  const photos = [...named.ids.flatMap((id) => shelf.photo(id) ?? []), ...found]
    .map((photo) => ({ photo, at: photo.takenAt ?? photo.day ?? '' }))
    .sort((one, other) => (one.at === other.at ? 0 : one.at < other.at ? 1 : -1))
    .map(({ photo }) => photo);
  return { photos: photos.slice(0, limit), total: named.total + found.length };
}

function cardsCalled(shelf: Parts['shelf'], word: string): readonly CardId[] {
  const named = shelf
    .places('card')
    .filter(({ id, label }) => id === word || clashKey(label) === clashKey(word));
  return [...new Set([word, ...named.map(({ id }) => id)])] as CardId[];
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
  const cards = card === null ? null : cardsCalled(shelf, card);
  const labels = { card: labelsOf(shelf, 'card'), drive: labelsOf(shelf, 'drive') };
  return shelf.failures(key, MAX_FAILURES).flatMap((seq) => {
    const [record] = [...log.read({ after: seq - 1, limit: 1 })];
    if (record?.fact.type !== 'FilesSettled' || cards?.includes(record.fact.cardId) === false) return [];
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

/** A card of which no file was ever read is known from its backup. */
function isUnknownCard({ shelf }: Parts, { card = null }: Question): boolean {
  if (card === null) return false;
  const isIt = (place: { readonly id: string; readonly label: string }) =>
    place.id === card || clashKey(place.label) === clashKey(card);
  return !shelf.places('card').some(isIt);
}

const unknownCard = ({ card }: Question): UserError =>
  new UserError(
    'unknown-card',
    66,
    `${card ?? ''}: no such card is known`,
    'see them all with: imagetank library list --by card',
  );

function unknownName({ name, card = null, day = null }: Question): UserError {
  const narrowed = card !== null || day !== null;
  const hint = narrowed
    ? 'ask without --card and --day'
    : 'give the whole file name, a path, or 6 digits of an XXH64 at least';
  return new UserError('unknown-photo', 66, `${name}: no backup has seen such a file`, hint);
}
