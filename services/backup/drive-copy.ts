import type { FailedFile } from '../../machines/facts.ts';
import { isDriveError } from '../errors.ts';
import { Batch, onDrive } from './batch.ts';
import { findDuplicate, type Group, mayLieThere } from './drive-context.ts';
import { type GroupState, isTooLarge } from './drive-plan.ts';
import type { ReadMember } from './duplicates.ts';
import { knownContext, recordedFile } from './known.ts';
import type { Lane } from './lane.ts';
import type { PlannedFile } from './plan.ts';
import { FileProblem, isFileProblem } from './problems.ts';
import { settleBatch } from './settle.ts';
import type { Trusted } from './trust.ts';
import { type Written, write } from './written.ts';

interface PlannedGroup {
  readonly group: Group;
  readonly state: GroupState;
}

/** Copies the planned groups to one drive, in batches. */
export class DriveCopy {
  readonly #lane: Lane;
  #batch = new Batch();

  constructor(lane: Lane) {
    this.#lane = lane;
  }

  /**
   * `allRead` is called when every file is read and flushed, before the last batch is verified. Throws `DriveError`,
   * `Stopped` and what `emit` throws; what is settled by then stays recorded, nothing else is left on the drive.
   */
  async run(
    groups: Iterable<PlannedGroup>,
    unreadable: Iterable<{ readonly index: number; readonly outcome: FailedFile }>,
    allRead: () => Promise<void>,
  ): Promise<void> {
    try {
      for (const failure of unreadable) {
        this.#batch.failed.push(failure);
        await this.#settleIfFull();
      }
      for (const planned of groups) {
        this.#lane.source.check();
        await this.#take(planned).catch((error: unknown) => this.#keepWhatFits(error));
        await this.#settleIfFull();
      }
      await allRead();
      await this.#settle();
    } finally {
      await this.#batch.discard();
    }
  }

  async #settleIfFull(): Promise<void> {
    if (this.#batch.isFull) await this.#settle();
  }

  async #settle(): Promise<void> {
    const batch = this.#batch;
    // Never twice: after an error nobody knows which of its files have their names already.
    this.#batch = new Batch();
    try {
      await settleBatch(batch, this.#lane);
    } finally {
      await batch.discard();
    }
  }

  /** A full drive still has the whole batch in `incoming/`: all it takes is names. */
  async #keepWhatFits(error: unknown): Promise<never> {
    if (isDriveError(error) && error.reason === 'drive-full') await this.#settle();
    throw error;
  }

  async #take({ group, state }: PlannedGroup): Promise<void> {
    if (state === 'left-out') return this.#leaveOut(group);
    if (state === 'known' && this.#takeKnown(group)) return;
    let files = this.#withoutTooLarge(group);
    if (state !== 'new' && mayLieThere(files, this.#lane)) {
      const read = await this.#readAll(files);
      if (await this.#takeDuplicate(read)) return;
      files = read.map(({ file }) => file);
    }
    const written = await this.#writeAll(files);
    try {
      if (await this.#takeDuplicate(written)) await discardAll(written);
      else this.#batch.add(written);
    } catch (error) {
      await discardAll(written);
      throw error;
    }
  }

  #leaveOut(group: Group): void {
    for (const file of group.members) {
      this.#batch.fail(
        file,
        new FileProblem('drive-full', `${file.path}: left out, the drive has no room for it`),
      );
    }
  }

  /** As the plan found it a moment ago; false when the catalogue has lost it since. */
  #takeKnown(group: Group): boolean {
    const context = knownContext(group, this.#lane);
    const known = group.members.flatMap((file) => {
      const recorded = recordedFile(file, context);
      return recorded === null ? [] : [{ index: file.index, outcome: recorded.onDrive }];
    });
    if (known.length < group.members.length) return false;
    this.#batch.duplicates.push(...known);
    return true;
  }

  #withoutTooLarge(group: Group): readonly PlannedFile[] {
    const { store } = this.#lane;
    return group.members.filter((file) => {
      if (!isTooLarge(file, store)) return true;
      const detail = `${file.path}: ${file.sizeBytes} bytes, the file system of ${store.drive.label} takes ${store.rules.maxFileBytes}`;
      this.#batch.fail(file, new FileProblem('file-too-large', detail));
      return false;
    });
  }

  async #readAll(files: readonly PlannedFile[]): Promise<(ReadMember & { readonly file: PlannedFile })[]> {
    const { source } = this.#lane;
    return this.#each(files, async (file) => {
      const content = await source.attempt(() => source.read(file, async () => undefined));
      return { file, content };
    });
  }

  async #writeAll(files: readonly PlannedFile[]): Promise<Written[]> {
    const { store, source } = this.#lane;
    const done: Written[] = [];
    try {
      await this.#each(files, async (file) => done.push(await write(file, store, source)));
      return done;
    } catch (error) {
      await discardAll(done);
      throw error;
    }
  }

  /** A file that cannot be read fails alone: the rest of its group goes on. */
  async #each<T>(files: readonly PlannedFile[], action: (file: PlannedFile) => Promise<T>): Promise<T[]> {
    const results: T[] = [];
    for (const file of files) {
      try {
        results.push(await action(file));
      } catch (error) {
        if (!isFileProblem(error)) throw error;
        this.#batch.fail(file, error);
      }
    }
    return results;
  }

  async #takeDuplicate(members: readonly (ReadMember & { readonly file: PlannedFile })[]): Promise<boolean> {
    const [first, ...others] = members;
    if (first === undefined) return true;
    const largest = others.reduce((a, b) => (b.content.sizeBytes > a.content.sizeBytes ? b : a), first);
    // Its twin may wait in this very batch: it has to lie on the drive before anything can be held against it. Empty
    // files are told by their names, which `placeGroup` looks at.
    if (largest.content.sizeBytes > 0 && this.#batch.holds(largest.content)) await this.#settle();
    const trusted = await findDuplicate(members, this.#lane);
    if (trusted === null) return false;
    this.#batch.duplicates.push(...members.flatMap((member, at) => settled(member, trusted[at])));
    return true;
  }
}

const settled = (member: ReadMember & { readonly file: PlannedFile }, trusted: Trusted | undefined) =>
  trusted === undefined ? [] : [{ index: member.file.index, outcome: onDrive(member, trusted) }];

async function discardAll(written: readonly Written[]): Promise<void> {
  for (const { incoming } of written) await incoming.discard();
}
