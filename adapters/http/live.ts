import { map, merge, Observable, Subject, type Subscription, share } from 'rxjs';
import type { Appliance } from '../../services/appliance.ts';
import type { Clock } from '../../services/ports.ts';
import type { LightLine } from '../../services/shapes.ts';
import { StatusFeed } from '../../services/status-feed.ts';

/** A page takes green away when it has heard nothing for eight seconds: a box that hangs, or a network that swallows all. */
const HEARTBEAT_MS = 2000;
/** Lights that are kept for who comes back: some minutes of a busy box. */
const KEPT_LIGHTS = 256;
/** After a lost connection; a box that restarts takes longer. */
const RETRY_MS = 3000;

/** A server-sent event as it goes over the wire, the same text for all that watch (HTML, section 9.2). */
export class Frame {
  readonly kind: 'light' | 'status' | 'beat';
  readonly text: string;

  constructor(kind: Frame['kind'], text: string) {
    this.kind = kind;
    this.text = text;
  }
}

/** Who reads slowly gets the newest status, and a sign of life only where nothing else waits. */
export const outdatesFrame = (waiting: Frame, next: Frame): boolean =>
  waiting.kind === 'beat' || (waiting.kind === 'status' && next.kind === 'status');

export interface LiveParts {
  readonly appliance: Pick<Appliance, 'status' | 'head$' | 'lights$'>;
  readonly clock: Pick<Clock, 'monoMs' | 'setTimer'>;
}

/** Lights and status for pages: everything is made once, however many watch. */
export class Live {
  readonly #parts: LiveParts;
  /** Oldest first. */
  readonly #kept: { readonly seq: number; readonly frame: Frame }[] = [];
  readonly #lights = new Subject<Frame>();
  readonly #status$: Observable<Frame>;
  readonly #beats$: Observable<Frame>;
  #listening: Subscription | null = null;

  constructor(parts: LiveParts) {
    this.#parts = parts;
    this.#status$ = new StatusFeed(parts).status$.pipe(
      map((status) => new Frame('status', `event: status\ndata: ${JSON.stringify(status)}\n\n`)),
    );
    this.#beats$ = beats(parts.clock).pipe(share());
  }

  /**
   * The lights that were missed since the one of this id, or the light of this moment; then each change, the status at
   * once and at each change of it, and a comment every 15 s.
   */
  since(lastEventId: string | undefined): Observable<Frame> {
    return new Observable((subscriber) => {
      this.#listen();
      subscriber.next(new Frame('light', `retry: ${RETRY_MS}\n\n`));
      for (const frame of this.#missed(lastEventId)) subscriber.next(frame);
      return merge(this.#lights, this.#status$, this.#beats$).subscribe(subscriber);
    });
  }

  stop(): void {
    this.#listening?.unsubscribe();
    this.#lights.complete();
  }

  /** From the first that watches on, also while nobody does: a phone that sleeps comes back. */
  #listen(): void {
    this.#listening ??= this.#parts.appliance.lights$.subscribe({
      next: (line) => this.#keep(line),
      error: (error: unknown) => this.#lights.error(error),
      complete: () => this.#lights.complete(),
    });
  }

  #keep(line: LightLine): void {
    const frame = new Frame('light', `id: ${line.seq}\nevent: light\ndata: ${JSON.stringify(line)}\n\n`);
    this.#kept.push({ seq: line.seq, frame });
    if (this.#kept.length > KEPT_LIGHTS) this.#kept.shift();
    this.#lights.next(frame);
  }

  /** Two lights may be of one record: of those both are sent again rather than one too few. */
  #missed(lastEventId: string | undefined): readonly Frame[] {
    const now = this.#kept.slice(-1);
    const known = this.#kept.findIndex(({ seq }) => String(seq) === lastEventId);
    if (known !== -1) return this.#kept.slice(known + 1).map(({ frame }) => frame);
    const id = /^\d{1,15}$/.test(lastEventId ?? '') ? Number(lastEventId) : Number.POSITIVE_INFINITY;
    const later = this.#kept.filter(({ seq }) => seq > id);
    return (later.length > 0 ? later : now).map(({ frame }) => frame);
  }
}

function beats(clock: Pick<Clock, 'setTimer'>): Observable<Frame> {
  return new Observable((subscriber) => {
    const arm = (): (() => void) =>
      clock.setTimer(HEARTBEAT_MS, () => {
        disarm = arm();
        subscriber.next(new Frame('beat', ': alive\n\n'));
      });
    let disarm = arm();
    return () => disarm();
  });
}
