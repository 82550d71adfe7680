import type { FailedFile, FileOnDrive } from '../../machines/facts.ts';
import type { ScannedFile } from '../ports.ts';
import { type Content, keyOf } from './content.ts';
import type { ReadMember } from './duplicates.ts';
import type { PlannedFile } from './plan.ts';
import type { FileProblem } from './problems.ts';
import type { Trusted } from './trust.ts';
import type { Written } from './written.ts';

/** `architecture.md`: single commits to the journal cost 540 µs, 64 at once 10 µs each. */
const MAX_FILES = 64;
/** What a power cut or a pulled card costs at most to copy again, beside one shot group. */
const MAX_BYTES = 64 * 1024 * 1024;

/** What became of a planned file, by its number in the plan. */
export interface Settled<Outcome> {
  readonly index: number;
  readonly outcome: Outcome;
}

/** What is ready to be verified, placed and recorded together. */
export class Batch {
  /** Members that fail to verify are taken out of their group. */
  readonly groups: Written[][] = [];
  readonly duplicates: Settled<FileOnDrive>[] = [];
  readonly failed: Settled<FailedFile>[] = [];
  readonly #contents = new Set<string>();
  #files = 0;
  #bytes = 0;

  add(group: Written[]): void {
    this.groups.push(group);
    this.#files += group.length;
    for (const { content } of group) {
      this.#bytes += content.sizeBytes;
      this.#contents.add(keyOf(content));
    }
  }

  fail({ index, ...file }: PlannedFile, { reason, message }: FileProblem): void {
    this.failed.push({ index, outcome: { ...cardPath(file), reason, detail: message } });
  }

  /** Takes back what is not placed. Never throws. */
  async discard(): Promise<void> {
    for (const { incoming } of this.groups.flat()) await incoming.discard();
  }

  /** True when some file of it has this content. */
  holds(content: Content): boolean {
    return this.#contents.has(keyOf(content));
  }

  get isFull(): boolean {
    const files = this.#files + this.duplicates.length + this.failed.length;
    return files >= MAX_FILES || this.#bytes >= MAX_BYTES;
  }

  get isEmpty(): boolean {
    return this.groups.length + this.duplicates.length + this.failed.length === 0;
  }
}

export function onDrive({ file, content }: ReadMember, { to, toMtimeMs }: Trusted): FileOnDrive {
  const { sizeBytes, mtimeMs, xxh64, headXxh64 } = content;
  return { ...cardPath(file), sizeBytes, mtimeMs, xxh64, headXxh64, to, toMtimeMs };
}

/** The path alone, with its raw bytes only where it has some. */
function cardPath({ path, pathBase64 }: Pick<ScannedFile, 'path' | 'pathBase64'>) {
  return pathBase64 === undefined ? { path } : { path, pathBase64 };
}
