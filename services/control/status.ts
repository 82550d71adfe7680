import type { ApplianceContext } from '../../machines/appliance.context.ts';
import { contextOf, type DecisionState, phaseOf } from '../../machines/decide.ts';
import type { FactRecord } from '../../machines/facts.ts';
import type { BackupId, DriveId } from '../../machines/ids.ts';
import { ADVICE, CODE_OF_REASON } from '../../machines/reasons.ts';
import type { History, HistoryRow } from '../ports.ts';
import type { StatusView } from '../projections/status.ts';
import { lightLine } from '../projections/timeline.ts';
import type { BackupStatus, CardStatus, DriveStatus, HistoryLine, Problem, Status } from '../shapes.ts';
import type { Backups } from './backups.ts';
import type { ShownDrive } from './devices.ts';
import { healthProblems } from './health-problems.ts';

/** Earlier backups shown by `status` (`contract.md` section 2). */
const LAST_BACKUPS = 10;

/** Of any drive that was ever adopted, attached or not; the id of one that is not known. */
export type LabelOf = (id: DriveId) => string;

/** By the path of a drive, as far as its file system answered. */
type FreeBytes = ReadonlyMap<string, number | null>;

export interface StatusDeps {
  readonly history: History;
  readonly backups: Backups;
  /** Adopted or not. */
  readonly drives: readonly ShownDrive[];
  readonly labelOf: LabelOf;
  readonly freeBytes: FreeBytes;
  readonly health: () => Status['health'];
  readonly verifications: () => Status['verifications'];
  /** Null while nothing listens on the network. */
  readonly address: () => Status['address'];
  /** What a person has to mend at the inboxes of attached drives. */
  readonly inboxProblems: () => readonly Problem[];
}

type Records = Pick<StatusDeps, 'history' | 'labelOf'>;

/** Everything that a person or a script may want to know now: all of one moment, for it says whether cards may be erased. */
export function statusOf(
  state: DecisionState,
  moment: Pick<FactRecord, 'seq' | 'at' | 'monoMs'>,
  view: StatusView,
  deps: StatusDeps,
): Status {
  const { signal, code, leds, state: name } = lightLine(moment, state);
  const context = contextOf(state);
  const drives = deps.drives.map((drive) => driveStatus(drive, deps.freeBytes));
  return {
    state: name,
    signal,
    code,
    leds,
    drives,
    cards: context.cards.map(cardStatus),
    backups: [...activeBackups(state, deps), ...endedBackups(context, deps)],
    verifications: deps.verifications(),
    problems: [
      ...problemsOf(context),
      ...lowSpaceProblems(view, deps),
      ...healthProblems(context, view),
      ...noteProblems(context, deps),
      ...deps.inboxProblems(),
    ],
    health: deps.health(),
    address: deps.address(),
    ending: context.ending ? context.power : null,
  };
}

/** Asks all of them at once. */
export async function freeBytesOn(
  drives: readonly ShownDrive[],
  ask: (path: string) => Promise<number | null>,
): Promise<FreeBytes> {
  return new Map(await Promise.all(drives.map(async ({ path }) => [path, await ask(path)] as const)));
}

export function driveStatus(drive: ShownDrive, freeBytes: FreeBytes): DriveStatus {
  const { id, label, uuid, adopted, path, sizeBytes, identityTrouble } = drive;
  const trouble = identityTrouble === undefined ? {} : { trouble: TROUBLE[identityTrouble](path) };
  const free = freeBytes.get(path) ?? null;
  return { id, label, uuid, adopted, mounted: true, path, sizeBytes, freeBytes: free, ...trouble };
}

const TROUBLE = {
  damaged: (path) =>
    `${path}/.imagetank/drive.json is damaged, or of a newer imagetank: nothing is written there; its photos are untouched; update imagetank, and if that does not help move that file aside and adopt it again`,
  unreadable: (path) =>
    `${path}/.imagetank/drive.json cannot be read: nothing is written there; check its cable, or move that file aside and adopt it again`,
} as const satisfies Record<NonNullable<ShownDrive['identityTrouble']>, (path: string) => string>;

