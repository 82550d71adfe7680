import type { Clock } from '../ports.ts';
import type { Child, Command, StartChild } from './ports.ts';

/** The first new try comes soon: a light or a button is missing meanwhile. */
export const FIRST_RETRY_MS = 250;
/** A tool that is not installed is looked for twice a minute. */
export const LAST_RETRY_MS = 30_000;
/** One that ran for so long was healthy: its end is news again. */
export const HEALTHY_MS = 10_000;

export interface KeptChildParts {
  /** In warnings: `green light`. */
  readonly name: string;
  readonly start: StartChild;
  /** Asked before each start; a string says why there is nothing to start now. Must not reject. */
  readonly command: () => Promise<Command | string>;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
  readonly output?: (bytes: Uint8Array) => void;
  /** It ended without being told to. */
  readonly down?: () => void;
}

/**
 * Keeps one child process running: when it ends it is started again, with doubling pauses, and that is told once until
 * it has run for a while. There is never more than one, so that a line is free before it is asked for again.
 */
export class KeptChild {
  readonly #parts: KeptChildParts;
  #child: Child | null = null;
  #starting = false;
  /** What the command was made for has changed since it was asked for. */
  #stale = false;
  #startedMs = 0;
  #retryMs = FIRST_RETRY_MS;
  #told = false;
  #wanted = false;
  /** The child was killed to be started anew: its end is no failure. */
  #renewing = false;
  #disarm: () => void = () => undefined;
  #gone: (() => void)[] = [];

  constructor(parts: KeptChildParts) {
    this.#parts = parts;
  }

  /** Starts it, or ends it and starts it anew with the command of that moment. */
  renew(): void {
    this.#wanted = true;
    this.#disarm();
    // What failed before may have been asked of another line, another pattern: this wish begins afresh.
    this.#retryMs = FIRST_RETRY_MS;
    if (this.#child === null) return void this.#start();
    this.#renewing = true;
    this.#child.kill();
  }

  /** Resolves when the child is gone. Safe twice and before `renew`. */
  stop(): Promise<void> {
    this.#wanted = false;
    this.#disarm();
    if (this.#child === null) return Promise.resolve();
    return new Promise((resolve) => {
      this.#gone.push(resolve);
      this.#child?.kill();
    });
  }

  async #start(): Promise<void> {
    this.#stale = true;
    if (this.#starting) return;
    this.#starting = true;
    let command: Command | string = '';
    while (this.#stale) {
      this.#stale = false;
      command = await this.#parts.command();
    }
    this.#starting = false;
    if (!this.#wanted) return;
    if (typeof command === 'string') return this.#failed(command);
    this.#renewing = false;
    this.#startedMs = this.#parts.clock.monoMs();
    const child = this.#parts.start(command, {
      output: (bytes) => {
        if (this.#child === child) this.#parts.output?.(bytes);
      },
      exit: (why) => this.#ended(why),
    });
    this.#child = child;
  }

  #ended(why: string): void {
    this.#child = null;
    for (const resolve of this.#gone.splice(0)) resolve();
    if (!this.#wanted) return;
    if (this.#renewing) return void this.#start();
    if (this.#parts.clock.monoMs() - this.#startedMs >= HEALTHY_MS) {
      this.#retryMs = FIRST_RETRY_MS;
      this.#told = false;
    }
    this.#parts.down?.();
    this.#failed(why);
  }

  #failed(why: string): void {
    if (!this.#told) this.#parts.warn(`${this.#parts.name}: ${why}`);
    this.#told = true;
    this.#disarm = this.#parts.clock.setTimer(this.#retryMs, () => void this.#start());
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }
}
