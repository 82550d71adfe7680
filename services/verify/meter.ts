import type { Clock } from '../ports.ts';
import type { VerifyProgress } from '../work-shapes.ts';

/** Often enough for a line on a terminal; each message crosses a socket. */
const SAY_EVERY_MS = 250;
/** The rate is that of the last ten seconds: of the first minute it says nothing after an hour. */
const WINDOW_MS = 10_000;
const SAMPLE_EVERY_MS = 1000;

interface Amount {
  readonly files: number;
  readonly bytes: number;
}

export interface MeterStart {
  readonly total: Amount;
  /** What earlier parts of this verification did. */
  readonly done: Amount;
  readonly drive: string | null;
  readonly continued: VerifyProgress['continued'];
}

/** How far a verification is, how fast, and how long it will take. */
export class Meter {
  readonly #clock: Pick<Clock, 'monoMs'>;
  readonly #start: MeterStart;
  #files: number;
  #bytes: number;
  #saidMs: number;
  /** When how many bytes were done, oldest first; at most one a second. */
  #samples: { readonly ms: number; readonly bytes: number }[] = [];

  constructor(clock: Pick<Clock, 'monoMs'>, start: MeterStart) {
    this.#clock = clock;
    this.#start = start;
    this.#files = start.done.files;
    this.#bytes = start.done.bytes;
    this.#saidMs = clock.monoMs();
  }

  addFile(): void {
    this.#files += 1;
  }

  /** Over all parts, what is done of the present file included. */
  setBytes(sizeBytes: number): void {
    this.#bytes = sizeBytes;
  }

  /** What `addFile` and `setBytes` come to. */
  set(files: number, sizeBytes: number): void {
    this.#files = files;
    this.#bytes = sizeBytes;
  }

  /** It is time for the next message. */
  get isDue(): boolean {
    return this.#clock.monoMs() - this.#saidMs >= SAY_EVERY_MS;
  }

  /** Not more than the total, whatever was added to the medium in the meantime. `waiting`: a backup goes first. */
  now(waiting: boolean): VerifyProgress {
    const { total, drive, continued } = this.#start;
    this.#saidMs = this.#clock.monoMs();
    const rate = this.#rate(waiting);
    const bytesDone = Math.min(this.#bytes, total.bytes);
    return {
      filesDone: Math.min(this.#files, total.files),
      filesTotal: total.files,
      bytesDone,
      bytesTotal: total.bytes,
      rateBytesPerSecond: rate,
      secondsLeft: rate === null || rate === 0 ? null : (total.bytes - bytesDone) / rate,
      waiting,
      drive,
      continued,
    };
  }

  #rate(waiting: boolean): number | null {
    // A pause is no slowness: it begins anew behind it.
    if (waiting) this.#samples = [];
    const ms = this.#saidMs;
    const last = this.#samples.at(-1);
    if (last === undefined || ms - last.ms >= SAMPLE_EVERY_MS) this.#samples.push({ ms, bytes: this.#bytes });
    while ((this.#samples[1]?.ms ?? ms) < ms - WINDOW_MS) this.#samples.shift();
    const [first] = this.#samples;
    if (first === undefined || ms - first.ms < SAMPLE_EVERY_MS) return null;
    return ((this.#bytes - first.bytes) / (ms - first.ms)) * 1000;
  }
}
