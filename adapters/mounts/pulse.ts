import { access, statfs } from 'node:fs/promises';
import type { Mount } from './mountinfo.ts';

/** A healthy disk that is awake answers in 1 ms. A slower answer is used when it comes: others must not wait for it. */
const ANSWER_MS = 250;

/** What statfs says of a device that is gone while its mount still stands (threats.md, "a pulled card looks empty"). */
const GONE = new Set(['EIO', 'ENODEV', 'ENXIO', 'ENOTCONN', 'ESHUTDOWN']);

export interface PulseCalls {
  /** Rejects with the system's `code`. */
  statfs(path: string): Promise<unknown>;
  /** False when the kernel no longer knows a block device by its `major:minor`. */
  hasDevice(device: string): Promise<boolean>;
  setTimer(delayMs: number, run: () => void): () => void;
}

/** Tells mounts that still have a device from those that only look as if. */
export class Pulse {
  readonly #calls: PulseCalls;
  /** Questions without an answer yet: a hung file system is asked once, or it would use up all threads. */
  readonly #open = new Map<string, Promise<boolean>>();
  readonly #late = new Set<string>();

  constructor(calls: PulseCalls = realCalls) {
    this.#calls = calls;
  }

  /** True while nothing proves the contrary: a file system that is slow to answer is not gone. */
  async isAlive(mount: Mount): Promise<boolean> {
    const key = `${mount.mountId} ${mount.device} ${mount.mountPoint}`;
    const open = this.#open.get(key);
    // Its device can be asked for without waiting for the file system.
    if (open !== undefined && this.#late.has(key)) return this.#hasDevice(mount);
    const answer = open ?? this.#ask(mount).finally(() => this.#close(key));
    this.#open.set(key, answer);
    return new Promise((resolve) => {
      const disarm = this.#calls.setTimer(ANSWER_MS, () => {
        this.#late.add(key);
        resolve(true);
      });
      void answer.then((alive) => {
        disarm();
        resolve(alive);
      });
    });
  }

  async #ask(mount: Mount): Promise<boolean> {
    // ext4 answers statfs from memory long after its disk was pulled.
    if (!(await this.#hasDevice(mount))) return false;
    return this.#calls.statfs(mount.mountPoint).then(
      () => true,
      (error: unknown) => !GONE.has(codeOf(error)),
    );
  }

  async #hasDevice(mount: Mount): Promise<boolean> {
    return mount.device.startsWith('0:') || this.#calls.hasDevice(mount.device);
  }

  #close(key: string): void {
    this.#open.delete(key);
    this.#late.delete(key);
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const realCalls: PulseCalls = {
  statfs: (path) => statfs(path),
  // Without sysfs (some containers) nothing can be said.
  hasDevice: async (device) =>
    (await exists(`/sys/dev/block/${device}`)) || !(await exists('/sys/dev/block')),
  setTimer: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
