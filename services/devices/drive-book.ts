import type { Fact } from '../../machines/facts.ts';
import { type DriveId, driveId } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import type { Look } from './ports.ts';

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

  hasVolume(uuid: string | null): boolean {
    return uuid !== null && this.drives().some((drive) => drive.kind === 'volume' && drive.uuid === uuid);
  }

  /** Its owner said no: the configuration does not adopt it again by itself. */
  isForgotten(id: DriveId): boolean {
    return this.#forgotten.has(id);
  }

  /**
   * The adopted drive that a volume must be, before anybody looked at what is on it: UUID and size are those of the
   * adoption. Null when there is none.
   */
  ownerOf({ uuid, sizeBytes }: Pick<Drive, 'uuid' | 'sizeBytes'>): Drive | null {
    const isIt = (drive: Drive) =>
      drive.kind === 'volume' && drive.uuid === uuid && drive.sizeBytes === sizeBytes;
    return uuid === null ? null : (this.drives().find(isIt) ?? null);
  }

  /**
   * The drive that this identity and the UUID of its place prove: a fact in this journal and drive.json, with the same
   * id and UUID (contract section 4). Null when one half is missing.
   */
  adoptedAs(identity: Look['identity'], uuid: string | null): Drive | null {
    if (identity === null || typeof identity === 'string') return null;
    const drive = this.get(driveId(identity.id));
    return drive !== null && drive.uuid === identity.uuid && identity.uuid === uuid ? drive : null;
  }

  isAdopted(identity: Look['identity'], uuid: string | null): boolean {
    return this.adoptedAs(identity, uuid) !== null;
  }
}
