import { PathList } from '../verify/tally.ts';
import type { IndexResult } from '../work-shapes.ts';
import type { Indexed } from './index-folder.ts';

/** Adds up what became of the files of a folder. */
export class IndexTally {
  readonly #counts = { indexed: 0, known: 0, altered: 0, unreadable: 0 };
  readonly #altered = new PathList();
  readonly #unreadable = new PathList();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  add({ path, sizeBytes, outcome }: Indexed): void {
    this.#counts[outcome] += 1;
    this.#bytes += sizeBytes;
    if (outcome === 'altered') this.#altered.add(path);
    if (outcome === 'unreadable') this.#unreadable.add(path);
  }

  result(
    where: Pick<IndexResult, 'drive' | 'folder'> & { readonly manifests: readonly string[] },
  ): IndexResult {
    const { indexed, known, altered, unreadable } = this.#counts;
    return {
      ...where,
      manifests: [...where.manifests],
      files: indexed + known + altered + unreadable,
      indexed,
      known,
      altered: this.#altered.toJSON(),
      unreadable: this.#unreadable.toJSON(),
    };
  }
}
