import { Buffer } from 'node:buffer';
import type { FactOf } from '../../machines/facts.ts';
import type { DriveId, RelativePath } from '../../machines/ids.ts';
import type { VerifiedUpTo } from '../../machines/media.ts';
import type { Clock } from '../ports.ts';
import type { OpenVerification } from './book.ts';
import type { Expected } from './expected.ts';
import type { Emit, Verdict } from './findings.ts';

/** A power cut loses so much work at most; a drive of 4 TB takes a day, which is 3,000 facts. */
const RECORD_EVERY_MS = 30_000;
/** Paths in one fact: a line of the journal is 4 MiB at most. */
const MAX_PATHS = 256;

/** Nothing vouches for it, so that there is nothing to read; or it comes behind the others, out of order. */
const hasNoPlace = ({ hash, isLast = false }: Expected): boolean => hash === null || isLast;

export interface JourneyParts {
  readonly driveId: DriveId;
  /** What is gone on with; null begins anew. */
  readonly from: OpenVerification | null;
  readonly clock: Pick<Clock, 'monoMs'>;
  readonly emit: Emit;
}

/**
 * The way through the files of a drive, and how far it was gone already. What earlier parts have read is passed over,
 * but for what they found altered or missing: that may have been mended. In doubt a file is read again, never left out.
 */
export class Journey {
  readonly #parts: JourneyParts;
  readonly #bad: ReadonlyMap<RelativePath, Verdict>;
  readonly #reread = new Set<RelativePath>();
  #reached: VerifiedUpTo | null;
  /** The place that was reached was met: what follows in its manifest is unread. */
  #met = false;
  #at: Expected['generation'] | undefined;
  #generations: RelativePath[] = [];
  #found: Record<Verdict, RelativePath[]> = { altered: [], missing: [] };
  #recordedMs: number;
  #isNew = false;

  constructor(parts: JourneyParts) {
    this.#parts = parts;
    this.#bad = parts.from?.bad ?? new Map();
    this.#reached = parts.from?.reached ?? null;
    this.#recordedMs = parts.clock.monoMs();
  }

  async begin(): Promise<void> {
    const { driveId, from, emit } = this.#parts;
    if (from === null) await emit({ type: 'VerificationStarted', driveId });
  }

  /** True for a file that an earlier part counted already. */
  knows(path: RelativePath): boolean {
    return this.#bad.has(path);
  }

  /** What is still to be read of the files of one list, in their order. */
  async *unread(files: AsyncIterable<Expected> | Iterable<Expected>): AsyncGenerator<Expected> {
    let held: Expected[] = [];
    for await (const file of files) {
      if (hasNoPlace(file)) {
        yield file;
        continue;
      }
      if (file.generation?.path !== this.#at?.path) {
        // The place was not met, for a newer manifest has taken its file: all of this one is read again.
        yield* held.splice(0);
        this.#leave();
      }
      this.#at = file.generation;
      if (this.#mayHoldThePlace(file)) {
        held.push(file);
        if (file.path !== this.#parts.from?.reached.path) continue;
        this.#met = true;
        yield* held.filter(({ path }) => this.#bad.has(path));
        held = [];
      } else if (this.#bad.has(file.path) || !this.#wasRead(file)) yield file;
    }
    yield* held;
  }

  /** A file of `unread` was read. */
  read(file: Expected): void {
    const { path, generation } = file;
    this.#reread.add(path);
    if (hasNoPlace(file) || this.#bad.has(path)) return;
    this.#reached = { generation: generation?.path ?? null, path };
    this.#isNew = true;
  }

  found(path: RelativePath, verdict: Verdict): void {
    this.#found[verdict].push(path);
    this.#isNew = true;
  }

  /** What earlier parts found and nothing lists any more: its copy lost its mark, and only the journal knew it. */
  *lostBefore(): Generator<readonly [RelativePath, Verdict]> {
    for (const [path, verdict] of this.#bad) if (!this.#reread.has(path)) yield [path, verdict];
  }

  get isDue(): boolean {
    const paths = this.#generations.length + this.#found.altered.length + this.#found.missing.length;
    return paths >= MAX_PATHS || this.#parts.clock.monoMs() - this.#recordedMs >= RECORD_EVERY_MS;
  }

  /** Nothing is recorded when nothing is new. */
  async record(done: Pick<FactOf<'VerificationProgressed'>, 'files' | 'bytes'>): Promise<void> {
    const reached = this.#reached;
    if (reached === null || !this.#isNew) return;
    const { driveId, emit, clock } = this.#parts;
    const [generations, found] = [this.#generations, this.#found];
    this.#generations = [];
    this.#found = { altered: [], missing: [] };
    this.#isNew = false;
    this.#recordedMs = clock.monoMs();
    await emit({ type: 'VerificationProgressed', driveId, ...done, reached, generations, ...found });
  }

  async finish(result: Pick<FactOf<'VerificationFinished'>, 'files' | 'altered' | 'missing'>): Promise<void> {
    this.#isNew = false;
    const { driveId, emit } = this.#parts;
    await emit({ type: 'VerificationFinished', driveId, ...result });
  }

  /** Of a manifest that no chain names, nobody can say that it still lists the same files. */
  #leave(): void {
    if (this.#at === undefined || this.#at === null || this.#at.c4 === null) return;
    this.#generations.push(this.#at.path);
    this.#isNew = true;
  }

  #mayHoldThePlace({ generation }: Expected): boolean {
    const { from } = this.#parts;
    if (from === null || this.#met || generation === null || generation.c4 === null) return false;
    return generation.path === from.reached.generation && !from.generations.has(generation.path);
  }

  #wasRead({ generation, path }: Expected): boolean {
    const { from } = this.#parts;
    if (from === null) return false;
    if (generation !== null) return generation.c4 !== null && from.generations.has(generation.path);
    // Copies of the catalogue come in byte order.
    const { reached } = from;
    return reached.generation === null && Buffer.compare(Buffer.from(path), Buffer.from(reached.path)) <= 0;
  }
}
