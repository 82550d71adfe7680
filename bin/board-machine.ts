import { readFile } from 'node:fs/promises';
import { ChipFinder } from '../adapters/gpiod/find-chip.ts';
import { findLeds, missingLeds } from '../adapters/leds/find-leds.ts';
import { type LedFiles, ledFiles } from '../adapters/leds/led-files.ts';
import { type Children, children } from '../adapters/node/children.ts';
import type { BoardFound } from '../services/board/choice.ts';
import { type BoardLines, boardLines } from '../services/board/lines.ts';
import type { Config } from '../services/config/schema.ts';

/** What a board is made of; tests hand in another machine. */
export interface BoardMachine {
  readonly files: LedFiles;
  readonly children: Children;
  /** Text of `/proc/bus/input/devices`. */
  readonly inputDevices: () => Promise<string>;
  readonly arch: string;
}

export function thisMachine(): BoardMachine {
  return {
    files: ledFiles(),
    children: children(),
    inputDevices: () => readFile('/proc/bus/input/devices', 'utf8'),
    arch: process.arch,
  };
}

export async function findBoard(
  { files, children: { run } }: BoardMachine,
  config: Config,
): Promise<BoardFound> {
  const chip = await new ChipFinder(run, lineNumbers(boardLines(config.pins))).find();
  return {
    ...(await findLeds(files)),
    missing: await missingLeds(files, config.leds),
    chip: typeof chip === 'string' ? { none: chip } : chip,
  };
}

/** All lines that are driven or watched. */
export function lineNumbers({ red, amber, green, button, buzzer }: BoardLines): readonly number[] {
  return [red, amber, green, button, buzzer].filter((line) => typeof line === 'number');
}
