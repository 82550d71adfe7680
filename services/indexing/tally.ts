import type { RelativePath } from '../../machines/ids.ts';
import type { VerifiedFrom } from '../../machines/media.ts';
import type { ManifestProblem } from '../manifest/history.ts';
import { ManifestProblems } from '../verify/manifest-problems.ts';
import { PathList } from '../verify/tally.ts';
import type { IndexResult } from '../work-shapes.ts';

/** What is named in the result, each for its reason. */
export type Flaw = 'altered' | 'missing' | 'unreadable' | 'changed' | 'refused' | 'linked' | 'special';

/** Adds up what became of the files of a folder. */
export class IndexTally {
  readonly #lists: Readonly<Record<Flaw, PathList>> = {
    altered: new PathList(),
    missing: new PathList(),
    unreadable: new PathList(),
    changed: new PathList(),
    refused: new PathList(),
    linked: new PathList(),
    special: new PathList(),
  };
  readonly #manifests = new ManifestProblems();
  #indexed = 0;
  #known = 0;
  #unlisted = 0;
  #unread = 0;
  #unreadBytes = 0;
  #from: VerifiedFrom | null = null;

  /** It is a copy from now on. */
  indexed(from: VerifiedFrom): void {
    this.#indexed += 1;
    this.#unlisted += 1;
    if (this.#from !== 'cache') this.#from = from;
  }

  /** It was one before; `listed`: in a manifest, too. */
  known(listed: boolean): void {
    this.#known += 1;
    if (!listed) this.#unlisted += 1;
  }

  /** Copies that no manifest may list yet. */
  get unlisted(): number {
    return this.#unlisted;
  }

  /** It would be read. */
  unread(sizeBytes: number): void {
    this.#unread += 1;
    this.#unreadBytes += sizeBytes;
  }

  add(flaw: Flaw, path: RelativePath): void {
    this.#lists[flaw].add(path);
  }

  /** One that only no chain names is whole. */
  manifest(problem: ManifestProblem): void {
    if (problem.why !== 'unlisted') this.add(problem.why, problem.path);
    this.#manifests.add(problem);
  }

  result(
    where: Pick<IndexResult, 'drive' | 'folder'> & {
      readonly files: number;
      readonly manifests: readonly string[];
    },
  ): IndexResult {
    const lists = this.#lists;
    return {
      ...where,
      indexed: this.#indexed,
      known: this.#known,
      unread: this.#unread,
      unreadBytes: this.#unreadBytes,
      verifiedFrom: this.#from,
      altered: lists.altered.toJSON(),
      missing: lists.missing.toJSON(),
      unreadable: lists.unreadable.toJSON(),
      changed: lists.changed.toJSON(),
      refused: lists.refused.toJSON(),
      linked: lists.linked.toJSON(),
      special: lists.special.toJSON(),
      manifests: [...where.manifests],
      ...this.#manifests.result(),
    };
  }
}
