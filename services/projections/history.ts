import { foldLedger, type Ledger, openLedger, totalsOf } from '../../machines/backup.ledger.ts';
import type { FactOf, FactRecord } from '../../machines/facts.ts';
import type { BackupId } from '../../machines/ids.ts';
import type { DriveResult } from '../../machines/media.ts';
import type { HistoryRow } from '../ports.ts';

/** A row with what is needed to go on folding it. */
export interface HistoryEntry {
  readonly row: HistoryRow;
  readonly ledger: Ledger;
}

/** Reads and writes of single entries: the fold needs nothing else of a store. */
export interface HistoryEntries {
  get(id: BackupId): HistoryEntry | null;
  put(entry: HistoryEntry): void;
  /** Backups without an end. */
  open(): readonly HistoryEntry[];
}

const MAX_NOTES = 20;

type Ending = FactOf<'BackupFinished'> | FactOf<'BackupFailed'> | FactOf<'BackupInterrupted'>;

/** Folds one record into the history: one row a backup. */
export function foldHistory(entries: HistoryEntries, { fact, at }: Pick<FactRecord, 'fact' | 'at'>): void {
  switch (fact.type) {
    case 'DaemonStarted':
      for (const entry of entries.open()) entries.put(cutOff(entry, at));
      return;
    case 'ClockSet':
      // Those that run began on this boot's wrong clock; else they could end before they began.
      for (const entry of entries.open()) entries.put(moved(entry, fact.offsetMs));
      return;
    case 'BackupPlanned':
      entries.put(begin(fact, at));
      return;
    case 'FilesSettled': {
      const entry = entries.get(fact.backupId);
      // The totals of an end are final: what was still under way then does not change them.
      if (entry !== null && entry.row.outcome === null) entries.put(settle(entry, fact));
      return;
    }
    case 'BackupFinished':
    case 'BackupFailed':
    case 'BackupInterrupted':
      entries.put(end(entries.get(fact.backupId), fact, at));
      return;
    default:
  }
}

function begin(fact: FactOf<'BackupPlanned'>, at: string): HistoryEntry {
  const drives = fact.drives.map((drive) => ({
    id: drive.driveId,
    outcome: null,
    reason: null,
    verifiedFrom: null,
    files: 0,
    bytes: 0,
  }));
  const ledger = openLedger(fact);
  const { backupId: id, label: card, cardId } = fact;
  const notes = added([], fact.notes);
  const open = { finishedAt: null, outcome: null, reason: null, secondReading: null, notes };
  return { ledger, row: { id, card, cardId, drives, startedAt: at, ...open, ...totalsOf(ledger) } };
}

function settle({ row, ledger }: HistoryEntry, fact: FactOf<'FilesSettled'>): HistoryEntry {
  const next = foldLedger(ledger, fact);
  const here = [...fact.copied, ...fact.duplicates];
  const settledBytes = here.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const drives = row.drives.map((drive) =>
    drive.id === fact.driveId
      ? {
          ...drive,
          verifiedFrom: here.length > 0 ? fact.verifiedFrom : drive.verifiedFrom,
          files: drive.files + here.length,
          bytes: drive.bytes + settledBytes,
        }
      : drive,
  );
  const notes = added(row.notes, fact.notes);
  const secondReading = weaker(row.secondReading, fact.secondReading ?? null);
  return { ledger: next, row: { ...row, drives, secondReading, notes, ...totalsOf(next) } };
}

/** One reading from the cache spoils the claim for the whole backup. */
const weaker = (a: HistoryRow['secondReading'], b: HistoryRow['secondReading']) =>
  a === 'cache' || b === 'cache' ? 'cache' : (a ?? b);

/** Each once, two drives say the same; more than these nobody reads. */
const added = (notes: readonly string[] = [], more: readonly string[] = []): readonly string[] =>
  [...new Set([...notes, ...more])].slice(0, MAX_NOTES);

const moved = ({ row, ledger }: HistoryEntry, offsetMs: number): HistoryEntry => ({
  ledger,
  row: { ...row, startedAt: new Date(Date.parse(row.startedAt) + offsetMs).toISOString() },
});

/** The power went, or the daemon was killed: counts are those of what was settled. */
function cutOff({ row, ledger }: HistoryEntry, at: string): HistoryEntry {
  const cut = { outcome: 'interrupted', reason: 'power-cut' } as const;
  const drives = row.drives.map((drive) => ({ ...drive, ...cut }));
  return { ledger, row: { ...row, drives, finishedAt: at, ...cut } };
}

/** A backup may end before it was planned: then its row begins here. */
function end(entry: HistoryEntry | null, fact: Ending, at: string): HistoryEntry {
  const { backupId: id, cardId, totals } = fact;
  const row = entry?.row ?? {
    id,
    card: nameOf(cardId),
    cardId,
    startedAt: at,
    secondReading: null,
    notes: [],
  };
  const drives = fact.drives.map(driveOf);
  // What the whole of it told goes before what single files did: those may be more than there is room for.
  const notes = added('notes' in fact ? fact.notes : [], row.notes);
  const ledger = entry?.ledger ?? { files: totals.files, bytes: totals.bytes, drives: [] };
  return { ledger, row: { ...row, drives, ...totals, notes, finishedAt: at, ...outcomeOf(fact) } };
}

/** Without a plan there is no label: of a folder's path the last part, else the id. */
const nameOf = (cardId: string) => cardId.slice(cardId.lastIndexOf('/') + 1);

/** Of a drive that holds no file nothing was read back, whatever its file system would allow. */
const driveOf = ({ driveId: id, outcome, reason, verifiedFrom, files, bytes }: DriveResult) => ({
  id,
  outcome,
  reason,
  verifiedFrom: files > 0 ? verifiedFrom : null,
  files,
  bytes,
});

function outcomeOf(fact: Ending): Pick<HistoryRow, 'outcome' | 'reason'> {
  if (fact.type === 'BackupFailed') return { outcome: 'failed', reason: fact.reason };
  if (fact.type === 'BackupInterrupted') return { outcome: 'interrupted', reason: fact.reason };
  return { outcome: 'done', reason: fact.trusted ? null : 'verified-from-cache' };
}
