import type { Fact, FactOf, FactType, FileOnDrive } from '../../machines/facts.ts';
import type { CardId, DriveId, RelativePath } from '../../machines/ids.ts';
import type { Catalogue, Copy, SeenFile } from '../../services/ports.ts';

/** A journal in memory with the catalogue that follows from it; what is in it survives a "killed" backup. */
export class Journal {
  readonly facts: Fact[] = [];
  readonly #copies = new Map<DriveId, Map<string, Copy>>();
  readonly #seen = new Map<string, Omit<SeenFile, 'copy'> & { readonly to: RelativePath }>();

  readonly emit = async (fact: Fact): Promise<void> => {
    // As from a database: what is recorded is no object of the backup any more.
    const stored = JSON.parse(JSON.stringify(fact)) as Fact;
    this.facts.push(stored);
    this.#fold(stored);
  };

  of<Type extends FactType>(type: Type): readonly FactOf<Type>[] {
    return this.facts.filter((fact): fact is FactOf<Type> => fact.type === type);
  }

  last(): Fact {
    return this.facts.at(-1)!;
  }

  #on(driveId: DriveId): Map<string, Copy> {
    const copies = this.#copies.get(driveId) ?? new Map<string, Copy>();
    this.#copies.set(driveId, copies);
    return copies;
  }

  #fold(fact: Fact): void {
    if (fact.type === 'FilesSettled') {
      for (const file of fact.copied) this.#keep(fact, file, fact.backupId);
      for (const file of fact.duplicates) {
        this.#keep(fact, file, this.#on(fact.driveId).get(file.to)?.backupId ?? null);
      }
    }
    if (fact.type === 'CopiesLost') for (const { to } of fact.files) this.#on(fact.driveId).delete(to);
    if (fact.type === 'DriveContentLearned') {
      for (const { to, sizeBytes, xxh64 } of fact.files) {
        if (this.#on(fact.driveId).has(to)) continue;
        const claim = { toMtimeMs: null, state: 'claimed', verifiedFrom: null, backupId: null } as const;
        this.#on(fact.driveId).set(to, { driveId: fact.driveId, to, sizeBytes, xxh64, ...claim });
      }
    }
  }

  #keep(fact: FactOf<'FilesSettled'>, file: FileOnDrive, backupId: Copy['backupId']): void {
    const { driveId, verifiedFrom, cardId } = fact;
    const { to, sizeBytes, xxh64, toMtimeMs, path, mtimeMs, headXxh64 } = file;
    this.#on(driveId).set(to, {
      driveId,
      to,
      sizeBytes,
      xxh64,
      toMtimeMs,
      state: 'verified',
      verifiedFrom,
      backupId,
    });
    this.#seen.set(`${driveId}|${cardId}|${path}`, { cardId, path, sizeBytes, mtimeMs, headXxh64, to });
  }

  readonly catalogue: Catalogue = {
    hasSize: (driveId, sizeBytes) =>
      [...this.#on(driveId).values()].some((copy) => copy.sizeBytes === sizeBytes),
    findContent: (driveId, sizeBytes, xxh64) =>
      [...this.#on(driveId).values()].filter((copy) => copy.sizeBytes === sizeBytes && copy.xxh64 === xxh64),
    findEverywhere: () => [],
    findSeen: (driveId, cardId, path) => {
      const seen = this.#seen.get(`${driveId}|${cardId}|${path}`);
      const copy = seen === undefined ? undefined : this.#on(driveId).get(seen.to);
      if (seen === undefined || copy === undefined) return null;
      const { to: _, ...rest } = seen;
      return { ...rest, copy };
    },
    copyAt: (driveId, to) => this.#on(driveId).get(to) ?? null,
    copiesOf: (scope) => {
      if ('driveId' in scope) {
        return [...this.#on(scope.driveId).values()].sort((a, b) => (a.to < b.to ? -1 : 1));
      }
      return [...this.#copies.values()]
        .flatMap((copies) => [...copies.values()])
        .filter((copy) => copy.backupId === scope.backupId);
    },
    cardsBelow: (driveId, folder) => {
      const cards = new Set<CardId>();
      for (const [key, { to, cardId }] of this.#seen) {
        if (key.startsWith(`${driveId}|`) && to.startsWith(`${folder}/`)) cards.add(cardId);
      }
      return [...cards];
    },
  };
}
