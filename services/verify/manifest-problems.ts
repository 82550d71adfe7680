import type { ManifestProblem } from '../manifest/history.ts';
import type { ManifestProblemShape } from '../work-shapes.ts';

/** Each is a line for a person; the lists of altered and missing ones name them all. */
const MAX_TOLD = 1000;

/** What a result tells of manifests that are not what they should be; those that only no chain names are whole. */
export class ManifestProblems {
  readonly #told: ManifestProblemShape[] = [];

  add({ path, why, detail, held }: ManifestProblem): void {
    if (why === 'unlisted' || this.#told.length >= MAX_TOLD) return;
    this.#told.push({ path, detail, held });
  }

  /** Empty where there is none. */
  result(): { manifestProblems?: ManifestProblemShape[] } {
    return this.#told.length === 0 ? {} : { manifestProblems: [...this.#told] };
  }
}
