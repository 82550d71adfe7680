import { Observable, type Subscriber, type Subscription } from 'rxjs';
import type { Appliance } from './appliance.ts';
import type { Clock } from './ports.ts';
import type { Status } from './shapes.ts';

/** At most two a second: more than that nobody sees, and each asks every drive for its free space. */
const BETWEEN_MS = 500;
/** What no fact tells (free space, temperature) may be so old while nothing runs. */
const IDLE_MS = 5000;

export interface StatusFeedParts {
  readonly appliance: Pick<Appliance, 'status' | 'head$'>;
  readonly clock: Pick<Clock, 'monoMs' | 'setTimer'>;
}

/**
 * The status for all that watch it: asked for once, however many they are, and not at all while nobody does. Everybody
 * gets the last one at once, then each that differs; what only counts up (uptime, memory) is no difference.
 */
export class StatusFeed {
  readonly #parts: StatusFeedParts;
  readonly #watching = new Set<Subscriber<Status>>();
  #last: { readonly status: Status; readonly key: string } | null = null;
  #facts: Subscription | null = null;
  #disarm: () => void = () => undefined;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #asking = false;
  #again = false;

  constructor(parts: StatusFeedParts) {
    this.#parts = parts;
  }

  readonly status$: Observable<Status> = new Observable((subscriber) => {
    this.#watching.add(subscriber);
    if (this.#last !== null) subscriber.next(this.#last.status);
    this.#facts ??= this.#parts.appliance.head$.subscribe(() => this.#soon());
    return () => {
      this.#watching.delete(subscriber);
      if (this.#watching.size === 0) this.#rest();
    };
  });

  #rest(): void {
    this.#facts?.unsubscribe();
    this.#facts = null;
    this.#disarm();
    // By the time somebody watches again it would be old: whoever comes first asks anew, and at once.
    this.#last = null;
    this.#askedAtMs = Number.NEGATIVE_INFINITY;
  }

  /** Now, or as soon as enough time has passed since the last one. */
  #soon(): void {
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#disarm();
    const waitMs = this.#askedAtMs + BETWEEN_MS - this.#parts.clock.monoMs();
    if (waitMs <= 0) void this.#ask();
    else this.#disarm = this.#parts.clock.setTimer(waitMs, () => void this.#ask());
  }

  async #ask(): Promise<void> {
    const { appliance, clock } = this.#parts;
    this.#asking = true;
    this.#askedAtMs = clock.monoMs();
    // Who asks for the status itself is told what is wrong; here the next one may be there.
    const status = await appliance.status().catch(() => null);
    this.#asking = false;
    if (this.#watching.size === 0) return;
    if (status !== null) this.#tell(status);
    const runs = status !== null && isRunning(status);
    if (this.#again || runs) {
      this.#again = false;
      this.#soon();
    } else {
      this.#disarm = clock.setTimer(IDLE_MS, () => void this.#ask());
    }
  }

  #tell(status: Status): void {
    const key = JSON.stringify(withoutCounters(status));
    if (key === this.#last?.key) return;
    this.#last = { status, key };
    for (const subscriber of [...this.#watching]) subscriber.next(status);
  }
}

const isRunning = ({ backups, verifications }: Status) =>
  verifications.length > 0 || backups.some(({ outcome }) => outcome === null);

const withoutCounters = ({ health, ...status }: Status) => ({
  ...status,
  health: health === null ? null : { ...health, rssBytes: 0, uptimeSeconds: 0 },
});
