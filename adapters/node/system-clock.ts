import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { Clock } from '../../services/ports.ts';

export interface SystemClockOptions {
  /** Default `/proc/sys/kernel/random/boot_id`: one UUID a boot. */
  readonly bootIdPath?: string;
  /**
   * Default `/run/systemd/timesync/synchronized`, which systemd-timesyncd makes at its first synchronisation since boot
   * (systemd-time-wait-sync.service(8)); `/run` is empty after a boot.
   */
  readonly syncedPath?: string;
}

/** Node takes a longer delay for 1 ms. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * The kernel's clocks. Wall time counts as `synced` only where systemd-timesyncd says so, which is the time service of
 * Raspberry Pi OS: asking the kernel (adjtimex) needs native code. Under another time service it stays `unsynced`, which
 * claims less than is true and never more. `monoMs` is CLOCK_MONOTONIC.
 */
export function createSystemClock(options: SystemClockOptions = {}): Clock {
  const {
    bootIdPath = '/proc/sys/kernel/random/boot_id',
    syncedPath = '/run/systemd/timesync/synchronized',
  } = options;
  const bootId = readBootId(bootIdPath);
  let synced = false;

  const isSynced = (): boolean => {
    // A clock that was set once this boot stays good enough; asking again for each fact would be a system call each.
    synced ||= existsSync(syncedPath);
    return synced;
  };

  return {
    stamp: () => ({
      at: new Date().toISOString(),
      clock: isSynced() ? 'synced' : 'unsynced',
      monoMs: monoMs(),
      bootId,
    }),
    monoMs,
    setTimer,
  };
}

function monoMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Node's timers may fire up to a millisecond early and cannot wait 25 days: both are armed again until the time is up. */
function setTimer(delayMs: number, run: () => void): () => void {
  const dueMs = monoMs() + delayMs;
  const arm = (waitMs: number): NodeJS.Timeout =>
    setTimeout(elapsed, Math.min(Math.ceil(waitMs), MAX_TIMEOUT_MS));
  const elapsed = (): void => {
    const leftMs = dueMs - monoMs();
    if (leftMs > 0) timer = arm(leftMs);
    else run();
  };
  let timer = arm(delayMs);
  return () => clearTimeout(timer);
}

/** Without one (a container without /proc) each start counts as a boot: durations are then never taken across starts. */
function readBootId(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim() || randomUUID();
  } catch {
    return randomUUID();
  }
}
