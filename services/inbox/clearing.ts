import type { Fact } from '../../machines/facts.ts';
import { type BackupId, type DriveId, inboxCardId, type RelativePath } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import { isAsRecorded } from '../library/as-recorded.ts';
import type { CardPath } from '../media-ports.ts';
import type { Catalogue, Clock, Copy, EventLog } from '../ports.ts';
import {
  bytesOf,
  type InboxStore,
  inodeOf,
  MAX_LISTED,
  pathKey,
  type TakenFile,
  type TakenListing,
} from './ports.ts';
import { countsAs, SettledFiles } from './settled-files.ts';

/** A hotel's network stalls for minutes, and clients give up within the hour: Samba and FTP servers after 5 to 15 minutes. */
export const KEPT_MS = 3_600_000;
/** As of `FilesSettled`: a fact must not grow with the inbox. */
export const MAX_FILES_A_FACT = 128;

export interface ClearingParts {
  readonly log: Pick<EventLog, 'read'>;
  readonly catalogue: Pick<Catalogue, 'copyAt'>;
  readonly clock: Pick<Clock, 'stamp'>;
  /** On so many drives each file must be. */
  readonly copies: 'all' | number;
  /** Null for one that is not adopted any more. Asked for those that are away, too. */
  readonly driveOf: (id: DriveId) => Pick<Drive, 'kind'> | null;
  /** Resolves when the fact is durable. */
  readonly emit: (fact: Fact) => Promise<void>;
}

/** What a look found, and how many files it put back. */
export interface Looked extends TakenListing {
  readonly putBack: number;
  /** They changed, or have no copy, and cannot go back: something else has the inbox's place. */
  readonly stuck: readonly TakenFile[];
}

type Cleared = Pick<Looked, 'putBack' | 'stuck'>;

type Verdict = 'remove' | 'put-back' | 'wait';

interface Backup {
  readonly files: SettledFiles;
  /** No program that wrote to its files then writes to them now. */
  readonly isOver: (now: { readonly monoMs: number; readonly bootId: string }) => boolean;
}

/**
 * Looks again at what was taken out of an inbox. As it was copied, an hour later or after another boot: deleted. Anything
 * else goes back into the inbox as something new, so that the whole of it is copied then.
 */
export class Clearing {
  readonly #parts: ClearingParts;
  /** As it was when it was taken; of an earlier run of the daemon the journal's size and time stand for it. */
  readonly #marks = new Map<string, string>();
  /** What the journal says of backups of which something is still there. */
  #backups = new Map<BackupId, Backup>();

  constructor(parts: ClearingParts) {
    this.#parts = parts;
  }

  took(file: TakenFile): void {
    this.#marks.set(keyOf(file), file.mark);
  }

