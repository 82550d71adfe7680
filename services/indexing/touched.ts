import type { Fact } from '../../machines/facts.ts';
import type { DriveId, RelativePath } from '../../machines/ids.ts';

/**
 * Notices that somebody else told of a file of one drive, a backup or a verification, between its reading and its record:
 * theirs is the later word. Knows the files that wait, no more.
 */
export class Touched {
  readonly #driveId: DriveId;
  readonly #waiting = new Map<RelativePath, boolean>();
  #isGone = false;

  constructor(driveId: DriveId) {
    this.#driveId = driveId;
  }

  /** Each fact once it is durable. */
  follow(fact: Fact): void {
    if (!('driveId' in fact) || fact.driveId !== this.#driveId) return;
    // Nothing more is known of it: a copy on a drive that its owner forgot is none.
    if (fact.type === 'DriveForgotten' || fact.type === 'DriveDetached') this.#isGone = true;
    else if (fact.type === 'CopiesLost') this.#mark(fact.files);
    else if (fact.type === 'FilesSettled') this.#mark([...fact.copied, ...fact.duplicates]);
  }

  /** From now on, before its first byte is read. */
  watch(path: RelativePath): void {
    this.#waiting.set(path, false);
  }

  has(path: RelativePath): boolean {
    return this.#isGone || this.#waiting.get(path) === true;
  }

  forget(path: RelativePath): void {
    this.#waiting.delete(path);
  }

  #mark(files: readonly { readonly to: RelativePath }[]): void {
    for (const { to } of files) if (this.#waiting.has(to)) this.#waiting.set(to, true);
  }
}
