/** Which lights and button the daemon uses. */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createNoBoard } from '../adapters/board-none/no-board.ts';
import { createSimBoard, type SimBoard } from '../adapters/board-sim/sim-board.ts';
import { type BoardChoice, chooseBoard, NOTHING_FOUND, needsMachine } from '../services/board/choice.ts';
import { LIGHTS_FILE, lightsFile } from '../services/board/lights-file.ts';
import { boardLines } from '../services/board/lines.ts';
import type { LoadedConfig } from '../services/config/layers.ts';
import { messageOf, UserError } from '../services/errors.ts';
import type { Board, Clock } from '../services/ports.ts';
import { type BoardMachine, findBoard, thisMachine } from './board-machine.ts';
import { hardwareBoard } from './hardware-board.ts';

export interface BoardOptions {
  readonly loaded: LoadedConfig;
  /** Started by systemd. */
  readonly service: boolean;
  /** Somebody watches. */
  readonly terminal: boolean;
  /** Keeps the simulated board's last light for scripts, and what `imagetank-lights` needs to know. */
  readonly stateDir: string;
  readonly clock: Clock;
  /** A terminal that shows the simulated board; null when nobody looks. */
  readonly out: NodeJS.WriteStream | null;
  readonly warn: (text: string) => void;
  /** Default: this one. */
  readonly machine?: BoardMachine;
}

export interface ChosenBoard {
  readonly board: Board;
  /** The simulated one, with a finger on its button; null for any other. */
  readonly sim: SimBoard | null;
  readonly kind: Exclude<BoardChoice['kind'], 'missing'>;
  /** Which and why, for the log. */
  readonly words: string;
}

type Asking = Pick<BoardOptions, 'loaded' | 'service' | 'terminal'>;

/** The board that a daemon would choose, and why; also for `doctor`. Opens nothing and changes nothing. */
export async function boardChoice(asking: Asking, machine = thisMachine()): Promise<BoardChoice> {
  const { config, sources } = asking.loaded;
  const asked = {
    board: config.board,
    leds: config.leds,
    pinsWritten: sources.pins !== 'default',
    service: asking.service,
    terminal: asking.terminal,
  };
  return chooseBoard(asked, needsMachine(asked) ? await findBoard(machine, config) : NOTHING_FOUND);
}

/** Throws `UserError` 78 when the machine does not have what is configured. */
export async function createBoard(options: BoardOptions): Promise<ChosenBoard> {
  const { loaded, service, stateDir, clock, out, warn } = options;
  const machine = options.machine ?? thisMachine();
  const choice = await boardChoice(options, machine);
  if (choice.kind === 'missing') throw new UserError('no-board', 78, choice.why, choice.fix);
  const lines = boardLines(loaded.config.pins);
  if (service) {
    await writeLights(join(stateDir, LIGHTS_FILE), lightsFile(choice, lines)).catch((error: unknown) => {
      warn(`imagetank-lights will not know the board: ${messageOf(error)}`);
    });
  }
  const words = `${choice.kind} (${choice.why})`;
  const { kind } = choice;
  if (choice.kind === 'none') return { board: createNoBoard(), sim: null, kind, words };
  if (choice.kind === 'sim') {
    const statusFile = join(stateDir, 'board.json');
    const sim = createSimBoard({ statusFile, clock, warn, ...(out === null ? {} : { out }) });
    return { board: sim, sim, kind, words };
  }
  const pinsWritten = loaded.sources.pins !== 'default';
  const board = await hardwareBoard({
    choice,
    lines,
    pinsWritten,
    service,
    machine,
    clock,
    warn,
    pins: loaded.config.pins,
  });
  return { board, sim: null, kind, words };
}

/** Whole or as it was: with half of it, on a full disk, a green light with a name of its own would outlive the daemon. */
async function writeLights(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}
