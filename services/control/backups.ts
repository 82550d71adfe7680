import { type Observable, Subject } from 'rxjs';
import type { CommandOf } from '../../machines/commands.ts';
import type { Fact } from '../../machines/facts.ts';
import type { BackupId } from '../../machines/ids.ts';
import type { Card, Drive } from '../../machines/media.ts';
import type { BackupJob, LiveProgress } from '../backup/job.ts';
import { isMountError } from '../devices/holds.ts';
import { isDriveError, messageOf } from '../errors.ts';
import type { DriveStore } from '../media-ports.ts';
import type { Clock } from '../ports.ts';

export type StopReason = CommandOf<'backup.stop'>['why'];

/** One backup to run: everything that does not change while it runs. */
export interface BackupRun {
  readonly backupId: BackupId;
  readonly card: Card;
  readonly drives: readonly DriveStore[];
  readonly unopened: BackupJob['unopened'];
  readonly fit: boolean;
  /** Adopted drives that are attached at the start. */
  readonly attached: number;
}

export interface BackupHooks {
  /** Resolves when the fact is durable. */
  readonly emit: (fact: Fact) => Promise<void>;
  readonly progress: (progress: LiveProgress) => void;
  /** Aborts with a `StopReason` as its reason. */
  readonly stop: AbortSignal;
}

/** Runs to exactly one of `BackupFinished`, `BackupFailed`, `BackupInterrupted`, emitted through the hooks. */
export type RunBackup = (run: BackupRun, hooks: BackupHooks) => Promise<void>;

const ENDS: ReadonlySet<Fact['type']> = new Set(['BackupFinished', 'BackupFailed', 'BackupInterrupted']);

interface Running {
  readonly abort: AbortController;
  readonly startedMonoMs: number;
  progress: LiveProgress;
  /** Its end is durable. */
  ended: boolean;
}

export interface BackupsDeps {
  readonly run: RunBackup;
  /** Open, and what its manifests claim is learned. Throws `DriveError`: the other drives are written all the same. */
  readonly openDrive: (drive: Drive) => Promise<DriveStore>;
  /** Makes the card readable until it is released, which lets it be pulled. Throws `MountError`. */
  readonly hold: (card: Card) => Promise<() => Promise<void>>;
  readonly emit: (fact: Fact) => Promise<void>;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
}

/** Starts and stops backups as commanded, and knows how far each is. */
export class Backups {
  readonly #deps: BackupsDeps;
  readonly #running = new Map<BackupId, Running>();
  readonly #progressed = new Subject<BackupId>();

  constructor(deps: BackupsDeps) {
    this.#deps = deps;
  }

  /** Each time a running backup got further. */
  get progressed$(): Observable<BackupId> {
    return this.#progressed;
  }

  /** How far a backup is, and how fast in bytes a second since it began; null when it does not run. */
  progress(id: BackupId): (LiveProgress & { readonly rateBytesPerSecond: number | null }) | null {
    const running = this.#running.get(id);
    if (running === undefined) return null;
    const seconds = (this.#deps.clock.monoMs() - running.startedMonoMs) / 1000;
    const rate = seconds > 0 && running.progress.bytesDone > 0 ? running.progress.bytesDone / seconds : null;
    return { ...running.progress, rateBytesPerSecond: rate };
  }

  async start(command: CommandOf<'backup.start'>, drives: readonly Drive[]): Promise<void> {
    const running: Running = {
      abort: new AbortController(),
      startedMonoMs: this.#deps.clock.monoMs(),
      progress: { filesDone: 0, filesTotal: 0, bytesDone: 0, bytesTotal: 0, drives: [] },
      ended: false,
    };
    this.#running.set(command.backupId, running);
    try {
      await this.#run(command, drives, running);
      if (!running.ended) throw new Error('it stopped without an end');
    } catch (error) {
      this.#deps.warn(`backup ${command.backupId} failed: ${messageOf(error)}`);
      await this.#fail(command, error, running.ended).catch(() => undefined);
    } finally {
      this.#running.delete(command.backupId);
    }
  }

  stop(id: BackupId, why: StopReason): void {
    this.#running.get(id)?.abort.abort(why);
  }

  async #run(command: CommandOf<'backup.start'>, drives: readonly Drive[], running: Running): Promise<void> {
    const release = await this.#deps.hold(command.card);
    try {
      await this.#runHeld(command, drives, running, release);
    } finally {
      await release();
    }
  }

  async #runHeld(
    { backupId, card, fit, attached }: CommandOf<'backup.start'>,
    drives: readonly Drive[],
    running: Running,
    release: () => Promise<void>,
  ): Promise<void> {
    const stores: DriveStore[] = [];
    const unopened: BackupJob['unopened'][number][] = [];
    for (const drive of drives) {
      try {
        stores.push(await this.#deps.openDrive(drive));
      } catch (error) {
        if (!isDriveError(error)) throw error;
        unopened.push({ drive, error });
      }
    }
    await this.#deps.run(
      { backupId, card, drives: stores, unopened, fit, attached },
      {
        emit: async (fact) => {
          // The light that follows may say that the card can be pulled.
          if (ENDS.has(fact.type)) await release();
          await this.#deps.emit(fact);
          running.ended ||= ENDS.has(fact.type);
        },
        stop: running.abort.signal,
        progress: (progress) => {
          running.progress = progress;
          this.#progressed.next(backupId);
        },
      },
    );
  }

  /** A card that cannot be mounted, or a bug: either way the light must say so, and a backup ends once. */
  #fail({ backupId, card }: CommandOf<'backup.start'>, error: unknown, ended: boolean): Promise<void> {
    if (ended) {
      const detail = `backup ${backupId}: ${messageOf(error)}`;
      return this.#deps.emit({ type: 'InternalErrorOccurred', reason: 'internal', detail });
    }
    const totals = { files: 0, bytes: 0, copied: 0, duplicates: 0, failed: 0 };
    if (isMountError(error) && error.gone) {
      const end = { backupId, cardId: card.id, reason: 'card-removed', totals, drives: [] } as const;
      return this.#deps.emit({ type: 'BackupInterrupted', ...end });
    }
    const reason = isMountError(error) ? 'mount-failed' : isDriveError(error) ? error.reason : 'internal';
    return this.#deps.emit({
      type: 'BackupFailed',
      backupId,
      cardId: card.id,
      reason,
      detail: messageOf(error),
      totals,
      drives: [],
    });
  }
}
