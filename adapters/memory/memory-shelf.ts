import type { BackupId, CardId, DriveId } from '../../machines/ids.ts';
import { fileName } from '../../services/library/names.ts';
import {
  type DriveEvent,
  GROUPINGS,
  type Grouping,
  MAX_NAMESAKES,
  MAX_PAGE,
  type NameQuery,
  type PageQuery,
  type PartPage,
  type PartQuery,
  type Photo,
  type PhotoFilter,
  type PhotoId,
  type PhotoPage,
  type PhotoShelf,
} from '../../services/library/ports.ts';
import type { Copy } from '../../services/ports.ts';
import type { CatalogueChange, PhotoNews } from '../../services/projections/catalogue.ts';
import {
  hasPart,
  isSameEnd,
  nameKey,
  type PhotoWords,
  type PlaceKey,
  parsePhotoId,
  placeKey,
  RANKS,
  takenAt,
} from '../../services/projections/photos.ts';
import { compareBytes } from './compare.ts';
import { pieceOf } from './piece.ts';

interface Entry {
  readonly n: number;
  readonly xxh64: string;
  readonly sizeBytes: number;
  words: PhotoWords;
  /** By their JSON. */
  readonly places: Map<string, PlaceKey>;
  readonly chapters: {
    readonly seq: number;
    readonly card: CardId | null;
    readonly backup: BackupId | null;
  }[];
}

interface Happened {
  readonly driveId: DriveId;
  readonly seq: number;
  readonly what: DriveEvent['what'] | 'sealed';
  readonly sealed: number;
}

const contentKey = ({ xxh64, sizeBytes }: Pick<Entry, 'xxh64' | 'sizeBytes'>): PhotoId =>
  `${xxh64}-${sizeBytes}`;
const isPhoto = ({ words }: Entry): boolean => words.rank >= RANKS.file;
const hasName = ({ places }: Entry, name: string): boolean =>
  [...places.values()].some((place) => place.name === nameKey(name));
const newest = (one: Entry, other: Entry): number => other.words.atMs - one.words.atMs || other.n - one.n;
const newestDay = (one: Entry, other: Entry): number =>
  compareBytes(other.words.day, one.words.day) || newest(one, other);
const pageSize = (limit = MAX_PAGE): number => Math.max(1, Math.min(MAX_PAGE, limit));

/** Counts everything anew at each question: the other one is held against it. */
export class MemoryShelf implements PhotoShelf {
  readonly #copies: () => Iterable<Copy>;
  readonly #entries = new Map<PhotoId, Entry>();
  /** Keys as they were first heard of. */
  readonly #order = new Map<Grouping, Set<string>>(GROUPINGS.map((by) => [by, new Set()]));
  readonly #failures: { readonly name: string; readonly seq: number }[] = [];
  readonly #events: Happened[] = [];
  readonly #places = new Map<string, Extract<CatalogueChange, { readonly type: 'place' }>>();

  constructor(copies: () => Iterable<Copy>) {
    this.#copies = copies;
  }

