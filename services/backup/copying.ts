import type { FailedFile } from '../../machines/media.ts';
import { allOver } from './all-over.ts';
import { type Chunk, chunksOf } from './chunks.ts';
import type { Content } from './content.ts';
import { type Group, mayLieThere, type ReadFile } from './drive-context.ts';
import type { DriveCopy } from './drive-copy.ts';
import type { PlannedGroup } from './drive-plan.ts';
import { GroupWriting, NobodyWrites } from './group-writing.ts';
import type { Meter } from './meter.ts';
import type { GroupState, PlannedFile } from './ports.ts';
import { isFileProblem } from './problems.ts';
import { salvage } from './salvage.ts';
import { membersOf, type Share, type SmallFile, writeShares } from './share.ts';
import type { Source, Starts } from './source.ts';

export interface CopyingParts {
  readonly source: Source;
  readonly meter: Meter;
  /** In the order of the plan's lanes. */
  readonly drives: readonly DriveCopy[];
}

interface Wanted {
  readonly group: Group;
  readonly shares: readonly Share[];
}

/** A chunk that is being read. */
interface Taking {
  readonly chunk: Chunk;
  readonly wanted: readonly Wanted[];
  /** Of the files of all that is wanted, in their order; null where each is read alone. */
  readonly starts: Promise<Starts> | null;
}

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
    const chunks = chunksOf(groups);
    let taking: Taking | null = null;
    let next: Taking | null = null;
    try {
      for (taking = this.#begin(chunks.next()); taking !== null; taking = next) {
        // The card is read ahead by one chunk, so that it is not idle while this one is written.
        await taking.starts;
        for (const drive of this.#parts.drives) await drive.guard(() => drive.settleIfFull());
        next = this.#begin(chunks.next());
        await this.#take(taking);
        this.#parts.meter.passed(taking.chunk.bytes);
      }
    } finally {
      await letGo(taking);
      await letGo(next);
      chunks.return(undefined);
    }
  }

  /** Null when there is nothing more to do. Throws `Stopped`. */
  #begin({ value: chunk, done }: IteratorResult<Chunk, void>): Taking | null {
    const { source, drives } = this.#parts;
    if (done === true) return null;
    source.check();
    if (drives.every((drive) => drive.isOut)) return null;
    const wanted = chunk.groups
      .map(({ group, states }) => ({ group, shares: this.#sharesOf(group, states) }))
      .filter(({ shares }) => shares.length > 0);
    if (!chunk.small || wanted.length === 0) return { chunk, wanted, starts: null };
    const files = wanted.flatMap(({ group }) => group.members);
    const starts = source.starts(files, chunk.largestBytes);
    // Whoever waits for it gets the error; until then it is no unhandled one.
    starts.catch(() => undefined);
    return { chunk, wanted, starts };
  }

  async #take(taking: Taking): Promise<void> {
    const alone = taking.starts === null ? taking.wanted : await this.#takeTogether(taking, taking.starts);
    for (const { group, shares } of alone) await this.#takeAlone(group, shares);
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
  async #takeTogether({ wanted }: Taking, reading: Promise<Starts>): Promise<readonly Wanted[]> {
    const { source, meter, drives } = this.#parts;
    const starts = await reading;
    try {
      const read = new Map<PlannedFile, SmallFile>();
      for (const [at, file] of wanted.flatMap(({ group }) => group.members).entries()) {
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
    const writing = new GroupWriting(this.#parts.source, group);
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

/** Never throws. */
async function letGo(taking: Taking | null): Promise<void> {
  const starts = await taking?.starts?.catch(() => null);
  starts?.release();
}

function divide<T>(items: readonly T[], isFirst: (item: T) => boolean): [first: T[], second: T[]] {
  const first: T[] = [];
  const second: T[] = [];
  for (const item of items) (isFirst(item) ? first : second).push(item);
  return [first, second];
}
