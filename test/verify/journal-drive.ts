import type { Fact, FactOf, FactType } from '../../machines/facts.ts';
import { backupId } from '../../machines/ids.ts';
import { sealBackup } from '../../services/manifest/seal.ts';
import { VerificationBook } from '../../services/verify/book.ts';
import { AT_ONCE, type VerifyRun } from '../../services/verify/run.ts';
import { verifyDrive } from '../../services/verify/verify.ts';
import { copyOf, ListCatalogue, MemoryDrive } from '../manifest/memory-drive.ts';

/** A drive that is filled by one backup after the other, and a journal that is folded as the box does. */
export class JournalDrive {
  readonly drive: MemoryDrive;
  readonly catalogue = new ListCatalogue();
  readonly facts: Fact[] = [];
  book = new VerificationBook();
  /** Files in the order in which they were re-read. */
  reads: string[] = [];
  #backups = 0;

  constructor(drive = new MemoryDrive()) {
    this.drive = drive;
    this.drive.onRead = (path) => void this.reads.push(path);
  }

  /** Placed and recorded; not in a manifest before it is sealed. */
  place(...paths: readonly string[]): void {
    for (const path of paths) {
      this.drive.put(path, `content of ${path}`);
      this.catalogue.rows.push(copyOf(this.drive, path, { backupId: backupId(`b${this.#backups}`) }));
    }
  }

  async seal(): Promise<void> {
    const id = backupId(`b${this.#backups}`);
    this.#backups += 1;
    await sealBackup({
      store: this.drive,
      copies: () => this.catalogue.copiesOf({ backupId: id }),
      original: () => null,
      journalLines: [],
      head: { seq: 1, hash: '0'.repeat(64) },
      backupId: id,
      at: `2026-11-21T00:00:${String(this.#backups).padStart(2, '0')}Z`,
      hostname: 'tank',
      version: '0.1.0',
    });
    // The manifest that was written is read back once.
    this.reads = [];
  }

  async backup(...paths: readonly string[]): Promise<void> {
    this.place(...paths);
    await this.seal();
  }

  emit = async (fact: Fact): Promise<void> => {
    // As it comes out of the journal.
    const stored = JSON.parse(JSON.stringify(fact)) as Fact;
    this.facts.push(stored);
    this.book.apply({ fact: stored, at: '2026-11-21T10:00:00.000Z', seq: this.facts.length });
    if (stored.type !== 'CopiesLost') return;
    const lost = new Set(stored.files.map(({ to }) => to));
    this.catalogue.rows = this.catalogue.rows.filter((row) => !lost.has(row.to));
  };

  /** The power goes: what is not in the journal is forgotten. */
  restart(): void {
    this.book = new VerificationBook();
    this.facts.forEach((fact, at) => {
      this.book.apply({ fact, at: '2026-11-21T10:00:00.000Z', seq: at + 1 });
    });
    this.reads = [];
  }

  of<Type extends FactType>(type: Type): FactOf<Type>[] {
    return this.facts.filter((fact): fact is FactOf<Type> => fact.type === type);
  }

  /** Goes on where the last one was. */
  work(run: VerifyRun = AT_ONCE) {
    const { drive: store, catalogue, emit } = this;
    return verifyDrive({ store, catalogue, emit }, run, this.book.unfinished(store.drive.id));
  }
}
