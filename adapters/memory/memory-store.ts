import { isFileFact } from '../../machines/facts.ts';
import type { BackupId, CardId, DriveId, RelativePath } from '../../machines/ids.ts';
import { CHAIN_START, type ChainEnd } from '../../services/journal/chain.ts';
import { parseLine, sealAll } from '../../services/journal/record.ts';
import { cameraFile, minuteOf, shotName } from '../../services/library/camera-file.ts';
import type {
  Catalogue,
  Copy,
  CopyScope,
  EventLog,
  History,
  HistoryRow,
  ReadQuery,
  SeenFile,
  StampedFact,
  Store,
} from '../../services/ports.ts';
import { type CatalogueChange, catalogueChanges } from '../../services/projections/catalogue.ts';
import { foldHistory, type HistoryEntries, type HistoryEntry } from '../../services/projections/history.ts';
import { compareBytes as compare } from './compare.ts';
import { MemoryShelf } from './memory-shelf.ts';

/** The journal and its read models in memory, for tests and for demonstrations that leave nothing behind. */
export function memoryStore(): Store {
  const log = new MemoryLog();
  const catalogue = new MemoryCatalogue();
  const history = new MemoryHistory();
  const shelf = new MemoryShelf(() => catalogue.copies());
  log.projected = (records) => {
    for (const record of records) {
      for (const change of catalogueChanges(record)) {
        shelf.apply(change, record.seq);
        catalogue.apply(change, record.seq);
      }
      foldHistory(history, record);
    }
  };
  const rebuild = () => {
    catalogue.clear();
    history.clear();
    shelf.clear();
    log.projected(log.read());
  };
  return { log, catalogue, history, shelf, rebuild, tidy: () => false };
}

class MemoryLog implements EventLog {
  readonly #lines: string[] = [];
  #end: ChainEnd = CHAIN_START;
  projected: (records: Iterable<ReturnType<typeof parseLine>>) => void = () => undefined;

