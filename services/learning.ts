import type { Fact, FactRecord } from '../machines/facts.ts';
import type { DriveId, RelativePath } from '../machines/ids.ts';
import { learnContent } from './manifest/learn.ts';
import type { DriveStore } from './media-ports.ts';
import type { Catalogue } from './ports.ts';

export interface LearningParts {
  readonly catalogue: Catalogue;
  readonly emit: (fact: Fact) => Promise<void>;
  readonly warn: (text: string) => void;
  /** Finds the number of a box's counter in a path. */
  readonly numberIn?: (to: RelativePath) => number | null;
  /** Looks at what lies on the drive, listed or not. */
  readonly survey?: (store: DriveStore) => Promise<void>;
}

/**
 * Takes in what the manifests of a drive claim, once an attachment: another imagetank may have written it meanwhile.
 * Claims are re-read before they are trusted.
 */
export class DriveLearning {
  readonly #parts: LearningParts;
  readonly #known = new Map<DriveId, Promise<void>>();

  constructor(parts: LearningParts) {
    this.#parts = parts;
  }

  /** Throws `DriveError`; the next call then tries again. */
  learn(store: DriveStore): Promise<void> {
    const { id } = store.drive;
    const known = this.#known.get(id) ?? this.#read(store);
    this.#known.set(id, known);
    known.catch(() => this.#known.delete(id));
    return known;
  }

  /** A drive that went away may come back with more on it. */
  follow({ fact }: Pick<FactRecord, 'fact'>): void {
    if (fact.type === 'DriveDetached' || fact.type === 'DriveForgotten') this.#known.delete(fact.driveId);
  }

  async #read(store: DriveStore): Promise<void> {
    const { catalogue, numberIn } = this.#parts;
    await this.#parts.survey?.(store);
    for await (const learning of learnContent(store, store.drive.id, catalogue, numberIn)) {
      if ('fact' in learning) await this.#parts.emit(learning.fact);
      else this.#parts.warn(`${store.drive.label}: ${JSON.stringify(learning.problem)}`);
    }
  }
}
