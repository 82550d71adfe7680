/** Which lights and button the daemon uses. */
import { join } from 'node:path';
import { createNoBoard } from '../adapters/board-none/no-board.ts';
import { createSimBoard, type SimBoard } from '../adapters/board-sim/sim-board.ts';
import type { Board, Clock } from '../services/ports.ts';
import type { RunOptions } from './options.ts';

export interface BoardOptions {
  readonly kind: RunOptions['board'];
  /** The simulated board's last light is kept there for scripts. */
  readonly stateDir: string;
  readonly clock: Clock;
  /** A terminal that shows the simulated board; null when nobody looks. */
  readonly out: NodeJS.WriteStream | null;
  readonly warn: (text: string) => void;
}

export interface ChosenBoard {
  readonly board: Board;
  /** The simulated one, with a finger on its button; null for any other. */
  readonly sim: SimBoard | null;
}

export function createBoard({ kind, stateDir, clock, out, warn }: BoardOptions): ChosenBoard {
  if (kind === 'none') return { board: createNoBoard(), sim: null };
  const sim = createSimBoard({
    statusFile: join(stateDir, 'board.json'),
    clock,
    warn,
    ...(out === null ? {} : { out }),
  });
  return { board: sim, sim };
}
