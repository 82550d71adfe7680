import {
  asyncScheduler,
  auditTime,
  catchError,
  concatMap,
  connect,
  defer,
  distinctUntilChanged,
  EMPTY,
  filter,
  from,
  map,
  merge,
  type Observable,
  type ObservableInput,
  of,
  type SchedulerLike,
  Subject,
  skipUntil,
  switchMap,
  tap,
  throwError,
  timeout,
  timer,
} from 'rxjs';
import type { BlockEvent, DeviceListing } from '../../services/devices/ports.ts';
import { latestMap } from './latest-map.ts';
import { EQUAL_AFTER_MS, LONGEST_WAIT_MS } from './settling.ts';

/**
 * The kernel announces changes of mountinfo by POLLPRI, which Node cannot wait for, and inotify does not see /proc: so
 * it is read again and again. Also finds what no event told.
 */
export const POLL_MS = 1_000;
/** A reader with four slots settles four disks in a row: one lsblk for all. */
export const QUIET_MS = 200;
/** /proc may fail for a moment when file descriptors run out; for longer, nothing would be seen any more. */
export const MAX_FAILURES = 10;

/**
 * Dying drives can take up all of Node's file threads: then nothing reads /proc, and a light that was green stays so
 * over the next card. A drive that spins up or tries again holds one for 10 s or so.
 */
export const LOOK_DEADLINE_MS = 30_000;

/** A timer may fire a little early; then the readings would not be far enough apart. */
const AGAIN_MS = EQUAL_AFTER_MS + 20;

/** See `DeviceTable`. */
export interface WatchedTable {
  hear(event: BlockEvent): void;
  touch(): void;
  look(): ObservableInput<void>;
  lookUp(): ObservableInput<void>;
  listing(): DeviceListing;
  readonly isWaiting: boolean;
  readonly isIncomplete: boolean;
}

export interface WatchParts {
  readonly table: WatchedTable;
  readonly events$: Observable<BlockEvent>;
  /** A hint that something may have changed: look now instead of at the next poll. */
  readonly rescan$: Observable<void>;
  readonly scheduler?: SchedulerLike;
}

/**
 * Everything that is attached: at first when all of it was looked into, then at each difference. What the kernel
 * announces or takes away is told at once, what is on it once it is known. Errors only after `MAX_FAILURES` failed looks
 * in a row, or one that takes `LOOK_DEADLINE_MS`. At any moment one look and one look-up run at most, and one of each waits.
 */
export function watchDevices(parts: WatchParts): Observable<DeviceListing> {
  const { table, scheduler = asyncScheduler } = parts;
  return defer(() => {
    const again$ = new Subject<void>();
    const events$ = parts.events$.pipe(
      tap((event) => table.hear(event)),
      catchError(() => EMPTY),
    );
    const hints$ = parts.rescan$.pipe(
      tap(() => table.touch()),
      catchError(() => EMPTY),
    );
    const looks$ = merge(timer(0, POLL_MS, scheduler), events$, hints$, again$).pipe(
      latestMap(looking(table, scheduler)),
    );
    return looks$.pipe(
      connect((looked$) => {
        const lookedUp$ = looked$.pipe(
          filter(() => table.isIncomplete),
          auditTime(QUIET_MS, scheduler),
          latestMap(() => from(table.lookUp())),
        );
        const lookAgain$ = looked$.pipe(
          switchMap(() => (table.isWaiting ? timer(AGAIN_MS, scheduler) : EMPTY)),
          tap(() => again$.next()),
          switchMap(() => EMPTY),
        );
        return merge(looked$, lookedUp$, lookAgain$);
      }),
      map(() => table.listing()),
      connect((listing$) => listing$.pipe(skipUntil(begun(listing$, scheduler)))),
      distinctUntilChanged((one, other) => JSON.stringify(one) === JSON.stringify(other)),
    );
  });
}

/**
 * udev may still be at it when a machine starts: the light of a box whose drive is in says nothing else before it is
 * green. One dead device does not hold up the others for longer than that.
 */
function begun(listing$: Observable<DeviceListing>, scheduler: SchedulerLike): Observable<unknown> {
  const known$ = listing$.pipe(filter(({ announced }) => announced.length === 0));
  return merge(known$, timer(LONGEST_WAIT_MS, scheduler));
}

/** One look; the first that succeeds looks up all that is there, so that a start tells it at once. */
function looking(table: WatchedTable, scheduler: SchedulerLike): () => Observable<void> {
  let failures = 0;
  let isFirst = true;
  const hangs = () => {
    failures = MAX_FAILURES;
    return throwError(() => new Error(`the devices could not be read for ${LOOK_DEADLINE_MS / 1000} s`));
  };
  const look$ = defer(() => from(table.look())).pipe(
    timeout({ first: LOOK_DEADLINE_MS, scheduler, with: hangs }),
    concatMap(() => (isFirst ? from(table.lookUp()) : of(undefined))),
    tap(() => {
      isFirst = false;
      failures = 0;
    }),
    catchError((error: unknown) => {
      failures += 1;
      return failures < MAX_FAILURES ? EMPTY : throwError(() => error);
    }),
  );
  return () => look$;
}
