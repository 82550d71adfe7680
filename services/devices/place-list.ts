import { type CardId, cardId } from '../../machines/ids.ts';
import type { Clock, Ids, Volume } from '../ports.ts';
import type { Arrival, ArrivalTools } from './arrival.ts';
import type { DeviceSettings } from './classify.ts';
import { lookAt } from './look.ts';
import {
  type FolderPlace,
  folderKey,
  labelOf,
  type Place,
  type Standing,
  standingOf,
  type VolumePlace,
  volumeCardId,
} from './place.ts';
import { type Seen, targetOf } from './seen.ts';
import { noFolder } from './targets.ts';

type OpenArrival = Extract<Arrival, { readonly kind: 'open' }>;

export interface PlaceTools extends ArrivalTools {
  readonly clock: Pick<Clock, 'stamp' | 'setTimer'>;
  readonly ids: Ids;
  readonly settings: DeviceSettings;
}

/** Every attached place: mounted volumes as they were listed, folders as their owner named them. */
export class PlaceList {
  readonly #tools: PlaceTools;
  readonly #places = new Map<string, Place>();
  /** Folder drives that their owner took out: they do not come back by themselves. */
  readonly #takenOut = new Set<string>();

  constructor(tools: PlaceTools) {
    this.#tools = tools;
  }

  all(): readonly Place[] {
    return [...this.#places.values()];
  }

  get(key: string): Place | null {
    return this.#places.get(key) ?? null;
  }

  at(path: string): Place | null {
    return this.all().find((place) => place.path === path) ?? null;
  }

  kind(place: Place): Standing['kind'] {
    return standingOf(place, this.#tools.settings, this.#tools.book).kind;
  }

  of(kind: Standing['kind']): readonly Place[] {
    return this.all().filter((place) => this.kind(place) === kind);
  }

  /** Adds or replaces. */
  put(place: Place): void {
    this.#takenOut.delete(place.key);
    this.#places.set(place.key, place);
  }

  /** Ejected by its owner: a folder is dropped, a volume left alone until it is mounted anew. */
  release(place: Place): void {
    if (place.kind === 'volume') {
      this.#places.set(place.key, { ...place, word: 'released' });
    } else {
      this.#places.delete(place.key);
      this.#takenOut.add(place.key);
    }
  }

  /** The place at a path; an ejected volume comes back when its owner names it again. */
  recall(path: string): Place | null {
    const place = this.at(path);
    if (place?.kind === 'volume' && place.word === 'released') this.put({ ...place, word: 'none' });
    return this.at(path);
  }

  drop(key: string): void {
    this.#places.delete(key);
  }

  /**
   * The place of a volume that was opened, added or in place of the one that stood for this insertion before: a volume
   * that was only remounted keeps its id and what its owner said of it.
   */
  addVolume(seen: Seen, { volume, holder, look }: OpenArrival): VolumePlace {
    const before = this.get(seen.key);
    const remounted =
      before?.kind === 'volume' && isSame({ ...before.volume, readOnly: volume.readOnly }, volume);
    const place: VolumePlace = {
      kind: 'volume',
      key: seen.key,
      path: volume.path,
      label: labelOf(volume.path, volume.label),
      volume,
      holder,
      target: targetOf(seen),
      listed: seen.mount,
      locked: seen.block?.readOnly ?? false,
      look,
      cardId: remounted ? before.cardId : this.#newCardId(seen.key, volume),
      word: remounted ? before.word : 'none',
    };
    this.#places.delete(seen.key);
    this.put(place);
    return place;
  }

  /** A clone of an attached card is another card: under the same id its photos would count as backed up. */
  #newCardId(key: string, volume: Volume): CardId {
    const id = volumeCardId(volume);
    const taken = this.all().some((place) => place.key !== key && place.cardId === id);
    return id === null || taken ? cardId(`insertion-${this.#tools.ids.uuid()}`) : id;
  }

  /** A folder as its owner named it, not added yet; `label` null for its own name. Throws 66 when there is no such path. */
  async folder(
    path: string,
    as: Pick<FolderPlace, 'word' | 'start'>,
    label: string | null = null,
  ): Promise<FolderPlace> {
    const volume = await this.#tools.places.volumeOf(path).catch((error: unknown) => {
      throw noFolder(path, error);
    });
    const look = await lookAt(path, this.#tools);
    const names = { key: folderKey(path), path, label: labelOf(path, label), cardId: cardId(path) };
    return { kind: 'folder', ...names, volume, look, ...as };
  }

  /**
   * Folders come and go with the volumes below them: drops those that cannot be read any more, and brings back the
   * folder drives of the journal whose drive.json still proves that they are ours.
   */
  async reviewFolders(): Promise<void> {
    for (const place of this.all()) {
      if (place.kind !== 'folder') continue;
      const there = await this.#tools.places.isFolder(place.path);
      const look = there ? await lookAt(place.path, this.#tools) : null;
      if (look === null) this.#places.delete(place.key);
      else this.#places.set(place.key, { ...place, look });
    }
    for (const drive of this.#tools.book.drives()) {
      const key = folderKey(drive.path);
      if (drive.kind !== 'folder' || this.#takenOut.has(key) || this.at(drive.path) !== null) continue;
      const place = await this.#again({
        path: drive.path,
        label: drive.label,
        word: 'drive',
        start: 'manual',
      });
      // One whose drive.json is damaged is no drive of ours any more, but its owner has to be told.
      if (place !== null && (this.kind(place) === 'drive' || typeof place.look?.identity === 'string'))
        this.put(place);
    }
  }

  async #again(place: Pick<FolderPlace, 'path' | 'label' | 'word' | 'start'>): Promise<FolderPlace | null> {
    if (!(await this.#tools.places.isFolder(place.path))) return null;
    const { word, start } = place;
    const now = await this.folder(place.path, { word, start }, place.label).catch(() => null);
    return now?.look === null ? null : now;
  }
}

/** Volumes are built in one place, with their keys in one order. */
const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
