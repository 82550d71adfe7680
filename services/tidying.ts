import type { Observable, Subscription } from 'rxjs';
import type { FactRecord } from '../machines/facts.ts';
import { messageOf } from './errors.ts';
import type { Clock, Store } from './ports.ts';

/** A step is one small commit; with so much rest between two of them a backup does not feel it. */
const REST_MS = 50;
/** After a step that the disk did not take. */
const RETRY_MS = 60_000;

export interface TidyingParts {
  readonly store: Pick<Store, 'tidy'>;
  readonly clock: Pick<Clock, 'setTimer'>;
  readonly warn: (text: string) => void;
  readonly decided$: Observable<{ readonly record: Pick<FactRecord, 'fact'> }>;
}

/** Clears away the copies of forgotten drives, some at a time; no answer waits for it. */
export class Tidying {
  readonly #parts: TidyingParts;
  #disarm: (() => void) | null = null;
  #listening: Subscription | null = null;
  #stopped = false;

  constructor(parts: TidyingParts) {
    this.#parts = parts;
  }

  /** What an earlier run left, and from now on what is forgotten. */
  start(): void {
    this.#listening = this.#parts.decided$.subscribe(({ record }) => {
      if (record.fact.type === 'DriveForgotten') this.#arm(REST_MS);
    });
    this.#arm(REST_MS);
  }

  /** Safe twice and before `start`. */
  stop(): void {
    this.#stopped = true;
    this.#disarm?.();
    this.#listening?.unsubscribe();
  }

  #arm(delayMs: number): void {
    if (this.#stopped) return;
    this.#disarm?.();
    this.#disarm = this.#parts.clock.setTimer(delayMs, () => this.#step());
  }

  #step(): void {
    try {
      if (this.#parts.store.tidy()) this.#arm(REST_MS);
    } catch (error) {
      this.#parts.warn(`copies of forgotten drives: ${messageOf(error)}`);
      this.#arm(RETRY_MS);
    }
  }
}