  async append(facts: readonly StampedFact[]) {
    const sealed = sealAll(facts, this.#end);
    for (const { line, record, hash } of sealed) {
      this.#lines.push(line);
      this.#end = { seq: record.seq, hash };
    }
    const records = sealed.map(({ record }) => record);
    this.projected(records);
    return records;
  }

  *read(query: ReadQuery = {}) {
    for (const { record } of this.#select(query)) yield record;
  }

  *lines(query: Omit<ReadQuery, 'skipFileFacts'> = {}) {
    for (const { line } of this.#select(query)) yield line;
  }

  *#select({ after = 0, limit = Number.POSITIVE_INFINITY, stream, skipFileFacts }: ReadQuery) {
    let left = limit;
    for (const [index, line] of this.#lines.slice(after).entries()) {
      if (left <= 0) return;
      const record = parseLine(line, after + index + 1);
      if (stream !== undefined && record.stream !== stream) continue;
      if (skipFileFacts === true && isFileFact(record.fact)) continue;
      left -= 1;
      yield { line, record };
    }
  }

  head() {
    return this.#end;
  }

  close() {
    return undefined;
  }
}

const byPath = (one: Copy, other: Copy) => compare(one.to, other.to) || compare(one.driveId, other.driveId);
/** No id or path holds a NUL. */
const keyOf = (...parts: readonly string[]) => parts.join('\0');
const verifiedFirst = (one: Copy, other: Copy) =>
  Number(other.state === 'verified') - Number(one.state === 'verified') || byPath(one, other);

class MemoryCatalogue implements Catalogue {
  readonly #copies = new Map<string, Copy>();
  /** Sequence number of the record that made each copy which no manifest lists yet. */
  readonly #unsealed = new Map<string, number>();
  #number = 0;
  readonly #generations = new Map<DriveId, ReadonlySet<RelativePath>>();
  readonly #seen = new Map<
    string,
    Omit<SeenFile, 'copy'> & { readonly key: string; readonly xxh64: string }
  >();

  /** Minutes in which each shot of a camera was written. */
  readonly #shots = new Map<string, Set<number>>();

  apply(change: CatalogueChange, seq: number): void {
    if (change.type === 'seal') {
      for (const [key, recorded] of this.#unsealed) {
        if (recorded <= change.seq && key.startsWith(keyOf(change.driveId, ''))) this.#unsealed.delete(key);
      }
      const earlier = change.extent === 'all' ? [] : (this.#generations.get(change.driveId) ?? []);
      this.#generations.set(change.driveId, new Set([...earlier, ...change.generations]));
      return;
    }
    if (change.type === 'count') {
      this.#number = Math.max(this.#number, change.number);
      return;
    }
    if (change.type === 'forget') {
      this.#generations.delete(change.driveId);
      for (const [key, copy] of this.#copies) {
        if (copy.driveId !== change.driveId) continue;
        this.#copies.delete(key);
        this.#unsealed.delete(key);
      }
      return;
    }
    if (change.type === 'fail' || change.type === 'event' || change.type === 'place') return;
    const { driveId, to } = 'copy' in change ? change.copy : change;
    const key = keyOf(driveId, to);
    const old = this.#copies.get(key);
    if (change.type === 'drop') {
      this.#copies.delete(key);
      this.#unsealed.delete(key);
    }
    if (change.type === 'see') {
      const { seen, xxh64 } = change;
      this.#seen.set(keyOf(driveId, seen.cardId, seen.path), { ...seen, xxh64, key });
      const shot = cameraFile(seen.path);
      if (shot !== null) {
        const name = shotName(shot.prefix, shot.number);
        this.#shots.set(name, (this.#shots.get(name) ?? new Set()).add(minuteOf(seen.mtimeMs)));
      }
    }
    if ('copy' in change && (change.type !== 'claim' || old?.state !== 'verified')) {
      const same = old?.sizeBytes === change.copy.sizeBytes && old.xxh64 === change.copy.xxh64;
      const waits = change.type === 'put' || (change.type === 'confirm' && !same && !change.isListedApart);
      if (waits) this.#unsealed.set(key, seq);
      const backupId = change.type === 'confirm' && old !== undefined ? old.backupId : change.copy.backupId;
      const hash = same && old.hash !== undefined ? { hash: old.hash } : {};
      this.#copies.set(key, { ...hash, ...change.copy, backupId });
    }
  }

  clear(): void {
    this.#copies.clear();
    this.#unsealed.clear();
    this.#generations.clear();
    this.#seen.clear();
    this.#shots.clear();
    this.#number = 0;
  }

  copies(): Iterable<Copy> {
    return this.#copies.values();
  }

  hasSize(driveId: DriveId, sizeBytes: number) {
    return [...this.#copies.values()].some(
      (copy) => copy.driveId === driveId && copy.sizeBytes === sizeBytes,
    );
  }

  findContent(driveId: DriveId, sizeBytes: number, xxh64: string) {
    return this.findEverywhere(sizeBytes, xxh64).filter((copy) => copy.driveId === driveId);
  }

  findEverywhere(sizeBytes: number, xxh64: string) {
    const found = [...this.#copies.values()].filter(
      (copy) => copy.sizeBytes === sizeBytes && copy.xxh64 === xxh64,
    );
    return found.sort(verifiedFirst);
  }

  findSeen(driveId: DriveId, cardId: CardId, path: RelativePath) {
    const found = this.#seen.get(keyOf(driveId, cardId, path));
    const copy = found === undefined ? null : this.#keptCopy(found);
    if (found === undefined || copy === null) return null;
    const { sizeBytes, mtimeMs, headXxh64 } = found;
    return { cardId, path, sizeBytes, mtimeMs, headXxh64, copy };
  }

  wasShotSeen(shot: string, fromMs: number, toMs: number) {
    const [from, to] = [minuteOf(fromMs), minuteOf(toMs)];
    return [...(this.#shots.get(shot) ?? [])].some((minute) => minute >= from && minute <= to);
  }

  copyAt(driveId: DriveId, to: RelativePath) {
    return this.#copies.get(keyOf(driveId, to)) ?? null;
  }

  *copiesOf(scope: CopyScope) {
    const isIn = (copy: Copy): boolean => {
      if ('backupId' in scope) return copy.backupId === scope.backupId;
      const isBelow = scope.below === undefined || copy.to.startsWith(`${scope.below}/`);
      return copy.driveId === scope.driveId && isBelow;
    };
    const found = [...this.#copies.values()].filter(isIn);
    yield* found.sort(byPath);
  }

  *unsealed(driveId: DriveId, upTo: number) {
    for (const copy of this.copiesOf({ driveId })) {
      const recorded = this.#unsealed.get(keyOf(driveId, copy.to));
      if (copy.state === 'verified' && recorded !== undefined && recorded <= upTo) yield copy;
    }
  }

  sealedGenerations(driveId: DriveId) {
    return this.#generations.get(driveId) ?? new Set<RelativePath>();
  }

  highestNumber() {
    return this.#number;
  }

  cardsBelow(driveId: DriveId, folder: RelativePath) {
    const cards = [...this.#seen.values()]
      .filter((seen) => seen.key.startsWith(keyOf(driveId, `${folder}/`)) && this.#keptCopy(seen) !== null)
      .map((seen) => seen.cardId);
    return [...new Set(cards)].sort(compare);
  }

  /** What was seen is found only where the copy still has that content, not where its name was given again. */
  #keptCopy(seen: { readonly key: string; readonly sizeBytes: number; readonly xxh64: string }): Copy | null {
    const copy = this.#copies.get(seen.key);
    return copy?.sizeBytes === seen.sizeBytes && copy.xxh64 === seen.xxh64 ? copy : null;
  }
}

class MemoryHistory implements History, HistoryEntries {
  readonly #entries = new Map<BackupId, HistoryEntry>();

  get(id: BackupId) {
    return this.#entries.get(id) ?? null;
  }

  put(entry: HistoryEntry) {
    this.#entries.set(entry.row.id, entry);
  }

  open() {
    return [...this.#entries.values()].filter((entry) => entry.row.outcome === null);
  }

  clear(): void {
    this.#entries.clear();
  }

  rows({ last, before }: Parameters<History['rows']>[0] = {}): readonly HistoryRow[] {
    const all = [...this.#entries.values()].map((entry) => entry.row);
    const end = all.findIndex(({ id }) => id === before);
    const rows = before === undefined ? all : all.slice(0, Math.max(0, end));
    return last === undefined ? rows : rows.slice(Math.max(0, rows.length - last));
  }

  find(id: BackupId) {
    return this.get(id)?.row ?? null;
  }
}
