import type { IncomingFile } from '../media-ports.ts';
import { allOver } from './all-over.ts';
import type { Group } from './drive-context.ts';
import type { DriveCopy } from './drive-copy.ts';
import type { PlannedFile } from './ports.ts';
import type { Source } from './source.ts';
import type { Written } from './written.ts';

/** Every drive failed while a file was read: there is nothing to read it for. */
export class NobodyWrites extends Error {}

/** One shot group on its way to several drives, file by file. A drive that fails drops out, the others go on. */
export class GroupWriting {
  readonly #written = new Map<DriveCopy, Written[]>();
  /** Whose file system turned out not to hold a file. */
  readonly #refused = new Map<PlannedFile, Set<DriveCopy>>();
  readonly #source: Source;
  readonly #leaderMtimeMs: number;

  constructor(source: Source, group: Group) {
    this.#source = source;
    this.#leaderMtimeMs = group.members[0]?.mtimeMs ?? 0;
  }

  /** One reading of the card. Throws `FileProblem`, `Stopped` and `NobodyWrites`; then nothing of this file is left. */
  async write(file: PlannedFile, takers: readonly DriveCopy[]): Promise<void> {
    await this.#source.attempt(async () => {
      const open = await this.#open(file, takers);
      try {
        const content = await this.#source.read(file, async (block) => {
          await this.#each(file, open, (part) => part.write(block));
          if (open.size === 0) throw new NobodyWrites();
        });
        await this.#each(file, open, (part) => part.flush(content.mtimeMs));
        for (const [drive, incoming] of open) {
          this.#written.set(drive, [
            ...(this.#written.get(drive) ?? []),
            { file, content, incoming, isFlushed: true, leaderMtimeMs: this.#leaderMtimeMs },
          ]);
        }
      } catch (error) {
        for (const part of open.values()) await part.discard();
        throw error;
      }
    });
  }

  async #open(file: PlannedFile, takers: readonly DriveCopy[]): Promise<Map<DriveCopy, IncomingFile>> {
    const open = new Map<DriveCopy, IncomingFile>();
    const refused = this.#refused.get(file);
    for (const drive of takers) {
      if (refused?.has(drive) === true) continue;
      await drive.guard(async () => void open.set(drive, await drive.lane.store.createIncoming()));
    }
    if (open.size === 0) throw new NobodyWrites();
    return open;
  }

  async #each(
    file: PlannedFile,
    open: Map<DriveCopy, IncomingFile>,
    action: (part: IncomingFile) => Promise<void>,
  ): Promise<void> {
    await allOver(
      [...open].map(async ([drive, part]) => {
        await drive.guard(async () => {
          try {
            await action(part);
          } catch (error) {
            drive.noteTooLarge(file, error);
            this.#refused.set(file, (this.#refused.get(file) ?? new Set()).add(drive));
          }
        });
        if (!drive.isOut && this.#refused.get(file)?.has(drive) !== true) return;
        open.delete(drive);
        await part.discard();
      }),
    );
  }

  /** Gives each drive what was written for it, unless it turns out to have it already. */
  async hand(): Promise<void> {
    for (const [drive, written] of this.#written) {
      await drive.guard(async () => {
        if (await drive.takeDuplicate(written)) return;
        drive.add(written);
        this.#written.delete(drive);
      });
    }
  }

  /** Takes back what no drive was given. Never throws. */
  async discard(): Promise<void> {
    for (const { incoming } of [...this.#written.values()].flat()) await incoming.discard();
  }
}
