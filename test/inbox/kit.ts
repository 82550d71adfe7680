import { setImmediate } from 'node:timers/promises';
import { MemoryInbox } from '../../adapters/memory/memory-inbox.ts';
import { memoryStore } from '../../adapters/memory/memory-store.ts';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import type { Fact, FactOf } from '../../machines/facts.ts';
import { backupId, inboxCardId, type RelativePath } from '../../machines/ids.ts';
import type { Drive, FileOnDrive } from '../../machines/media.ts';
import { driveAt } from '../fs/drives.ts';

export const ID = backupId('20261121-57');
export const DRIVE = driveAt('/drive');
export const p = (text: string): RelativePath => text as RelativePath;

/** Lets what was promised happen: memory answers without a timer. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await setImmediate();
}

/** A drive with an inbox and a journal, all in memory. */
export class Bench {
  readonly clock = new VirtualClock();
  readonly journal = memoryStore();
  readonly inbox: MemoryInbox;
  readonly facts: Fact[] = [];
  readonly warnings: string[] = [];
  /** Adopted, attached or not. */
  readonly drives: Drive[];

  readonly drive: Drive;

  constructor(drive: Drive = DRIVE) {
    this.drive = drive;
    this.drives = [drive];
    this.inbox = new MemoryInbox(drive);
  }

  readonly emit = async (fact: Fact): Promise<void> => {
    await this.journal.log.append([{ fact, stamp: this.clock.stamp() }]);
    this.facts.push(fact);
  };

  readonly driveOf = (id: Drive['id']): Drive | null => this.drives.find((drive) => drive.id === id) ?? null;

  readonly warn = (text: string): void => {
    this.warnings.push(text);
  };

  /** The copy of a file of the inbox, as a backup leaves it: on this drive, in the facts. */
  settledFact(
    names: readonly string[],
    change: Partial<FactOf<'FilesSettled'>> = {},
  ): FactOf<'FilesSettled'> {
    const copied = names.map((name): FileOnDrive => this.copyOf(name));
    return {
      type: 'FilesSettled',
      backupId: ID,
      cardId: inboxCardId(this.drive.id),
      driveId: this.drive.id,
      verifiedFrom: 'medium',
      copied,
      duplicates: [],
      failed: [],
      ...change,
    };
  }

  copyOf(name: string): FileOnDrive {
    const [from, to] = [`inbox/${name}`, `Photos/${name}`];
    const content = this.inbox.files[from] ?? this.inbox.files[`.imagetank/taken/${ID}/${name}`] ?? '';
    const file = this.inbox.found(from) ?? this.inbox.found(`.imagetank/taken/${ID}/${name}`);
    if (file === null) throw new Error(`${name} is not in the inbox`);
    this.inbox.write(to, content, file.mtimeMs);
    const { sizeBytes, mtimeMs } = file;
    const xxh64 = Buffer.from(content.padEnd(8)).subarray(0, 8).toString('hex');
    return { path: p(name), sizeBytes, mtimeMs, xxh64, headXxh64: xxh64, to: p(to), toMtimeMs: mtimeMs };
  }
}
