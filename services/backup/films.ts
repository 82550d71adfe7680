import type { Capture, Card } from '../../machines/media.ts';
import { plainName } from '../library/names.ts';
import { leadingCapture } from '../library/shot.ts';
import type { MetadataReader } from '../media-ports.ts';
import type { Film } from './film.ts';

/** Chapters that are asked for a camera: one that no program can read may be the first, hardly the first four. */
const MAX_ASKED = 4;

type Metadata = Pick<MetadataReader, 'captures'>;

/**
 * Camera and serial number of videos, for all their chapters: the first one that tells them. They are copied one by one,
 * the last one first, so that they are asked on the card. One for a backup and all its drives. Memory: an answer a video.
 */
export class Films {
  readonly #card: Card;
  readonly #metadata: Metadata;
  readonly #asked = new Map<number, Promise<Capture | null>>();

  constructor(card: Card, metadata: Metadata) {
    this.#card = card;
    this.#metadata = metadata;
  }

  /** The same for every chapter; null where nothing could be read. Never throws. */
  captureOf({ leaders }: Film): Promise<Capture | null> {
    const [first] = leaders;
    if (first === undefined) return Promise.resolve(null);
    const known = this.#asked.get(first.index) ?? this.#ask(leaders.slice(0, MAX_ASKED));
    this.#asked.set(first.index, known);
    return known;
  }

  async #ask(leaders: Film['leaders']): Promise<Capture | null> {
    const { path: root, kind, readOnly } = this.#card;
    // Whoever reads metadata leaves a time of access on a card that somebody else mounted writable.
    if (kind === 'volume' && !readOnly) return null;
    let told: { readonly name: string; readonly capture: Capture | null }[] = [];
    for (const file of leaders) {
      const name = plainName(file);
      const [capture = null] = await this.#metadata.captures([{ path: `${root}/${file.path}`, name }]);
      told = [...told, { name, capture }];
      const { model, serial } = leadingCapture(told).capture ?? {};
      if (model !== undefined && serial !== undefined) break;
    }
    return leadingCapture(told).capture;
  }
}
