import type { BackupId } from '../../machines/ids.ts';
import { UserError } from '../errors.ts';
import type { Store } from '../ports.ts';
import { explain, photoDetail, type Question } from './explain.ts';
import { Finder } from './finder.ts';
import { clashKey } from './names.ts';
import {
  GROUPINGS,
  type Grouping,
  MAX_PAGE,
  type PageQuery,
  type PhotoFilter,
  type PhotoId,
} from './ports.ts';
import { NO_RESTS, type Rests } from './rests.ts';
import type { Explanation, GroupPageShape, PhotoDetail, PhotoPageShape } from './shapes.ts';
import { checkDay, type Labels, labelsOf, photoLines } from './told.ts';

/** How the photos without a camera are asked for. */
export const NO_CAMERA = 'unknown';

/** Answers about photos, from the read models and the records that they name; the daemon and the command line use it. */
export class Library {
  readonly #store: Pick<Store, 'shelf' | 'history' | 'log'>;
  readonly #finder: Finder;

  constructor(store: Pick<Store, 'shelf' | 'history' | 'log'>, rests: Rests = NO_RESTS) {
    this.#store = store;
    this.#finder = new Finder(store.shelf, rests);
  }

  /** Newest first; `after`: `next` of the page before. */
  groups(by: Grouping, page: PageQuery = {}): GroupPageShape {
    const limit = page.limit ?? MAX_PAGE;
    const found = this.#store.shelf.groups(by, page);
    const labels = by === 'card' ? labelsOf(this.#store.shelf, 'card') : null;
    const groups = found.map((group) => ({ by, ...group, label: this.#labelOf(by, group.key, labels) }));
    return { groups, next: found.length < limit ? null : (found.at(-1)?.key ?? null) };
  }

  /** Exactly one filter. A camera or card may be given by a part of its name or its label. Throws 64, 65, 66. */
  photos(filter: PhotoFilter, page: PageQuery = {}): PhotoPageShape {
    const [[by, word] = [], ...others] = Object.entries(filter);
    if (by === undefined || word === undefined || others.length > 0) {
      const hint = 'name one of day, camera, card, backup and name';
      throw new UserError('bad-filter', 64, 'photos are listed by one thing at a time', hint);
    }
    const { photos, next } = this.#store.shelf.photos({ [by]: this.#keyOf(by, word) }, page);
    return { photos: photos.map(photoLines(this.#store.shelf)), next };
  }

  /**
   * Photos with this part in a name, of a day, camera, card or backup where one is given. A page may hold less than was
   * asked for, or nothing, and `next` goes on. Throws 64, 65, 66, 75.
   */
  async find(
    part: string,
    filter: PhotoFilter = {},
    page: PageQuery = {},
    gone?: AbortSignal,
  ): Promise<PhotoPageShape> {
    const [[word, key] = [], ...others] = Object.entries(filter);
    const by = GROUPINGS.find((grouping) => grouping === word);
    if (others.length > 0 || (word !== undefined && by === undefined)) {
      const hint = 'name at most one of day, camera, card and backup';
      throw new UserError('bad-filter', 64, 'a part of a name is looked for in one thing at a time', hint);
    }
    const of = by === undefined || key === undefined ? null : { by, key: this.#keyOf(by, key) };
    const { photos, next, day } = await this.#finder.find({ part, of }, page, gone);
    return { photos: photos.map(photoLines(this.#store.shelf)), next, searchedTo: day };
  }

  /** Throws 66 for what nobody knows. */
  photo(id: PhotoId): PhotoDetail {
    return photoDetail(this.#store, id);
  }

  /** Throws 66 when nothing of that name is known. */
  explain(question: Question): Explanation {
    return explain(this.#store, question);
  }

  #labelOf(by: Grouping, key: string, cards: Labels['card'] | null): string {
    if (by === 'card') return cards?.get(key) ?? key;
    if (by === 'backup') return this.#store.history.find(key as BackupId)?.card ?? '';
    return by === 'camera' && key === '' ? NO_CAMERA : key;
  }

  #keyOf(by: string, word: string): string {
    if (by === 'day') checkDay(word);
    return by === 'camera' ? this.#camera(word) : by === 'card' ? this.#card(word) : word;
  }

  #camera(word: string): string {
    if (clashKey(word) === NO_CAMERA) return '';
    const known = this.#store.shelf.groups('camera').map(({ key }) => key);
    const isNamed = (key: string) => key !== '' && clashKey(key).includes(clashKey(word));
    return oneOf(
      'camera',
      word,
      known.filter((key) => clashKey(key) === clashKey(word)),
      known.filter(isNamed),
    );
  }

  #card(word: string): string {
    const known = this.#store.shelf.places('card');
    const ids = (isIt: (place: { readonly id: string; readonly label: string }) => boolean) =>
      known.filter(isIt).map(({ id }) => id);
    return oneOf(
      'card',
      word,
      ids(({ id }) => id === word),
      ids(({ label }) => clashKey(label) === clashKey(word)),
    );
  }
}

function oneOf(
  what: 'camera' | 'card',
  word: string,
  exact: readonly string[],
  likely: readonly string[],
): string {
  const found = exact.length > 0 ? exact : likely;
  const [key] = found;
  if (key === undefined) {
    const hint = `see them all with: imagetank library list --by ${what}`;
    throw new UserError(`unknown-${what}`, 66, `${word}: no photo of such a ${what}`, hint);
  }
  if (found.length === 1) return key;
  const named = `${found.slice(0, 5).join(' or ')}${found.length > 5 ? ' or others' : ''}`;
  throw new UserError(
    'ambiguous-name',
    65,
    `${word}: ${found.length} ${what}s are called so`,
    `name one by ${named}`,
  );
}
