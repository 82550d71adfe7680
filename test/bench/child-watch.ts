import { childrenOf, cpuSeconds, residentBytes } from './processes.ts';

/** Peaks are kept by the kernel: a child is missed only when it lives shorter than this. */
const EVERY_MS = 250;

/** Looks after the children of a daemon: the most memory that they had, and their time on a processor. */
export class ChildWatch {
  readonly #pid: number;
  readonly #cpu = new Map<number, { readonly first: number; last: number }>();
  #peakBytes = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(pid: number) {
    this.#pid = pid;
  }

  start(): void {
    this.#look();
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
  }

  /** `peakBytes`: sum of the peaks of those that lived at the same time. `cpuSeconds`: while it was watched. */
  stop(): { readonly peakBytes: number; readonly cpuSeconds: number } {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#look();
    const cpu = [...this.#cpu.values()].reduce((sum, { first, last }) => sum + last - first, 0);
    return { peakBytes: this.#peakBytes, cpuSeconds: cpu };
  }

  #look(): void {
    const peaks = childrenOf(this.#pid).map((child) => this.#lookAt(child));
    this.#peakBytes = Math.max(this.#peakBytes, ...[peaks.reduce((sum, bytes) => sum + bytes, 0)]);
  }

  #lookAt(child: number): number {
    try {
      const { own, children } = cpuSeconds(child);
      const seen = this.#cpu.get(child);
      if (seen === undefined) this.#cpu.set(child, { first: own + children, last: own + children });
      else seen.last = own + children;
      const peak = residentBytes(child, 'VmHWM');
      return Number.isNaN(peak) ? 0 : peak;
    } catch {
      // It has ended between the listing and the look.
      return 0;
    }
  }
}