const cardStatus = ({ card, standing, insertion }: ApplianceContext['cards'][number]): CardStatus => ({
  id: card.id,
  label: card.label,
  uuid: card.uuid,
  path: card.path,
  readOnly: card.readOnly,
  backedUp: standing === 'protected',
  insertion,
});

function problemsOf(context: ApplianceContext): readonly Problem[] {
  const latched = context.errors.map(({ reason, subject, detail, since }) => ({
    code: reason,
    blinks: CODE_OF_REASON[reason],
    message: `${subject}: ${detail === '' ? '' : `${detail}. `}${ADVICE[reason]}`,
    since,
  }));
  const writable = context.cards.filter(({ card }) => card.kind === 'volume' && !card.readOnly);
  const mountedWritable = writable.map(({ card, since }) => ({
    code: 'card-writable',
    blinks: 0,
    message: `${card.label}: mounted writable by another program; imagetank only reads it.`,
    since,
  }));
  return [...latched, ...mountedWritable];
}

/** What the last backup of an attached card has to say, for as long as it is attached. */
function noteProblems({ cards }: ApplianceContext, { history, labelOf }: Records): readonly Problem[] {
  const rows = history.rows({ last: LAST_BACKUPS });
  return cards.flatMap(({ card }) => {
    const last = rows.findLast(({ cardId }) => cardId === card.id);
    // `copies` was reached without it: no error, but its owner thinks that it has everything.
    const without = (last?.outcome === 'done' ? last.drives : [])
      .filter(({ outcome }) => outcome === 'failed')
      .map(({ id, reason }) => `drive ${labelOf(id)} does not have all of it (${reason ?? 'failed'})`);
    return [...without, ...(last?.notes ?? [])].map((note) => {
      const since = last?.startedAt ?? '';
      // Some begin with it, because they stand in the history as well.
      const message = note.startsWith(`${card.label}: `) ? note : `${card.label}: ${note}`;
      return { code: 'note', blinks: 0, message, since };
    });
  });
}

function lowSpaceProblems(view: StatusView, { labelOf }: Records): readonly Problem[] {
  return view.lowSpace.map(({ driveId, since }) => ({
    code: 'low-space',
    blinks: 0,
    message: `${labelOf(driveId)}: little space left, have another drive ready.`,
    since,
  }));
}

/** Running and queued ones, as far as they are now. */
export function activeBackups(
  state: DecisionState,
  { history, backups, labelOf }: Pick<StatusDeps, 'history' | 'backups' | 'labelOf'>,
): readonly BackupStatus[] {
  const { running, queue, cards } = contextOf(state);
  const active = running.map((backup) => {
    const row = history.find(backup.backupId);
    const live = backups.progress(backup.backupId);
    const phase = phaseOf(state, backup.backupId) ?? 'planned';
    const bytesDone = live?.bytesDone ?? 0;
    const bytesTotal = live?.bytesTotal || (row?.bytes ?? 0);
    const rate = live?.rateBytesPerSecond ?? null;
    return {
      id: backup.backupId,
      card: backup.card.label,
      drives: backup.driveIds.map((id) => ({
        ...driveShare(row, id, isLost(id, live) ? 'failed' : phase),
        label: labelOf(id),
      })),
      phase,
      filesDone: live?.filesDone ?? 0,
      filesTotal: live?.filesTotal || (row?.files ?? 0),
      bytesDone,
      bytesTotal,
      rateBytesPerSecond: rate,
      secondsLeft: secondsLeft({
        rate,
        bytesDone,
        bytesTotal,
        files: live?.filesDone ?? 0,
        of: live?.filesTotal ?? 0,
      }),
      startedAt: backup.since,
      finishedAt: null,
      outcome: null,
      secondReading: row?.secondReading ?? null,
    } satisfies BackupStatus;
  });
  const waiting = queue.map((entry) => ({
    ...NOTHING_DONE,
    id: entry.backupId,
    card: cards.find(({ card }) => card.id === entry.cardId)?.card.label ?? entry.cardId,
    startedAt: entry.at,
  }));
  return [...active, ...waiting];
}

