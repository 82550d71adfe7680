import type { Clock, ServiceManager } from './ports.ts';

/** Records of the journal that are in the read models already, of so many. */
export interface MakingProgress {
  readonly done: number;
  readonly records: number;
}

export interface MakingParts {
  /** Each is one transaction of bounded length. */
  readonly steps: Iterable<MakingProgress>;
  readonly clock: Pick<Clock, 'setTimer' | 'monoMs'>;
  readonly manager: Pick<ServiceManager, 'status' | 'starting'>;
  /** One line of the program's log. */
  readonly info: (text: string) => void;
  readonly isEnding: () => boolean;
}

/** A start that goes on is granted a minute with each word (`ServiceManager.starting`). */
const TELL_EVERY_MS = 10_000;
const LOG_EVERY_PERCENT = 10;

/**
 * Makes the read models before anything else is done, and lets lights, signals and the service manager have their turn after
 * each step. Resolves when they are whole, or with false when the program is to end: the next start goes on.
 */
export async function makeModels({ steps, clock, manager, info, isEnding }: MakingParts): Promise<boolean> {
  let toldAtMs = Number.NEGATIVE_INFINITY;
  let logged = -1;
  for (const progress of steps) {
    const percent = percentOf(progress);
    const line = `listing the library anew for this version: ${percent} %`;
    if (clock.monoMs() - toldAtMs >= TELL_EVERY_MS) {
      toldAtMs = clock.monoMs();
      manager.starting();
      manager.status(line);
    }
    const tenth = Math.floor(percent / LOG_EVERY_PERCENT);
    if (tenth > logged) info(line);
    logged = Math.max(logged, tenth);
    await new Promise<void>((resolve) => clock.setTimer(0, resolve));
    if (isEnding()) return false;
  }
  return true;
}

const percentOf = ({ done, records }: MakingProgress): number =>
  records === 0 ? 100 : Math.floor((100 * done) / records);
