import type { Observable } from 'rxjs';
import { ButtonEdges } from '../../services/board/button-edges.ts';
import { KeptChild } from '../../services/board/kept-child.ts';
import type { ButtonEdge } from '../../services/ports.ts';
import { readEdge, watchCommand } from './commands.ts';
import type { GpioParts } from './gpio-leds.ts';

/** A line of gpiomon is at most `falling` and a time; what is longer is not from it. */
const MAX_LINE = 64;

export interface ButtonReader {
  readonly edge$: Observable<ButtonEdge>;
  start(): void;
  /** Safe twice and before `start`. */
  stop(): Promise<void>;
}

/** A button on a plain line, with the pull resistor against its active level. */
export function createGpioButton(parts: GpioParts, line: number): ButtonReader {
  const { chips, lines, clock } = parts;
  const edges = new ButtonEdges(clock);
  let rest = '';
  const child = new KeptChild({
    ...parts,
    name: 'button',
    command: async () => {
      const found = await chips.find();
      return typeof found === 'string' ? found : watchCommand(found, line, lines.buttonActiveLow);
    },
    output: (bytes) => {
      const texts = (rest + Buffer.from(bytes).toString('latin1')).split('\n');
      rest = (texts.pop() ?? '').slice(-MAX_LINE);
      for (const text of texts) {
        const edge = readEdge(text.trim());
        if (edge !== null) edges.level(edge.pressed, edge.atMs);
      }
    },
    down: () => {
      rest = '';
      chips.forget();
      edges.lost();
    },
  });
  return {
    edge$: edges.edge$,
    start: () => child.renew(),
    async stop() {
      edges.end();
      await child.stop();
    },
  };
}