/** As it is shown among all: running, queued or ended. Null for one that is not known. */
export function oneBackup(
  state: DecisionState,
  id: BackupId,
  deps: Pick<StatusDeps, 'history' | 'backups' | 'labelOf'>,
): BackupStatus | null {
  const active = activeBackups(state, deps).find((backup) => backup.id === id);
  if (active !== undefined) return active;
  const row = deps.history.find(id);
  return row === null ? null : endedBackup(row, deps.labelOf);
}

const NOTHING_DONE: Omit<BackupStatus, 'id' | 'card' | 'startedAt'> = {
  drives: [],
  phase: 'planned',
  filesDone: 0,
  filesTotal: 0,
  bytesDone: 0,
  bytesTotal: 0,
  rateBytesPerSecond: null,
  secondsLeft: null,
  finishedAt: null,
  outcome: null,
  secondReading: null,
};

interface Pace {
  readonly rate: number | null;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly files: number;
  readonly of: number;
}

/** By bytes and by files, half each: of many small files the bytes alone say little. */
function secondsLeft({ rate, bytesDone, bytesTotal, files, of }: Pace): number | null {
  if (rate === null || rate === 0 || bytesTotal === 0) return null;
  const share = Math.min(1, bytesDone / bytesTotal);
  const done = of === 0 ? share : (share + Math.min(1, files / of)) / 2;
  const elapsed = bytesDone / rate;
  return done === 0 ? null : (elapsed * (1 - done)) / done;
}

/** The backup goes on without this drive. */
const isLost = (id: string, live: ReturnType<Backups['progress']>): boolean =>
  live !== null && live.drives.length > 0 && live.drives.every((drive) => drive.id !== id);

function driveShare(
  row: HistoryRow | null,
  id: string,
  phase: BackupStatus['phase'],
): Omit<BackupStatus['drives'][number], 'label'> {
  const drive = row?.drives.find((entry) => entry.id === id);
  return {
    id,
    phase,
    outcome: drive?.outcome ?? null,
    reason: drive?.reason ?? null,
    files: drive?.files ?? 0,
    bytes: drive?.bytes ?? 0,
    verifiedFrom: drive?.verifiedFrom ?? null,
  };
}

function endedBackups(context: ApplianceContext, { history, labelOf }: Records): readonly BackupStatus[] {
  const active = new Set(context.running.map((backup) => backup.backupId));
  const rows = history.rows({ last: LAST_BACKUPS + active.size });
  return rows
    .filter((row) => !active.has(row.id))
    .slice(-LAST_BACKUPS)
    .map((row) => endedBackup(row, labelOf));
}

function endedBackup(row: HistoryRow, labelOf: LabelOf): BackupStatus {
  const phase = row.outcome ?? 'interrupted';
  return {
    id: row.id,
    card: row.card,
    drives: row.drives.map(({ id, outcome }) => ({
      ...driveShare(row, id, outcome ?? phase),
      label: labelOf(id),
    })),
    phase,
    filesDone: row.copied + row.duplicates + row.failed,
    filesTotal: row.files,
    bytesDone: row.outcome === 'done' ? row.bytes : Math.max(0, ...row.drives.map(({ bytes }) => bytes)),
    bytesTotal: row.bytes,
    rateBytesPerSecond: null,
    secondsLeft: null,
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
    outcome: row.outcome,
    secondReading: row.secondReading,
  };
}

export function historyLine(
  { cardId: _, drives, notes, ...line }: HistoryRow,
  labelOf: LabelOf,
): HistoryLine {
  const named = drives.map((drive) => ({ ...drive, label: labelOf(drive.id) }));
  return { ...line, drives: named, notes: [...notes] };
}
