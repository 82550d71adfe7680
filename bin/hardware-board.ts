import { NEVER } from 'rxjs';
import { createEvdevButton } from '../adapters/evdev/evdev-button.ts';
import { buttonNames, findButton } from '../adapters/evdev/find-button.ts';
import { eventBytes } from '../adapters/evdev/input-events.ts';
import { ChipFinder } from '../adapters/gpiod/find-chip.ts';
import { createGpioButton } from '../adapters/gpiod/gpio-button.ts';
import { createGpioBuzzer } from '../adapters/gpiod/gpio-buzzer.ts';
import { createGpioLeds, type GpioParts } from '../adapters/gpiod/gpio-leds.ts';
import { findLeds } from '../adapters/leds/find-leds.ts';
import { createLedBuzzer } from '../adapters/leds/led-buzzer.ts';
import { createLedDriver } from '../adapters/leds/led-driver.ts';
import { beeping } from '../services/board/beeping.ts';
import type { BoardChoice } from '../services/board/choice.ts';
import { darkByStopOnly } from '../services/board/last-light.ts';
import type { BoardLines } from '../services/board/lines.ts';
import type { Buzzer } from '../services/board/ports.ts';
import type { Config } from '../services/config/schema.ts';
import type { Board, Clock, LedDriver } from '../services/ports.ts';
import { type BoardMachine, lineNumbers } from './board-machine.ts';

export interface HardwareOptions {
  readonly choice: Extract<BoardChoice, { readonly kind: 'leds' | 'gpio' }>;
  readonly pins: Config['pins'];
  readonly lines: BoardLines;
  readonly pinsWritten: boolean;
  readonly service: boolean;
  readonly machine: BoardMachine;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
}

/** Lights, button and buzzer of a real board, each by the technology that is there. */
export async function hardwareBoard(options: HardwareOptions): Promise<Board> {
  const { choice, lines, service, machine, clock, warn } = options;
  const gpio: GpioParts = {
    ...machine.children,
    chips: new ChipFinder(machine.children.run, lineNumbers(lines)),
    lines,
    clock,
    warn,
  };
  const { files } = machine;
  const lights =
    choice.kind === 'gpio'
      ? createGpioLeds(gpio)
      : await createLedDriver({ leds: choice.leds, files, clock, warn });
  const buzzer = await chooseBuzzer(options, gpio);
  const audible = buzzer === null ? lights : beeping(lights, buzzer);
  return withButton(service ? darkByStopOnly(audible) : audible, await chooseButton(options, gpio));
}

/** Both button readers fit. */
type ButtonReader = ReturnType<typeof createEvdevButton>;

function withButton(leds: LedDriver, button: ButtonReader | null): Board {
  button?.start();
  return {
    leds: {
      show: (light, patterns) => leds.show(light, patterns),
      async stop(last) {
        await Promise.all([leds.stop(last), button?.stop()]);
      },
    },
    button$: button?.edge$ ?? NEVER,
  };
}

/** An input device is better than a line: the kernel watches it. Lines are watched only where they may be touched. */
async function chooseButton(options: HardwareOptions, gpio: GpioParts): Promise<ButtonReader | null> {
  const { choice, pinsWritten, machine, clock, warn, lines } = options;
  const { button } = lines;
  const names = buttonNames(button);
  const found = findButton(await machine.inputDevices().catch(() => ''), names) !== null;
  if (found || typeof button === 'string') {
    return createEvdevButton({
      names,
      devices: machine.inputDevices,
      size: eventBytes(machine.arch),
      start: machine.children.start,
      clock,
      warn,
    });
  }
  return button !== null && (choice.kind === 'gpio' || pinsWritten) ? createGpioButton(gpio, button) : null;
}

async function chooseBuzzer(options: HardwareOptions, gpio: GpioParts): Promise<Buzzer | null> {
  const { choice, pins, lines, machine, clock, warn } = options;
  if (pins.buzzer === false) return null;
  if ((await findLeds(machine.files)).buzzer) return createLedBuzzer(machine.files, clock, warn);
  return choice.kind === 'gpio' && lines.buzzer !== null ? createGpioBuzzer(gpio, lines.buzzer) : null;
}
