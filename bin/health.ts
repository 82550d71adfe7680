import { createMachineHealth } from '../adapters/health/machine-health.ts';
import { contextOf } from '../machines/decide.ts';
import type { Drive } from '../machines/media.ts';
import { HealthMonitor } from '../services/health/monitor.ts';
import type { AskedDisk, HealthSource } from '../services/health/ports.ts';
import type { Clock } from '../services/ports.ts';
import type { Runtime } from '../services/runtime/runtime.ts';

interface Watched {
  readonly runtime: () => Runtime;
  readonly clock: Clock;
  readonly stateDir: string;
  readonly warn: (text: string) => void;
  /** Stands in for the machine itself. */
  readonly source: HealthSource | undefined;
}

/** The machine that this runs on, watched; `stop` ends what still runs for it. */
export function watchMachine({ runtime, clock, stateDir, warn, source }: Watched) {
  const machine = source ?? createMachineHealth({ stateDir, onUnavailable: warn });
  const drives = () => contextOf(runtime().state).drives.flatMap(askedDisk);
  return { monitor: new HealthMonitor({ source: machine, clock, drives }), stop: () => machine.stop() };
}

/** A folder has no disk of its own to ask. */
function askedDisk({ label, hardware }: Drive): readonly AskedDisk[] {
  return hardware === null ? [] : [{ subject: `${label} (${hardware.node})`, node: hardware.node }];
}
