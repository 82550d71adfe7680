import type { Fact } from '../../machines/facts.ts';
import type { Drive } from '../../machines/media.ts';
import type { BackupHooks, BackupRun } from '../control/backups.ts';
import { isDriveError } from '../errors.ts';
import type { CardReader } from '../media-ports.ts';
import type { Copy } from '../ports.ts';
import { type Clearing, MAX_FILES_A_FACT } from './clearing.ts';
import type { InboxAccess } from './inbox-access.ts';
import type { InboxParts } from './inbox-parts.ts';
import { type BackupEnd, type Judged, judge } from './judging.ts';
import { offeredCards } from './offered-cards.ts';
import { bytesOf, type InboxFile } from './ports.ts';
import { SettledFiles } from './settled-files.ts';

/** Runs the ordinary backup with these cards and hooks. */
export type RunInner = (cards: CardReader, hooks: BackupHooks) => Promise<void>;

const ENDS: ReadonlySet<Fact['type']> = new Set(['BackupFinished', 'BackupFailed', 'BackupInterrupted']);
const isEnd = (fact: Fact): fact is BackupEnd => ENDS.has(fact.type);

interface Parts extends Pick<InboxParts, 'open' | 'catalogue' | 'copies'> {
  readonly access: InboxAccess;
  readonly clearing: Clearing;
  /** What was taken and cannot be looked at, or not put back. */
  readonly takenUnseen: () => number;
  /**
   * While no look goes on: what is put into the inbox while the end is judged is looked at after it, and its sender hears
   * that it arrived after the light has changed.
   */
  readonly alone: (work: () => Promise<void>) => Promise<void>;
  /** Told before the end is recorded: these are in the library as they are. */
  readonly onSafe: (files: readonly InboxFile[]) => void;
}

/** One backup of an inbox: of the files that are offered, and of nothing else; what is safe then may be taken. */
export class InboxBackup {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Resolves with what may be taken out of the inbox, when the end of the backup is durable. */
  async run(
    run: BackupRun,
    hooks: BackupHooks,
    cards: CardReader,
    offer: readonly InboxFile[],
    inner: RunInner,
  ): Promise<readonly InboxFile[]> {
    const files = new SettledFiles();
    let safe: readonly InboxFile[] = [];
    const emit = async (fact: Fact): Promise<void> => {
      if (!isEnd(fact)) {
        await hooks.emit(fact);
        if (fact.type === 'FilesSettled') files.add(fact);
        return;
      }
      await this.#parts.alone(async () => {
        const judged = await this.#judge(fact, { run, offer, files });
        this.#parts.onSafe(judged.safe);
        await hooks.emit(withLeft(fact, judged));
        safe = judged.safe;
      });
    };
    await inner(offeredCards(cards, run.card.path, offer), { ...hooks, emit });
    return safe;
  }

  async #judge(
    end: BackupEnd,
    { run, offer, files }: { run: BackupRun; offer: readonly InboxFile[]; files: SettledFiles },
  ): Promise<Judged> {
    const { copies, catalogue, access } = this.#parts;
    const drives = run.drives.map(({ drive }) => drive);
    try {
      const listing = (await access.list()) ?? { files: [], unreadable: 0, more: false };
      const wanted = copies === 'all' ? run.attached : Math.max(1, copies);
      const inodes = (of: readonly Copy[]) => this.#inodes(of, drives);
      const judged = await judge({ end, listing, offer, files, drives, wanted, catalogue, inodes });
      return { ...judged, left: judged.left + this.#parts.takenUnseen() };
    } catch (error) {
      if (!isDriveError(error)) throw error;
      access.tell(error);
      return { safe: [], left: 1, links: 0, waits: 0, waiting: [] };
    }
  }

  async #inodes(copies: readonly Copy[], drives: readonly Drive[]): Promise<readonly (string | null)[]> {
    const { access, open } = this.#parts;
    const found = new Map<Copy, string | null>();
    for (const drive of drives) {
      const here = copies.filter(({ driveId }) => driveId === drive.id);
      if (here.length === 0) continue;
      const store = drive.id === access.drive.id ? await access.opened() : await open(drive);
      const files = await store.identify(here.map(({ to }) => to));
      for (const [at, copy] of here.entries()) {
        const file = files[at];
        found.set(copy, file?.sizeBytes === copy.sizeBytes ? file.inode : null);
      }
    }
    return copies.map((copy) => found.get(copy) ?? null);
  }

  /** Takes files out of the inbox, a batch and its fact at a time. Throws `DriveError`. */
  async take(
    files: readonly InboxFile[],
    { backupId }: BackupRun,
    { emit, stop }: BackupHooks,
  ): Promise<void> {
    const { access, clearing } = this.#parts;
    const store = await access.opened();
    for (let at = 0; at < files.length && !stop.aborted && !access.isStopped; at += MAX_FILES_A_FACT) {
      const batch = files.slice(at, at + MAX_FILES_A_FACT);
      const ends = await store.take(batch, backupId);
      const taken = batch.filter((file, nth) => {
        const end = ends[nth];
        if (end?.end === 'taken') clearing.took({ ...file, backupId, mark: end.mark });
        if (end?.end === 'refused') access.tell(new Error(`${file.path} stays in the inbox: ${end.detail}`));
        return end?.end === 'taken';
      });
      if (taken.length === 0) continue;
      await emit({
        type: 'InboxTaken',
        backupId,
        driveId: access.drive.id,
        files: taken.map(({ path }) => path),
        ...bytesOf(taken),
      });
    }
  }
}

/** A green light must not speak for what lies in the inbox and is not in the library; of what it hides `Troubles` tells. */
function withLeft(end: BackupEnd, { left, links, waits, waiting }: Judged): BackupEnd {
  const others = waits - waiting.length;
  const named = [...waiting, ...(others > 0 && waiting.length > 0 ? [`${others} more`] : [])].join(', ');
  const which = named === '' ? '' : ` (${named})`;
  const told = [
    waits > 0 ? `${waits} of its files are not in the library yet${which}: still arriving, or changed` : '',
    links > 0 ? `${links} of its files are hard links of files in the library: they stay where they are` : '',
  ].filter((note) => note !== '');
  const notes = [...(end.notes ?? []), ...told];
  const noted = notes.length === 0 ? end : { ...end, notes };
  return noted.type === 'BackupFinished' && left > 0 ? { ...noted, enough: false } : noted;
}
