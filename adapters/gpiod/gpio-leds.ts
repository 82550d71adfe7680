import type { LedPattern } from '../../machines/signals.ts';
import { KeptChild } from '../../services/board/kept-child.ts';
import type { BoardLines } from '../../services/board/lines.ts';
import type { RunTool, StartChild } from '../../services/board/ports.ts';
import { LED_COLORS } from '../../services/lights/renderer.ts';
import type { Clock, LedDriver } from '../../services/ports.ts';
import { setCommand, showCommand } from './commands.ts';
import type { ChipFinder } from './find-chip.ts';

export interface GpioParts {
  readonly chips: ChipFinder;
  readonly lines: BoardLines;
  readonly start: StartChild;
  readonly run: RunTool;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
}

/**
 * LEDs on plain lines: a process for each holds its line and blinks by itself, so that a busy daemon does not disturb
 * the rhythm and an idle one costs nothing. A change ends the process, which takes the light away in the same call, and
 * starts the next one when the line is free.
 */
export function createGpioLeds(parts: GpioParts): LedDriver {
  const { lines } = parts;
  const lights = LED_COLORS.flatMap((color) => {
    const line = lines[color];
    return line === null ? [] : [{ color, line, light: new LineLight(parts, `${color} light`, line) }];
  });
  let stopped = false;
  let red: LedPattern = 'off';

  const end = async (last: 'dark' | 'standing') => {
    const used = !stopped && lights.some(({ light }) => light.used);
    stopped = true;
    await Promise.all(lights.map(({ light }) => light.stop()));
    const chip = used ? await parts.chips.find() : '';
    if (typeof chip === 'string') return;
    // Nobody holds the lines from here on: what promises something must not be what they keep.
    const levels = lights.map(({ color, line }) => {
      return [line, last === 'standing' && color === 'red' && red !== 'off' ? 1 : 0] as const;
    });
    await parts.run(setCommand(chip, lines.activeLow, levels));
  };

  return {
    show(_light, patterns) {
      if (stopped) return;
      red = patterns.red;
      for (const { color, light } of lights) light.show(patterns[color]);
    },
    stop: (last = 'dark') => end(last),
  };
}

class LineLight {
  readonly #child: KeptChild;
  #pattern: LedPattern | null = null;

  constructor({ chips, lines, ...parts }: GpioParts, name: string, line: number) {
    this.#child = new KeptChild({
      ...parts,
      name,
      command: async () => {
        const found = await chips.find();
        return typeof found === 'string'
          ? found
          : showCommand(found, line, lines.activeLow, this.#pattern ?? 'off');
      },
      down: () => chips.forget(),
    });
  }

  get used(): boolean {
    return this.#pattern !== null;
  }

  show(pattern: LedPattern): void {
    if (pattern === this.#pattern) return;
    this.#pattern = pattern;
    this.#child.renew();
  }

  stop(): Promise<void> {
    return this.#child.stop();
  }
}
