/** What differs when systemd started the daemon: whom it talks to, what `poweroff` switches off, which light is left. */
import { createServiceManager } from '../adapters/systemd/notify.ts';
import { createMachinePower, type MachinePower } from '../adapters/systemd/power.ts';
import type { Board, Clock, PowerSwitch, ServiceManager } from '../services/ports.ts';

export interface Service {
  readonly manager: ServiceManager;
  readonly power: PowerSwitch;
  /** The board, with the light that it leaves behind chosen. */
  readonly board: Board;
}

export interface ServiceOptions {
  readonly service: boolean;
  readonly board: Board;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
  readonly machine?: MachinePower;
}

export function createService({ service, board, clock, warn, ...given }: ServiceOptions): Service {
  const machine = given.machine ?? createMachinePower();
  // In the foreground the machine belongs to somebody else: only the daemon ends.
  if (!service)
    return { manager: createServiceManager({ env: {}, pid: 0, clock, warn }), power: NO_POWER, board };
  return {
    manager: createServiceManager({ env: process.env, pid: process.pid, clock, warn }),
    power: machine,
    board: leavingTheRightLight(board, machine),
  };
}

const NO_POWER: PowerSwitch = { end: async () => undefined };

/**
 * While the machine goes down its last light stands until the `system-shutdown` script puts it out: power may not be
 * cut before. Only a light that already says so stands; any other would go on promising what nobody watches.
 */
function leavingTheRightLight(board: Board, machine: MachinePower): Board {
  let shuttingDown = false;
  return {
    button$: board.button$,
    leds: {
      show: (light, leds) => {
        shuttingDown = light.signal === 'shutting-down' || light.signal === 'off';
        board.leds.show(light, leds);
      },
      stop: async (last) =>
        board.leds.stop(last ?? (shuttingDown && (await machine.goingDown()) ? 'standing' : 'dark')),
    },
  };
}
