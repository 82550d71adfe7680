import type { FailedFile } from '../../machines/facts.ts';
import { type DriveError, isDriveError } from '../errors.ts';
import { allOver } from './all-over.ts';
import { type Chunk, chunksOf } from './chunks.ts';
import { type Content, keyOf } from './content.ts';
import { type Group, mayLieThere } from './drive-context.ts';
import type { DriveCopy, ReadFile } from './drive-copy.ts';
import type { PlannedGroup } from './drive-plan.ts';
import { GroupWriting, NobodyWrites } from './group-writing.ts';
import type { Meter } from './meter.ts';
import type { GroupState, PlannedFile } from './ports.ts';
import { isFileProblem } from './problems.ts';
import { salvage } from './salvage.ts';
import type { Source } from './source.ts';

export interface CopyingParts {
  readonly source: Source;
  readonly meter: Meter;
  /** In the order of the plan's lanes. */
  readonly drives: readonly DriveCopy[];
}

/** What one group is to one drive. */
interface Share {
  readonly drive: DriveCopy;
  readonly state: GroupState;
  /** Members that the drive's file system can hold. */
  readonly files: readonly PlannedFile[];
}

type SmallFile = ReadFile & { readonly bytes: Uint8Array };

/** Reads the card once and feeds every drive. Throws `Stopped`, and what `emit` throws. */
export class Copying {
  readonly #parts: CopyingParts;

  constructor(parts: CopyingParts) {
    this.#parts = parts;
  }

  /** A file that could not even be listed. */
  async fail(failure: { readonly index: number; readonly outcome: FailedFile }): Promise<void> {
    for (const drive of this.#parts.drives) {
      await drive.guard(async () => {
        drive.failUnlisted(failure);
        await drive.settleIfFull();
      });
    }
  }

  /** Ends early when no drive is left. What is written by then is settled, or waits in the last batches. */
  async run(groups: Iterable<PlannedGroup>): Promise<void> {
    for (const chunk of chunksOf(groups)) {
      this.#parts.source.check();
      if (this.#parts.drives.every((drive) => drive.isOut)) return;
      await this.#take(chunk);
      this.#parts.meter.passed(chunk.bytes);
      for (const drive of this.#parts.drives) await drive.guard(() => drive.settleIfFull());
    }
  }

  async #take(chunk: Chunk): Promise<void> {
    const wanted = chunk.groups
      .map(({ group, states }) => ({ group, shares: this.#sharesOf(group, states) }))
      .filter(({ shares }) => shares.length > 0);
    if (!chunk.small) {
      for (const { group, shares } of wanted) await this.#takeAlone(group, shares);
      return;
    }
    for (const { group, shares } of await this.#takeTogether(wanted, chunk.largestBytes)) {
      await this.#takeAlone(group, shares);
    }
  }

  /** The drives for which the group has to be read; for the others it ends here. */
  #sharesOf(group: Group, states: readonly GroupState[]): readonly Share[] {
    return this.#parts.drives.flatMap((drive, at) => {
      const state = states[at] ?? 'none';
      if (drive.isOut || state === 'none') return [];
      if (state === 'left-out') drive.leaveOut(group);
      else if (state !== 'known' || !drive.takeKnown(group)) {
        const files = drive.withoutTooLarge(group);
        return files.length === 0 ? [] : [{ drive, state, files }];
      }
      return [];
    });
  }

  /** Small files, read in one call and written in one a drive. Returns the groups that have to be taken one by one. */
  async #takeTogether(
    wanted: readonly { readonly group: Group; readonly shares: readonly Share[] }[],
    largestBytes: number,
  ): Promise<readonly { readonly group: Group; readonly shares: readonly Share[] }[]> {
    if (wanted.length === 0) return [];
    const { source, meter, drives } = this.#parts;
    const files = wanted.flatMap(({ group }) => group.members);
    const starts = await source.starts(files, largestBytes);
    try {
      const read = new Map<PlannedFile, SmallFile>();
      for (const [at, file] of files.entries()) {
        const start = starts.files[at];
        if (start === undefined || isFileProblem(start) || !start.steady) continue;
        if (start.bytes.length !== start.sizeBytes) continue;
        meter.reading(start.bytes.length);
        const content = source.contentOf(file, start);
        if (await this.#isSame(file, content)) read.set(file, { file, content, bytes: start.bytes });
      }
      const [whole, odd] = divide(wanted, ({ group }) => group.members.every((file) => read.has(file)));
      const refused = new Set<Share>();
      await allOver(
        drives.map((drive) =>
          drive.guard(async () => {
            const shares = whole.flatMap((each) => each.shares.filter((share) => share.drive === drive));
            for (const share of await writeShares(drive, shares, read)) refused.add(share);
          }),
        ),
      );
      const again = whole
        .map(({ group, shares }) => ({ group, shares: shares.filter((share) => refused.has(share)) }))
        .filter(({ shares }) => shares.length > 0);
      return [...odd, ...again];
    } finally {
      starts.release();
    }
  }

  /** `source-twice`; a file that differs is read alone, which says what is wrong with it. */
  async #isSame(file: PlannedFile, content: Content): Promise<boolean> {
    try {
      await this.#parts.source.readAgain(file, content);
      return true;
    } catch (error) {
      if (isFileProblem(error)) return false;
      throw error;
    }
  }

