import colors from 'picocolors';
import { Subject } from 'rxjs';
import type { Light, ThreeLeds } from '../../machines/signals.ts';
import { threeLeds } from '../../machines/signals.ts';
import { type LedColor, LedRenderer } from '../../services/lights/renderer.ts';
import type { Board, ButtonEdge, Clock } from '../../services/ports.ts';
import { LiveLine, type Terminal } from './live-line.ts';
import { StatusFile } from './status-file.ts';

export interface SimBoardOptions {
  /** See `BoardStatus`; its folder must exist. */
  readonly statusFile: string;
  /** Gets one live line if it is a terminal, else nothing. */
  readonly out?: Terminal;
  /** Default: as the environment says (`NO_COLOR`, `FORCE_COLOR`). */
  readonly inColor?: boolean;
  readonly clock: Clock;
  /** Told once when the file, or the terminal, cannot be written; the daemon goes on. */
  readonly warn: (text: string) => void;
}

export interface SimBoard extends Board {
  /** Pressing a pressed button, or releasing a released one, does nothing: fingers cannot do it either. */
  press(): void;
  release(): void;
  /** Writes a line above the live one; nothing where there is no terminal. */
  print(line: string): void;
}

const OFF: Light = { signal: 'off', code: null, activity: null };

/** Three LEDs in a file and on a terminal, and a button without a finger. Does nothing before the first `show`. */
export function createSimBoard(options: SimBoardOptions): SimBoard {
  const file = new StatusFile(options.statusFile, options.warn);
  const live = new LiveLine(options.out, options.inColor ?? colors.isColorSupported, options.warn);
  const button$ = new Subject<ButtonEdge>();
  const lit: Record<LedColor, boolean> = { red: false, amber: false, green: false };
  let light = OFF;
  let leds = threeLeds(OFF);
  let pressed = false;
  let stopped = false;

  const publish = () => {
    file.show({ signal: light.signal, code: light.code, leds, lit: { ...lit }, pid: process.pid });
    live.show(light.signal, lit);
  };
  const renderer = new LedRenderer(
    {
      set: (color, on) => {
        if (stopped) return;
        lit[color] = on;
        publish();
      },
    },
    options.clock,
  );
  const move = (edge: ButtonEdge) => {
    if (pressed === (edge === 'pressed')) return;
    pressed = edge === 'pressed';
    button$.next(edge);
  };
  const show = (next: Light, patterns: ThreeLeds) => {
    if (stopped) return;
    light = next;
    leds = patterns;
    renderer.show(patterns);
    publish();
  };

  return {
    leds: {
      show,
      async stop(last = 'dark') {
        // The file outlives the daemon: it must not go on naming a light that nobody stands for any more.
        if (last === 'dark') show(OFF, threeLeds(OFF));
        stopped = true;
        renderer.stop();
        live.end();
        button$.complete();
        await file.settled();
      },
    },
    button$,
    press: () => move('pressed'),
    release: () => move('released'),
    print: (line) => live.print(line),
  };
}
