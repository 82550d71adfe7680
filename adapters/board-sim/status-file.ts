import { rename, rm, writeFile } from 'node:fs/promises';
import type { Light, ThreeLeds } from '../../machines/signals.ts';
import { messageOf } from '../../services/errors.ts';
import type { LedColor } from '../../services/lights/renderer.ts';

/** What the simulated board shows now; one JSON object. */
export interface BoardStatus {
  readonly signal: Light['signal'];
  readonly code: Light['code'];
  /** Patterns, as on a real board. */
  readonly leds: ThreeLeds;
  /** Levels at this moment. */
  readonly lit: Readonly<Record<LedColor, boolean>>;
  /** Of the daemon: after a crash the file goes on showing its last light, and this process is gone. */
  readonly pid: number;
}

/**
 * Replaces the file whole (written beside it, then renamed), so that a reader never sees half of it. Not synced: a light
 * is of no use after a power cut. At most one write is under way and one waits, whatever the rate of changes, and
 * none holds up the daemon. What fails is told once; the next change tries again.
 */
export class StatusFile {
  readonly #path: string;
  readonly #warn: (text: string) => void;
  #next: BoardStatus | null = null;
  #writing: Promise<void> | null = null;
  #warned = false;

  constructor(path: string, warn: (text: string) => void) {
    this.#path = path;
    this.#warn = warn;
  }

  show(status: BoardStatus): void {
    this.#next = status;
    this.#writing ??= this.#drain();
  }

  /** Resolves when the last status is in the file. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #drain(): Promise<void> {
    // Several LEDs change in one turn of the event loop; only what they end up as is worth a write.
    await Promise.resolve();
    while (this.#next !== null) {
      const status = this.#next;
      this.#next = null;
      await this.#write(`${JSON.stringify(status)}\n`);
    }
    this.#writing = null;
  }

  async #write(text: string): Promise<void> {
    const beside = `${this.#path}.${process.pid}.tmp`;
    try {
      await writeFile(beside, text);
      await rename(beside, this.#path);
    } catch (error) {
      if (!this.#warned) this.#warn(`board status file: ${messageOf(error)}`);
      this.#warned = true;
      await rm(beside, { force: true }).catch(() => undefined);
    }
  }
}
