import type { Fact, FactOf } from '../../machines/facts.ts';
import type { DriveId, RelativePath } from '../../machines/ids.ts';
import type { DriveStore } from '../media-ports.ts';
import type { Catalogue, Clock, Copy } from '../ports.ts';
import type { VerifyResult } from '../work-shapes.ts';
import { ManifestProblems } from './manifest-problems.ts';
import type { OpenFolder } from './ports.ts';
import { Renames } from './renames.ts';
import { MAX_REPORTED, PathList } from './tally.ts';

/** One journal commit each: at once for the first, and then so many, or so often. */
const LOST_A_FACT = 256;
const LOST_EVERY_MS = 1000;

/** The journal: resolves when the fact is durable. */
export type Emit = (fact: Fact) => Promise<void>;

export type Verdict = 'altered' | 'missing';

export interface DriveToVerify {
  readonly store: DriveStore;
  readonly catalogue: Pick<Catalogue, 'copyAt' | 'copiesOf' | 'findContent'>;
  readonly emit: Emit;
  /** Reads what other tools listed without XXH64; where it is absent, nothing vouches for those files. */
  readonly openFolder?: OpenFolder | undefined;
  /** Of histories beside `Photos` and `Other`: of folders that were indexed, deepest first. Default: none. */
  readonly roots?: readonly RelativePath[];
}

/** What a file was recorded to hold, and where. */
interface Content {
  readonly driveId: DriveId;
  readonly path: RelativePath;
  readonly sizeBytes: number;
  readonly xxh64: string;
}

/** What was found, over one or more media. */
export class Findings {
  readonly altered = new PathList();
  readonly missing = new PathList();
  readonly unlisted = new PathList();
  readonly renames = new Renames();
  readonly manifests = new ManifestProblems();
  readonly #bad: Content[] = [];
  files = 0;

  /** The content that a bad file should have had: it may lie elsewhere. */
  wanted(content: Content): void {
    if (this.#bad.length < MAX_REPORTED) this.#bad.push(content);
  }

  /** With a catalogue it is looked up which of the bad files were copied again. */
  result(catalogue: Pick<Catalogue, 'findContent'> | null = null): VerifyResult {
    const superseded = catalogue === null ? [] : this.#superseded(catalogue);
    const renamed = [...this.renames.found];
    return {
      // What is new was never promised. What was renamed is missing where it was promised.
      ok: this.altered.count === 0 && this.missing.count === 0,
      files: this.files,
      altered: this.altered.toJSON(),
      missing: this.missing.toJSON(),
      new: this.unlisted.toJSON(),
      ...(renamed.length === 0 ? {} : { renamed }),
      ...(superseded.length === 0 ? {} : { superseded }),
      ...this.manifests.result(),
    };
  }

  #superseded(catalogue: Pick<Catalogue, 'findContent'>): NonNullable<VerifyResult['superseded']> {
    return this.#bad.flatMap(({ driveId, path, sizeBytes, xxh64 }) => {
      const copies = catalogue.findContent(driveId, sizeBytes, xxh64);
      const good = copies.find((copy) => copy.state === 'verified' && copy.to !== path);
      return good === undefined ? [] : [{ path, by: good.to }];
    });
  }
}

/** Takes the verified mark from copies, within a second: the light must not promise them any longer. */
export class LostCopies {
  readonly #drive: DriveToVerify;
  readonly driveId: DriveId;
  readonly #clock: Pick<Clock, 'monoMs'>;
  #files: FactOf<'CopiesLost'>['files'][number][] = [];
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(drive: DriveToVerify, clock: Pick<Clock, 'monoMs'>) {
    this.#drive = drive;
    this.driveId = drive.store.drive.id;
    this.#clock = clock;
  }

  copyAt(path: RelativePath): Copy | null {
    return this.#drive.catalogue.copyAt(this.driveId, path);
  }

  add(to: RelativePath, why: Verdict): void {
    this.#files.push({ to, why });
  }

  get isDue(): boolean {
    if (this.#files.length === 0) return false;
    return this.#files.length >= LOST_A_FACT || this.#clock.monoMs() - this.#toldMs >= LOST_EVERY_MS;
  }

  async flush(): Promise<void> {
    const files = this.#files;
    if (files.length === 0) return;
    this.#files = [];
    this.#toldMs = this.#clock.monoMs();
    await this.#drive.emit({ type: 'CopiesLost', backupId: null, driveId: this.driveId, files });
  }
}
