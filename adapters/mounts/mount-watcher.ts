import {
  asyncScheduler,
  catchError,
  debounce,
  defer,
  distinctUntilChanged,
  EMPTY,
  exhaustMap,
  from,
  type MonoTypeOperatorFunction,
  merge,
  type Observable,
  type ObservableInput,
  type SchedulerLike,
  tap,
  throwError,
  timer,
} from 'rxjs';
import type { MountedVolume } from '../../services/devices/ports.ts';
import { latestMap } from './latest-map.ts';
import type { Listing } from './mount-table.ts';
import { isReadOnly, type Mount } from './mountinfo.ts';

/**
 * The kernel announces changes of mountinfo by POLLPRI, which Node cannot wait for, and inotify does not see /proc:
 * so it is read again and again. One read of 40 mounts costs 0.1 ms.
 */
export const POLL_MS = 500;
/** A reader with four slots mounts four volumes in a row: one listing for all. */
export const QUIET_MS = 300;
/** A storm that never ends is still reported this often. */
export const LONGEST_QUIET_MS = 2_000;
/** /proc may fail for a moment when file descriptors run out; for longer, nothing would be seen any more. */
export const MAX_FAILURES = 10;

export interface WatchParts {
  readonly list: () => ObservableInput<Listing>;
  readonly describe: (listing: Listing) => ObservableInput<readonly MountedVolume[]>;
  /** A hint that something may have changed: look now instead of at the next poll. */
  readonly rescan$: Observable<void>;
  readonly scheduler?: SchedulerLike;
}

/**
 * The attached volumes: at once, and again after each change, once it is quiet. Errors only after `MAX_FAILURES`
 * failed reads in a row. Every subscriber polls for itself.
 */
export function watchVolumes(parts: WatchParts): Observable<readonly MountedVolume[]> {
  const { list, describe, rescan$, scheduler = asyncScheduler } = parts;
  return defer(() => {
    let failures = 0;
    const read = () =>
      defer(() => from(list())).pipe(
        tap(() => {
          failures = 0;
        }),
        catchError((error: unknown) => {
          failures += 1;
          return failures < MAX_FAILURES ? EMPTY : throwError(() => error);
        }),
      );
    const hints$ = rescan$.pipe(catchError(() => EMPTY));
    return merge(timer(0, POLL_MS, scheduler), hints$).pipe(
      // What arrives while one read is under way is answered by the next poll.
      exhaustMap(read),
      distinctUntilChanged((one, other) => keyOf(one) === keyOf(other)),
      settle(scheduler),
      latestMap((listing) => describe(listing)),
    );
  });
}

/** The first value at once, later ones when `QUIET_MS` passed without another, or `LONGEST_QUIET_MS` in all. */
function settle<Value>(scheduler: SchedulerLike): MonoTypeOperatorFunction<Value> {
  return (source) =>
    defer(() => {
      let quietMs = 0;
      let endsAt: number | null = null;
      return source.pipe(
        debounce(() => {
          const now = scheduler.now();
          endsAt ??= now + LONGEST_QUIET_MS;
          return timer(Math.max(0, Math.min(quietMs, endsAt - now)), scheduler);
        }),
        tap(() => {
          quietMs = QUIET_MS;
          endsAt = null;
        }),
      );
    });
}

const keyOf = (listing: Listing): string => JSON.stringify(listing.live.map(identity));

/** All that makes a difference to a volume; other options may change without anybody noticing. */
const identity = (mount: Mount): readonly unknown[] => [
  mount.mountId,
  mount.device,
  mount.source,
  mount.mountPoint,
  mount.fsType,
  isReadOnly(mount),
];
