import type { FailedFile, FileOnDrive } from '../../machines/media.ts';
import type { ScannedFile } from '../media-ports.ts';
import { keyOf } from './content.ts';
import type { ReadMember } from './duplicates.ts';
import type { PlannedFile } from './ports.ts';
import type { FileProblem } from './problems.ts';
import type { Trusted } from './trust.ts';
import type { Written } from './written.ts';

/** `copy-engine.md`: 256 to 512 small files share one syncfs and one commit to the journal. */
const MAX_FILES = 256;
/** Four batches are on their way: a power cut or a pulled card costs 256 MiB at most to copy again, beside a shot group. */
const MAX_BYTES = 64 * 1024 * 1024;

/** What became of a planned file, by its number in the plan. */
export interface Settled<Outcome> {
  readonly index: number;
  readonly outcome: Outcome;
}

/** What is ready to be flushed, verified, placed and recorded together. */
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

  fail(
    { index, ...file }: PlannedFile,
    { reason, message }: FileProblem,
    salvagedTo?: FailedFile['salvagedTo'],
  ): void {
    const outcome = { ...cardPath(file), reason, detail: message };
    this.failed.push({ index, outcome: salvagedTo === undefined ? outcome : { ...outcome, salvagedTo } });
  }

  /** Takes back what is not placed. Never throws. */
  async discard(): Promise<void> {
    for (const { incoming } of this.groups.flat()) await incoming.discard();
  }

  /** True when some file of it has this content. */
  holds(key: string): boolean {
    return this.#contents.has(key);
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
  const { sizeBytes, mtimeMs, xxh64, headXxh64, hash } = content;
  const where = { ...cardPath(file), sizeBytes, mtimeMs, xxh64, headXxh64, to, toMtimeMs };
  return hash === undefined ? where : { ...where, hash };
}

/** The path alone, with its raw bytes only where it has some. */
function cardPath({ path, pathBase64 }: Pick<ScannedFile, 'path' | 'pathBase64'>) {
  return pathBase64 === undefined ? { path } : { path, pathBase64 };
}