  /** Before the copies themselves. */
  apply(change: CatalogueChange, seq: number): void {
    switch (change.type) {
      case 'put':
      case 'confirm':
      case 'claim':
        this.#settle(change.copy, change.news, seq);
        return;
      case 'drop': {
        const { driveId, to } = change;
        const lost = [...this.#copies()].find((copy) => copy.driveId === driveId && copy.to === to);
        if (lost !== undefined) this.#tell(lost, { seq, card: null, backup: null });
        return;
      }
      case 'fail':
        this.#failures.push({ name: change.name, seq });
        return;
      case 'event':
        this.#events.push({ driveId: change.driveId, seq, what: change.what, sealed: 0 });
        return;
      case 'seal':
        this.#events.push({ driveId: change.driveId, seq, what: 'sealed', sealed: change.seq });
        return;
      case 'place':
        this.#places.set(`${change.role} ${change.id}`, change);
        return;
      case 'see':
      case 'forget':
      case 'count':
    }
  }

  clear(): void {
    this.#entries.clear();
    for (const keys of this.#order.values()) keys.clear();
    this.#failures.length = 0;
    this.#events.length = 0;
    this.#places.clear();
  }

  groups(by: Grouping, { after = null, limit }: PageQuery = {}) {
    const known = [...(this.#order.get(by) ?? [])];
    const keys = by === 'day' ? known.sort(compareBytes).reverse() : known.reverse();
    const rest = after === null || !keys.includes(after) ? keys : keys.slice(keys.indexOf(after) + 1);
    const groups = rest.map((key) => {
      const found = this.#photos().filter((entry) => this.#groupsOf(entry, by).includes(key));
      const copies = found.map((entry) => this.#verifiedCopies(entry));
      const fewestCopies = Math.min(...copies);
      const bytes = found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      const photosWithFewest = copies.filter((count) => count === fewestCopies).length;
      return { key, photos: found.length, bytes, fewestCopies, photosWithFewest };
    });
    return groups.filter(({ photos }) => photos > 0).slice(0, pageSize(limit));
  }

  photos(filter: PhotoFilter, { after = null, limit }: PageQuery = {}): PhotoPage {
    const [by, key = ''] = Object.entries(filter)[0] ?? [];
    const isIn = (entry: Entry) =>
      by === 'name' ? hasName(entry, key) : this.#groupsOf(entry, by as Grouping).includes(key);
    const found = this.#photos().filter(isIn).sort(newest);
    const from = found.findIndex((entry) => placeOf(entry) === after) + 1;
    const page = found.slice(from, from + pageSize(limit));
    const last = page.at(-1);
    const next = page.length < pageSize(limit) || last === undefined ? null : placeOf(last);
    return { photos: page.map((entry) => this.#photoOf(entry)), next };
  }

  withPart({ part, of }: PartQuery, piece: PageQuery & { readonly look: number }): PartPage {
    const photos = this.#photos().filter(
      (entry) => of === null || this.#groupsOf(entry, of.by).includes(of.key),
    );
    const order = of === null ? newestDay : newest;
    const hits = (entry: Entry) => this.#names(entry).some((name) => hasPart(name, part));
    const limit = pageSize(piece.limit);
    const { found, last } = pieceOf(photos.sort(order), placeOf, hits, { ...piece, limit });
    const next = last === null ? null : placeOf(last);
    return { photos: found.map((entry) => this.#photoOf(entry)), next, day: last?.words.day ?? null };
  }

  photo(id: PhotoId) {
    const entry = parsePhotoId(id) === null ? undefined : this.#entries.get(id);
    return entry === undefined ? null : this.#photoOf(entry);
  }

  named({ path, cards = null, day = null }: NameQuery, limit: number) {
    const asked = placeKey(path);
    const isThere = ({ places }: Entry) => [...places.values()].some((place) => isSameEnd(place, asked));
    const isOfCard = ({ chapters }: Entry) =>
      chapters.some(({ card }) => card !== null && cards?.includes(card));
    const found = [...this.#entries.values()]
      .filter(isThere)
      .slice(-MAX_NAMESAKES)
      .filter((entry) => cards === null || isOfCard(entry))
      .filter((entry) => day === null || (isPhoto(entry) && entry.words.day === day))
      .sort((one, other) => Number(isPhoto(other)) - Number(isPhoto(one)) || newest(one, other));
    return { ids: found.slice(0, limit).map(contentKey), total: found.length };
  }

  hashed(prefix: string, limit: number) {
    return this.#lately(({ xxh64 }) => xxh64.startsWith(prefix.toLowerCase()), limit);
  }

  records(id: PhotoId, { head, tail }: { readonly head: number; readonly tail: number }) {
    const all = [...new Set(this.#entries.get(id)?.chapters.map(({ seq }) => seq))];
    const seqs = all.filter((_, at) => at < head || at >= all.length - tail);
    return { seqs, total: all.length };
  }

  failures(name: string, limit: number) {
    const seqs = this.#failures.filter((failure) => failure.name === nameKey(name)).map(({ seq }) => seq);
    return [...new Set(seqs)].reverse().slice(0, limit);
  }

  sealAfter(driveId: DriveId, seq: number) {
    const seals = this.#events.filter((event) => event.driveId === driveId && event.what === 'sealed');
    return seals.find((event) => event.seq > seq && event.sealed >= seq)?.seq ?? null;
  }

  driveEvents(driveId: DriveId, { after, limit }: { readonly after: number; readonly limit: number }) {
    const found = this.#events.flatMap(({ what, ...event }) =>
      event.driveId === driveId && event.seq > after && what !== 'sealed' ? [{ seq: event.seq, what }] : [],
    );
    return found.slice(Math.max(0, found.length - limit));
  }

  places(role: 'card' | 'drive') {
    const found = [...this.#places.values()].filter((place) => place.role === role);
    return found.map(({ id, label }) => ({ id, label })).sort((one, other) => compareBytes(one.id, other.id));
  }

  place(role: 'card' | 'drive', id: string) {
    const label = this.#places.get(`${role} ${id}`)?.label;
    return label === undefined ? null : { id, label };
  }

  #settle(copy: Copy, { words, card, backup }: PhotoNews, seq: number): void {
    const key = contentKey(copy);
    const { xxh64, sizeBytes } = copy;
    const entry = this.#entries.get(key) ?? {
      n: this.#entries.size + 1,
      xxh64,
      sizeBytes,
      words,
      places: new Map(),
      chapters: [],
    };
    this.#entries.set(key, entry);
    if (words.rank > entry.words.rank) entry.words = words;
    for (const place of words.places) entry.places.set(JSON.stringify(place), place);
    this.#tell(copy, { seq, card, backup });
    if (words.rank >= RANKS.file) this.#order.get('day')?.add(words.day);
    if (words.rank >= RANKS.file) this.#order.get('camera')?.add(words.camera);
    if (card !== null) this.#order.get('card')?.add(card);
    if (backup !== null) this.#order.get('backup')?.add(backup);
  }

  #tell(copy: Copy, chapter: Entry['chapters'][number]): void {
    this.#entries.get(contentKey(copy))?.chapters.push(chapter);
  }

  #photos(): Entry[] {
    return [...this.#entries.values()].filter(isPhoto);
  }

  #lately(isAsked: (entry: Entry) => boolean, limit: number): readonly PhotoId[] {
    return [...this.#entries.values()].filter(isAsked).reverse().slice(0, limit).map(contentKey);
  }

  #groupsOf({ words, chapters }: Entry, by: Grouping): readonly string[] {
    if (by === 'day') return [words.day];
    if (by === 'camera') return [words.camera];
    return chapters.flatMap((chapter) => chapter[by] ?? []);
  }

  #copiesOf(entry: Entry): Copy[] {
    const order = (one: Copy, other: Copy) =>
      compareBytes(one.driveId, other.driveId) || compareBytes(one.to, other.to);
    return [...this.#copies()].filter((copy) => contentKey(copy) === contentKey(entry)).sort(order);
  }

  #names(entry: Entry): string[] {
    return [entry.words.name, ...this.#copiesOf(entry).map(({ to }) => fileName(to))];
  }

  #verifiedCopies(entry: Entry): number {
    const counted = this.#copiesOf(entry).filter((copy) => this.#counts(copy));
    return new Set(counted.map(({ driveId }) => driveId)).size;
  }

  #counts({ state, verifiedFrom, driveId }: Copy): boolean {
    const isFolder = this.#places.get(`drive ${driveId}`)?.folder === true;
    return state === 'verified' && (verifiedFrom === 'medium' || isFolder);
  }

  #photoOf(entry: Entry): Photo {
    const { xxh64, sizeBytes, words, chapters } = entry;
    const told = <Key extends string>(keys: readonly (Key | null)[]) =>
      [...new Set(keys)].filter((key) => key !== null);
    return {
      id: contentKey(entry),
      xxh64,
      sizeBytes,
      name: words.name,
      day: isPhoto(entry) ? words.day : null,
      dayFrom: isPhoto(entry) ? (words.rank === RANKS.capture ? 'capture' : 'file') : null,
      takenAt: words.rank === RANKS.capture ? takenAt(words.atMs) : null,
      zone: words.zone,
      camera: words.camera === '' ? null : words.camera,
      cards: told(chapters.map(({ card }) => card)),
      backups: told(chapters.map(({ backup }) => backup)),
      copies: this.#copiesOf(entry).map((copy) => {
        const { driveId, to, state, verifiedFrom } = copy;
        return { driveId, to, state, verifiedFrom, counts: this.#counts(copy) };
      }),
      verifiedCopies: this.#verifiedCopies(entry),
    };
  }
}

const placeOf = ({ words, n }: Entry): string => `${words.atMs}.${n}`;
