import type { Fact, FactOf } from '../../machines/facts.ts';
import type { DriveId, RelativePath } from '../../machines/ids.ts';
import type { Catalogue, Copy, DriveStore } from '../ports.ts';
import type { VerifyResult } from '../shapes.ts';
import { PathList } from './tally.ts';

/** One journal commit each. */
const LOST_A_FACT = 256;

/** The journal: resolves when the fact is durable. */
export type Emit = (fact: Fact) => Promise<void>;

export interface DriveToVerify {
  readonly store: DriveStore;
  readonly catalogue: Pick<Catalogue, 'copyAt' | 'copiesOf'>;
  readonly emit: Emit;
}

/** What was found, over one or more media. */
export class Findings {
  readonly altered = new PathList();
  readonly missing = new PathList();
  readonly unlisted = new PathList();
  files = 0;

  result(): VerifyResult {
    return {
      // What is new was never promised.
      ok: this.altered.count === 0 && this.missing.count === 0,
      files: this.files,
      altered: this.altered.toJSON(),
      missing: this.missing.toJSON(),
      new: this.unlisted.toJSON(),
    };
  }
}

/** Takes the verified mark from copies, a fact for 256 of them. */
export class LostCopies {
  readonly #drive: DriveToVerify;
  readonly #driveId: DriveId;
  #files: FactOf<'CopiesLost'>['files'][number][] = [];

  constructor(drive: DriveToVerify) {
    this.#drive = drive;
    this.#driveId = drive.store.drive.id;
  }

  copyAt(path: RelativePath): Copy | null {
    return this.#drive.catalogue.copyAt(this.#driveId, path);
  }

  async add(to: RelativePath, why: 'altered' | 'missing'): Promise<void> {
    this.#files.push({ to, why });
    if (this.#files.length >= LOST_A_FACT) await this.flush();
  }

  async flush(): Promise<void> {
    const files = this.#files;
    this.#files = [];
    if (files.length > 0)
      await this.#drive.emit({ type: 'CopiesLost', backupId: null, driveId: this.#driveId, files });
  }
}