  /** Goes on behind what cannot be read. Until `isStopped` at the latest, between two facts. Throws `DriveError`, and what `emit` throws. */
  async run(store: InboxStore, isStopped: () => boolean = () => false): Promise<Looked> {
    const taken = await store.taken(MAX_LISTED);
    // What cannot be seen now is no less taken.
    if (taken.unreadable === 0 && !taken.more) this.#forget(taken.files);
    const done: Cleared[] = [];
    for (const [id, files] of byBackup(taken.files)) {
      for (let at = 0; at < files.length && !isStopped(); at += MAX_FILES_A_FACT) {
        done.push(await this.#clear(id, files.slice(at, at + MAX_FILES_A_FACT), store));
      }
    }
    const putBack = done.reduce((sum, { putBack: more }) => sum + more, 0);
    return { ...taken, putBack, stuck: done.flatMap(({ stuck }) => stuck) };
  }

  async #clear(backupId: BackupId, files: readonly TakenFile[], store: InboxStore): Promise<Cleared> {
    const backup = this.#backupOf(backupId, store);
    const verdicts = await this.#judge(files, backup, store);
    const of = (verdict: Verdict) => files.filter((_, at) => verdicts[at] === verdict);
    const old = of('remove');
    const gone = old.length === 0 ? [] : await store.remove(old);
    const removed = old.filter((_, at) => gone[at] === true).map(({ path }) => path);
    const names: CardPath[] = old.filter((_, at) => gone[at] === true);
    const putBack: { readonly path: RelativePath; readonly as: RelativePath }[] = [];
    const stuck: TakenFile[] = [];
    for (const file of of('put-back')) {
      const as = await store.putBack(file);
      if (as === null) {
        stuck.push(file);
        continue;
      }
      putBack.push({ path: file.path, as: as.path });
      names.push(file, as);
    }
    if (removed.length + putBack.length === 0) return { putBack: 0, stuck };
    const driveId = store.drive.id;
    await this.#parts.emit({
      type: 'InboxCleared',
      backupId,
      driveId,
      removed,
      putBack,
      ...bytesOf(names),
    });
    return { putBack: putBack.length, stuck };
  }

  /** What is not over yet is not looked for in the library: it is asked again each minute. */
  async #judge(files: readonly TakenFile[], backup: Backup, store: InboxStore): Promise<readonly Verdict[]> {
    const { catalogue, clock } = this.#parts;
    const isOver = backup.isOver(clock.stamp());
    const copies = files.map((file) => backup.files.copies(file, catalogue));
    const sound = files.map((file, at) => this.#isSound(file, backup, copies[at] ?? [], store));
    const here = copies.map((of) => of.find(({ driveId }) => driveId === store.drive.id));
    const asked = here.filter((copy, at) => isOver && sound[at] === true && copy !== undefined);
    const answers = asked.length === 0 ? [] : await store.identify(asked.flatMap((copy) => copy?.to ?? []));
    const found = new Map(asked.map((copy, at) => [copy, answers[at]]));
    return files.map((file, at) => {
      if (sound[at] !== true) return 'put-back';
      if (!isOver) return 'wait';
      const copy = here[at];
      if (copy === undefined) return 'remove';
      const lying = found.get(copy);
      // Somebody tidied the library, and `verify` has not seen it yet.
      const isHere = lying != null && lying.inode !== inodeOf(file) && isAsRecorded(store, copy, lying);
      return isHere ? 'remove' : 'put-back';
    });
  }

  /** By its own look and by the journal. */
  #isSound(file: TakenFile, backup: Backup, copies: readonly Copy[], store: InboxStore): boolean {
    const isSame = (one: number, other: number) =>
      isAsRecorded(store, { sizeBytes: 0, toMtimeMs: one }, { sizeBytes: 0, mtimeMs: other });
    const mark = this.#marks.get(keyOf(file)) ?? file.mark;
    return mark === file.mark && backup.files.isAsRead(file, isSame) && this.#isSafe(file, backup, copies);
  }

  /**
   * Each drive that got it still has it, and as many of these copies as are asked for count. A drive that is away is
   * believed for itself alone: for one that lost its copy meanwhile it does not stand in.
   */
  #isSafe(file: TakenFile, { files }: Backup, copies: readonly Copy[]): boolean {
    const { copies: asked, driveOf } = this.#parts;
    const drives = files.drives(file);
    const counting = copies.filter((copy) => {
      const drive = driveOf(copy.driveId);
      return drive !== null && countsAs(drive, copy);
    });
    const wanted = asked === 'all' ? drives.size : asked;
    return copies.length === drives.size && counting.length >= Math.max(1, wanted);
  }

  #backupOf(id: BackupId, { drive }: InboxStore): Backup {
    const known = this.#backups.get(id);
    if (known !== undefined) return known;
    const settled = new SettledFiles();
    let last = { monoMs: Number.NEGATIVE_INFINITY, bootId: '' };
    for (const { fact, monoMs, bootId } of this.#parts.log.read({ stream: `backup/${id}` })) {
      // A look at them is no news of them.
      if (fact.type !== 'InboxCleared') last = { monoMs, bootId };
      if (fact.type === 'FilesSettled' && fact.cardId === inboxCardId(drive.id)) settled.add(fact);
    }
    const isOver: Backup['isOver'] = ({ monoMs, bootId }) =>
      bootId !== last.bootId || monoMs - last.monoMs >= KEPT_MS;
    const backup = { files: settled, isOver };
    this.#backups.set(id, backup);
    return backup;
  }

  #forget(taken: readonly TakenFile[]): void {
    const ids = new Set(taken.map(({ backupId }) => backupId));
    this.#backups = new Map([...this.#backups].filter(([id]) => ids.has(id)));
    const keys = new Set(taken.map(keyOf));
    for (const key of this.#marks.keys()) if (!keys.has(key)) this.#marks.delete(key);
  }
}

const keyOf = (file: TakenFile): string => `${file.backupId}/${pathKey(file)}`;

function byBackup(files: readonly TakenFile[]): ReadonlyMap<BackupId, readonly TakenFile[]> {
  const groups = new Map<BackupId, TakenFile[]>();
  for (const file of files) {
    const group = groups.get(file.backupId) ?? [];
    group.push(file);
    groups.set(file.backupId, group);
  }
  return groups;
}
