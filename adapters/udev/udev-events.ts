import {
  asyncScheduler,
  catchError,
  concatMap,
  defer,
  EMPTY,
  type Observable,
  retry,
  type SchedulerLike,
  timer,
} from 'rxjs';
import type { BlockEvent } from '../../services/devices/ports.ts';
import { MonitorParser } from './monitor-parser.ts';
import { MonitorEnded, outputOf } from './monitor-process.ts';

/** udevadm flushes after each line by itself, into a pipe too (systemd 252): no `stdbuf` is needed. */
const MONITOR = ['monitor', '--kernel', '--udev', '--subsystem-match=block', '--property'] as const;

/** After a first death; doubled with each further one in a row. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** An upgrade of udev may end it once or twice. */
const DEATHS_TO_REPORT = 3;

export interface UdevParts {
  /** Called once when there are no events and will be none soon; polling goes on without them. */
  readonly onUnavailable: (reason: string) => void;
  /** Text of the monitor; errors when it ends. For tests. */
  readonly output$?: Observable<string>;
  readonly scheduler?: SchedulerLike;
}

/**
 * What the kernel and udev say about block devices from now on, by one `udevadm monitor` for each subscriber, which is
 * started again when it dies. Never errors; completes where there is no udevadm.
 */
export function udevEvents(parts: UdevParts): Observable<BlockEvent> {
  const { onUnavailable, scheduler = asyncScheduler } = parts;
  const output$ = parts.output$ ?? outputOf('udevadm', MONITOR, scheduler);
  return defer(() => {
    let isReported = false;
    const report = (error: unknown) => {
      if (!isReported) onUnavailable(error instanceof Error ? error.message : String(error));
      isReported = true;
    };
    const pauseAfter = (error: unknown, deaths: number) => {
      if (isMissing(error)) throw error;
      if (deaths >= DEATHS_TO_REPORT) report(error);
      const pauseMs = FIRST_PAUSE_MS * 2 ** Math.min(deaths - 1, 16);
      return timer(Math.min(pauseMs, LONGEST_PAUSE_MS), scheduler);
    };
    return defer(() => {
      const parser = new MonitorParser();
      return output$.pipe(concatMap((piece) => parser.push(piece)));
    }).pipe(
      retry({ delay: pauseAfter, resetOnSuccess: true }),
      catchError((error: unknown) => {
        report(error);
        return EMPTY;
      }),
    );
  });
}

const isMissing = (error: unknown): boolean =>
  error instanceof MonitorEnded && (error.code === 'ENOENT' || error.code === 'EACCES');