  /** One group, file by file: large ones, and those with which something is odd. */
  async #takeAlone(group: Group, shares: readonly Share[]): Promise<void> {
    let left = shares;
    if (shares.every(({ state, drive, files }) => state !== 'new' && mayLieThere(files, drive.lane))) {
      // Hashing first costs a second reading if it is new after all, writing first costs the drive.
      const read = await this.#readAll(group, shares);
      left = await this.#withoutDuplicates(shares, read);
    }
    if (left.length > 0) await this.#copyAlone(group, left);
  }

  async #readAll(group: Group, shares: readonly Share[]): Promise<ReadonlyMap<PlannedFile, ReadFile>> {
    const { source } = this.#parts;
    const read = new Map<PlannedFile, ReadFile>();
    for (const file of group.members) {
      if (!shares.some(({ files }) => files.includes(file))) continue;
      try {
        const content = await source.attempt(() => source.read(file, async () => undefined));
        read.set(file, { file, content });
      } catch (error) {
        // It will fail again when it is copied, and be salvaged then.
        if (!isFileProblem(error)) throw error;
      }
    }
    return read;
  }

  async #withoutDuplicates(
    shares: readonly Share[],
    read: ReadonlyMap<PlannedFile, ReadFile>,
  ): Promise<readonly Share[]> {
    const left: Share[] = [];
    for (const share of shares) {
      const members = membersOf(share, read);
      await share.drive.guard(async () => {
        const isWhole = members.length === share.files.length;
        if (!isWhole || !(await share.drive.takeDuplicate(members))) left.push(share);
      });
    }
    return left;
  }

  async #copyAlone(group: Group, shares: readonly Share[]): Promise<void> {
    const writing = new GroupWriting(this.#parts.source);
    try {
      for (const file of group.members) {
        const takers = shares.filter(({ drive, files }) => !drive.isOut && files.includes(file));
        const drives = takers.map(({ drive }) => drive);
        if (drives.length > 0) await this.#copyFile(file, drives, writing);
      }
      await writing.hand();
    } finally {
      await writing.discard();
    }
  }

  async #copyFile(file: PlannedFile, drives: readonly DriveCopy[], writing: GroupWriting): Promise<void> {
    try {
      await writing.write(file, drives);
    } catch (error) {
      if (error instanceof NobodyWrites) return;
      if (!isFileProblem(error)) throw error;
      for (const drive of drives) {
        await drive.guard(async () => {
          const salvagedTo = await salvage(file, error, drive.lane);
          drive.fail(file, error, salvagedTo ?? undefined);
        });
      }
    }
  }
}

function membersOf<File extends ReadFile>(
  { files }: Share,
  read: ReadonlyMap<PlannedFile, File>,
): readonly File[] {
  return files.flatMap((file) => read.get(file) ?? []);
}

/**
 * What is not on the drive yet, in one call as far as possible. Returns what the drive did not take in one call: one by
 * one, it is told which file is at fault, and what still fits. Throws `DriveError`.
 */
async function writeShares(
  drive: DriveCopy,
  shares: readonly Share[],
  read: ReadonlyMap<PlannedFile, SmallFile>,
): Promise<readonly Share[]> {
  let pending: Share[] = [];
  let keys = new Set<string>();
  const refused: Share[] = [];
  const writePending = async (): Promise<void> => {
    const together = pending;
    pending = [];
    keys = new Set();
    if (together.length === 0) return;
    try {
      await drive.writeAll(together.map((share) => membersOf(share, read)));
    } catch (error) {
      if (!isDriveError(error) || !TAKES_LESS.has(error.reason)) throw error;
      refused.push(...together);
    }
  };
  for (const share of shares) {
    const members = membersOf(share, read);
    // A twin in this very chunk has to lie on the drive before anything can be held against it.
    if (members.some(({ content }) => content.sizeBytes > 0 && keys.has(keyOf(content))))
      await writePending();
    if (await drive.takeDuplicate(members)) continue;
    pending.push(share);
    for (const { content } of members) keys.add(keyOf(content));
  }
  await writePending();
  return refused;
}

/** It does not take all of it, but may take some. */
const TAKES_LESS: ReadonlySet<DriveError['reason']> = new Set(['drive-full', 'file-too-large']);

function divide<T>(items: readonly T[], isFirst: (item: T) => boolean): [first: T[], second: T[]] {
  const first: T[] = [];
  const second: T[] = [];
  for (const item of items) (isFirst(item) ? first : second).push(item);
  return [first, second];
}
