import type { HashValue } from '../manifest/mhl-reader.ts';
import type { RereadLog } from '../manifest/reread-log.ts';
import type { VerifyProgress } from '../work-shapes.ts';
import type { Expected } from './expected.ts';
import type { Findings, LostCopies } from './findings.ts';
import type { Journey } from './journey.ts';
import type { Meter } from './meter.ts';
import { Pace } from './pace.ts';
import type { FolderReader, FoundFile } from './ports.ts';
import { type Reread, reread } from './reread.ts';
import type { VerifyRun } from './run.ts';
import { signsOf } from './signs.ts';

export type Said = { readonly progress: VerifyProgress };

export interface RereadParts {
  readonly reader: FolderReader;
  readonly findings: Findings;
  readonly meter: Meter;
  readonly run: VerifyRun;
  /** Null for a folder that is no drive: nobody trusts its copies. */
  readonly lost: LostCopies | null;
  /** Null where nothing is remembered of an interrupted one. */
  readonly journey: Journey | null;
  /** For `--full`: what was read is written down afterwards. */
  readonly log?: RereadLog | null;
}

/** Re-reads files one behind the other and sorts them. `close` lets the last read end, and records what is unrecorded. */
export class Rereading {
  readonly #parts: RereadParts;
  readonly #left = new AbortController();
  readonly #pace: Pace;
  #reading: Promise<unknown> = Promise.resolve();
  #bytes: number;
  /** Of new files: the next part of this verification reads them again. */
  #newBytes = 0;

  /** `doneBytes`: by earlier parts of the same verification. */
  constructor(parts: RereadParts, doneBytes = 0) {
    this.#parts = parts;
    this.#bytes = doneBytes;
    const stop = AbortSignal.any([parts.run.stop, this.#left.signal]);
    this.#pace = new Pace({ ...parts.run, stop });
  }

  /** A copy that the catalogue knows otherwise than the manifest is altered too. */
  async *all(expected: AsyncIterable<Expected> | Iterable<Expected>): AsyncGenerator<Said> {
    const { meter } = this.#parts;
    for await (const file of expected) {
      this.#judge(file, yield* this.#read(file));
      meter.setBytes(this.#bytes);
      await this.#record();
      if (meter.isDue) yield this.#now();
    }
  }

  /** A file that nobody listed: it is read where it may be a missing one under another name. */
  async *identify({ path, sizeBytes }: FoundFile): AsyncGenerator<Said> {
    const { findings, log, meter } = this.#parts;
    const known = log?.resultOf(path) ?? null;
    for (const format of findings.renames.formatsFor(sizeBytes)) {
      const before =
        format === known?.hash?.format ? known.hash.value : format === 'xxh64' ? known?.xxh64 : null;
      if (before !== null && before !== undefined) {
        if (this.#isRenamed({ path, sizeBytes }, { format, value: before })) return;
        continue;
      }
      const result = yield* this.#read({
        path,
        sizeBytes,
        hash: null,
        generation: null,
        isNew: true,
        readAs: format,
      });
      this.#newBytes += result.sizeBytes;
      meter.setBytes(this.#bytes + this.#newBytes);
      if (meter.isDue) yield this.#now();
      if (result.value === null) continue;
      const { value, sizeBytes: readBytes } = result;
      if (this.#isRenamed({ path, sizeBytes: readBytes }, { format, value })) return;
    }
  }

  /** Also when nobody listens any more: what was found and how far it came is recorded. */
  async close(): Promise<void> {
    this.#left.abort();
    await this.#reading.catch(() => undefined);
    await this.#parts.lost?.flush();
    await this.#parts.journey?.record(this.#done);
  }

  /** By earlier parts too. */
  get doneBytes(): number {
    return this.#bytes;
  }

  get #done() {
    return { files: this.#parts.findings.files, bytes: this.#bytes };
  }

  #isRenamed(file: FoundFile, hash: HashValue): boolean {
    const { findings, log } = this.#parts;
    const from = findings.renames.take(file, hash);
    if (from !== null) log?.renamed(file.path, from);
    return from !== null;
  }

  async *#read(file: Expected): AsyncGenerator<Said, Reread> {
    const spent = this.#pace.spentBytes;
    const { reader, log } = this.#parts;
    const reading = reread(reader, file, this.#pace, log?.format);
    this.#reading = reading;
    yield* this.#watched(reading, spent);
    return reading;
  }

  #now(): Said {
    const { meter } = this.#parts;
    return { progress: meter.now(this.#pace.isHeldUp) };
  }

  #judge(file: Expected, { finding, value, also, sizeBytes: readBytes }: Reread): void {
    const { findings, meter, lost, journey, log } = this.#parts;
    const { path, sizeBytes, hash } = file;
    const copy = lost?.copyAt(path) ?? null;
    const isComparable = hash?.format === 'xxh64';
    const recorded = also === undefined || copy?.hash?.format !== log?.format ? undefined : copy?.hash?.value;
    const contradicted =
      isComparable &&
      copy !== null &&
      (copy.xxh64 !== value || (recorded !== undefined && recorded !== also));
    const verdict = finding === 'intact' && contradicted ? 'altered' : finding;
    if (journey?.knows(path) !== true) {
      if (verdict !== 'new') findings.files += 1;
      meter.addFile();
      this.#bytes += readBytes;
    }
    journey?.read(file);
    // What the journal has the seal finds there.
    const kept = also === undefined || (verdict === 'intact' && also === recorded) ? null : also;
    log?.add(path, verdict, verdict === 'new' || isComparable ? value : null, kept);
    if (verdict === 'intact' || verdict === 'new') return;
    findings[verdict].add(path);
    if (verdict === 'missing') findings.renames.missing(file);
    journey?.found(path, verdict);
    if (lost !== null && isComparable && sizeBytes !== null) {
      findings.wanted({ driveId: lost.driveId, path, sizeBytes, xxh64: hash.value });
    }
    if (copy !== null) lost?.add(path, verdict);
  }

  /** Marks are taken before the place behind them is recorded: what comes between is read again. */
  async #record(): Promise<void> {
    const { lost, journey } = this.#parts;
    const isDue = journey?.isDue === true;
    if (isDue || lost?.isDue === true) await lost?.flush();
    if (isDue) await journey?.record(this.#done);
  }

  /** A message now and then while one file is read. */
  async *#watched(reading: Promise<Reread>, spentBefore: number): AsyncGenerator<Said> {
    const { run, meter } = this.#parts;
    for await (const _ of signsOf(reading, run.clock)) {
      await this.#record();
      meter.setBytes(this.#bytes + this.#newBytes + this.#pace.spentBytes - spentBefore);
      yield this.#now();
    }
  }
}
