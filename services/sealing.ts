import type { Fact, FactOf } from '../machines/facts.ts';
import type { BackupId, DriveId, RelativePath } from '../machines/ids.ts';
import type { FileOnDrive, ManifestHash } from '../machines/media.ts';
import { fileName, splitName } from './library/names.ts';
import { type FullSeal, sealReread } from './manifest/full-generation.ts';
import { isBelowRoots } from './manifest/names.ts';
import { oneAtATime } from './manifest/one-at-a-time.ts';
import type { RereadLog } from './manifest/reread-log.ts';
import { sealBackup, sealFolder } from './manifest/seal.ts';
import type { CardPath, DriveStore } from './media-ports.ts';
import type { Catalogue, Clock, EventLog, History } from './ports.ts';

type Settled = Pick<FactOf<'DriveSealed'>, 'generations' | 'extent'>;

export interface SealingParts {
  readonly log: EventLog;
  readonly catalogue: Catalogue;
  readonly history: History;
  readonly clock: Clock;
  readonly hostname: string;
  readonly version: string;
  /** Resolves when the fact is durable in the journal and in the catalogue. */
  readonly emit: (fact: Fact) => Promise<void>;
}

/** Backups whose card names are remembered while a drive is sealed: an interrupted one and the present one, as a rule. */
const MAX_REMEMBERED = 16;

/** A verification of all of a drive that came to its end. */
export interface WholeReread {
  readonly log: RereadLog;
  /** The journal's last record when it began: what was recorded by then was read, or is missing. */
  readonly seq: number;
  readonly stop: AbortSignal;
}

/** Writes the manifests of drives. Work on one drive waits for what came before, on others it goes on beside it. */
export interface Sealing {
  /** What is verified on this drive and in no manifest yet: at the end of a backup. Throws `DriveError`. */
  readonly seal: (store: DriveStore, backupId: BackupId) => Promise<void>;
  /**
   * What a verification of the whole drive read, with directory hashes: `verify --full`. Throws `DriveError`, and the
   * reason of `stop`.
   */
  readonly sealReread: (store: DriveStore, reread: WholeReread) => Promise<FullSeal>;
  /** What was indexed below one folder of the drive and is not in its manifest yet: `library index`. Throws `DriveError`. */
  readonly sealFolder: (store: DriveStore, root: RelativePath) => Promise<readonly RelativePath[]>;
}

/** Seals drives with what this journal knows, and lets it know what was sealed. */
export function sealing(parts: SealingParts): Sealing {
  const oneADrive = oneAtATime<DriveId>();
  return {
    seal: (store, backupId) => oneADrive(store.drive.id, () => seal(parts, store, backupId)),
    sealReread: (store, reread) => oneADrive(store.drive.id, () => full(parts, store, reread)),
    sealFolder: (store, root) => oneADrive(store.drive.id, () => folder(parts, store, root)),
  };
}

async function seal(parts: SealingParts, store: DriveStore, backupId: BackupId): Promise<void> {
  const { log, catalogue, clock, hostname, version } = parts;
  const { id: driveId } = store.drive;
  // A second card goes on recording copies meanwhile: those are for its own seal.
  const head = log.head();
  const { settled, files } = await sealBackup({
    store,
    copies: () => catalogue.copiesOf({ driveId }),
    memory: {
      generations: new Set([...catalogue.sealedGenerations(driveId)].filter(isBelowRoots)),
      unsealed: () => catalogue.unsealed(driveId, head.seq),
    },
    original: originals(parts, driveId),
    isReadTwice: twiceRead(parts.history),
    journalLines: log.lines({ stream: `backup/${backupId}` }),
    head,
    backupId,
    at: clock.stamp().at,
    hostname,
    version,
  });
  if (files === 0 && settled.generations.length === 0 && settled.extent === 'added') return;
  await parts.emit({
    type: 'DriveSealed',
    ...{ backupId, driveId, seq: head.seq },
    ...withOthers(settled, parts, driveId),
  });
}

