import type { DriveId } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import type { Sender, UploadState } from './ports.ts';

/** A phone sends some thousand photos in a row; older ones are sent once more, and found as duplicates. */
const MAX_REMEMBERED = 1000;

export interface Done {
  readonly device: Sender;
  readonly drive: Drive;
  readonly state: UploadState;
}

/** What was moved into the inbox lately: a phone that lost the answer asks whether it is there. Not kept over a restart. */
export class Finished {
  readonly #all = new Map<string, Done>();
  /** Of these the light does not tell yet, so nor do we. */
  readonly #untold = new Set<string>();

  add(done: Done): void {
    this.#all.set(done.state.id, done);
    this.#untold.add(done.state.id);
    const [oldest] = this.#all.keys();
    if (this.#all.size <= MAX_REMEMBERED || oldest === undefined) return;
    this.#all.delete(oldest);
    this.#untold.delete(oldest);
  }

  /** The light tells of it. */
  told(id: string): void {
    this.#untold.delete(id);
  }

  isTold(id: string): boolean {
    return !this.#untold.has(id);
  }

  /** Null for one of another device. */
  get(sender: Sender, id: string): Done | null {
    const found = this.#all.get(id);
    return found !== undefined && (sender === null || sender === found.device) ? found : null;
  }

  /** Bytes in the inbox of this drive of which the light does not tell yet. */
  untoldBytes(drive: DriveId): number {
    const untold = [...this.#untold].flatMap((id) => this.#all.get(id) ?? []);
    return untold.reduce(
      (sum, { state, ...done }) => sum + (done.drive.id === drive ? state.sizeBytes : 0),
      0,
    );
  }
}
