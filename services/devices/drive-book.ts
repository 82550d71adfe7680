import type { Drive, Fact } from '../../machines/facts.ts';
import { type DriveId, driveId } from '../../machines/ids.ts';
import type { DriveIdentity } from './ports.ts';

/** Which drives this journal says were adopted: half of the proof, the other half is drive.json on the drive. */
export class DriveBook {
  readonly #adopted = new Map<DriveId, Drive>();
  readonly #forgotten = new Set<DriveId>();

  /** Folds `DriveAdopted` and `DriveForgotten`; every other fact is passed over. */
  static from(facts: Iterable<Fact>): DriveBook {
    const book = new DriveBook();
    for (const fact of facts) book.apply(fact);
    return book;
  }

  apply(fact: Fact): void {
    if (fact.type === 'DriveAdopted') {
      this.#adopted.set(fact.drive.id, fact.drive);
      this.#forgotten.delete(fact.drive.id);
    } else if (fact.type === 'DriveForgotten') {
      this.#adopted.delete(fact.driveId);
      this.#forgotten.add(fact.driveId);
    }
  }

  get(id: DriveId): Drive | null {
    return this.#adopted.get(id) ?? null;
  }

  /** As they were when they were adopted, in order of adoption. */
  drives(): readonly Drive[] {
    return [...this.#adopted.values()];
  }

  /** Its owner said no: the configuration does not adopt it again by itself. */
  isForgotten(id: DriveId): boolean {
    return this.#forgotten.has(id);
  }

  /** Contract section 4: a fact in this journal and drive.json, with the same id and UUID; `uuid` is that of the place. */
  isAdopted(identity: DriveIdentity | 'unreadable' | null, uuid: string | null): boolean {
    if (identity === null || identity === 'unreadable') return false;
    const fact = this.get(driveId(identity.id));
    return fact !== null && fact.uuid === identity.uuid && identity.uuid === uuid;
  }
}