async function full(
  parts: SealingParts,
  store: DriveStore,
  { log, seq, stop }: WholeReread,
): Promise<FullSeal> {
  const { catalogue, clock, hostname, version } = parts;
  const hashOf = (path: RelativePath, xxh64: string): ManifestHash | null => {
    const copy = catalogue.copyAt(store.drive.id, path);
    return copy?.xxh64 === xxh64 ? (copy.hash ?? null) : null;
  };
  const sealed = await sealReread({ store, log, hashOf, stop, at: clock.stamp().at, hostname, version });
  const { id: driveId } = store.drive;
  const settled = withOthers(sealed.settled, parts, driveId);
  await parts.emit({ type: 'DriveSealed', backupId: null, driveId, seq, ...settled });
  return sealed;
}

/** Where it is all, what was indexed elsewhere on the drive is still listed in the histories there. */
function withOthers(settled: Settled, { catalogue }: SealingParts, driveId: DriveId): Settled {
  if (settled.extent === 'added') return settled;
  const others = [...catalogue.sealedGenerations(driveId)].filter((path) => !isBelowRoots(path));
  return { ...settled, generations: [...settled.generations, ...others] };
}

/** `verify` reads the histories that are told of here, and goes on asking for what they list. */
async function folder(
  parts: SealingParts,
  store: DriveStore,
  root: RelativePath,
): Promise<readonly RelativePath[]> {
  const { catalogue, clock, hostname, version } = parts;
  const { id: driveId } = store.drive;
  const copies = () => catalogue.copiesOf({ driveId, below: root });
  const sealed = await sealFolder({ store, root, copies, at: clock.stamp().at, hostname, version });
  const known = catalogue.sealedGenerations(driveId);
  const generations = sealed.settled.filter((path) => !known.has(path) && !isBelowRoots(path));
  if (generations.length > 0) {
    // Nothing that waits for a backup's seal is listed by this one.
    await parts.emit({ type: 'DriveSealed', backupId: null, driveId, seq: 0, generations, extent: 'added' });
  }
  return sealed.written;
}

/** The card's own name where the drive's had to differ, read from the facts of the backup that made the copy. */
function originals(
  { log, catalogue }: SealingParts,
  driveId: DriveId,
): (to: RelativePath) => CardPath | null {
  const names = new Map<BackupId, ReadonlyMap<RelativePath, CardPath>>();
  return (to) => {
    const backupId = catalogue.copyAt(driveId, to)?.backupId ?? null;
    if (backupId === null) return null;
    if (!names.has(backupId)) {
      if (names.size >= MAX_REMEMBERED) names.clear();
      names.set(backupId, otherNames(log, backupId, driveId));
    }
    return names.get(backupId)?.get(to) ?? null;
  };
}

function otherNames(
  log: EventLog,
  backupId: BackupId,
  driveId: DriveId,
): ReadonlyMap<RelativePath, CardPath> {
  const names = new Map<RelativePath, CardPath>();
  for (const { fact } of log.read({ stream: `backup/${backupId}` })) {
    if (fact.type !== 'FilesSettled' || fact.driveId !== driveId) continue;
    for (const file of fact.copied.filter(hadToDiffer)) names.set(file.to, cardPathOf(file));
  }
  return names;
}

/** The rows of the last few backups are remembered: copies come in order of path, not of backup. */
function twiceRead(history: History): (backupId: BackupId) => boolean {
  const known = new Map<BackupId, boolean>();
  return (backupId) => {
    const before = known.get(backupId);
    if (before !== undefined) return before;
    if (known.size >= MAX_REMEMBERED) known.clear();
    const isTwice = history.find(backupId)?.secondReading === 'medium';
    known.set(backupId, isTwice);
    return isTwice;
  };
}

/** A `_2` for a taken name needs no explanation. */
function hadToDiffer({ path, pathBase64, to }: FileOnDrive): boolean {
  if (pathBase64 !== undefined) return true;
  const name = fileName(to);
  if (name === fileName(path)) return false;
  const { stem, tail } = splitName(fileName(path));
  const isSuffixed = name.startsWith(`${stem}_`) && name.endsWith(tail);
  return !(isSuffixed && /^\d+$/.test(name.slice(stem.length + 1, name.length - tail.length)));
}

const cardPathOf = ({ path, pathBase64 }: FileOnDrive): CardPath =>
  pathBase64 === undefined ? { path } : { path, pathBase64 };
