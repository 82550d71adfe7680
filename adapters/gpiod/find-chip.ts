import type { Command, RunTool } from '../../services/board/ports.ts';

/** Drivers of the 40-pin header: Pi 5, Pi 4, all before (`gpiodetect` on those machines). */
const PI_LABELS: readonly string[] = ['pinctrl-rp1', 'pinctrl-bcm2711', 'pinctrl-bcm2835'];
/** A chip's name becomes an argument. */
const CHIP = /^(gpiochip\d{1,3}) \[([^\]]*)\]/;

interface GpioTools {
  /** Of the installed libgpiod. */
  readonly version: 1 | 2;
}

/** A chip, and where its lines are: by number where the chip is a Pi's, else by their names. */
export interface GpioChip extends GpioTools {
  /** `gpiochip0`: changes between boots, never to be kept. */
  readonly name: string;
  readonly label: string;
  /** BCM number → offset on the chip. */
  readonly offset: (line: number) => number;
}

/**
 * The chip that has these BCM lines: the one with a Pi's label, whose offsets are the BCM numbers, else the first with
 * lines named `GPIO17` and so on. A string says why there is none.
 */
async function findChip(run: RunTool, lines: readonly number[]): Promise<GpioChip | string> {
  const version = /v(\d+)\./.exec((await run(['gpiodetect', '--version'])) ?? '')?.[1];
  if (version !== '1' && version !== '2') return 'the tools of libgpiod 1 or 2 are not installed';
  const tools: GpioTools = { version: version === '1' ? 1 : 2 };
  const listed = (await run(['gpiodetect'])) ?? '';
  const chips = listed.split('\n').flatMap((line) => {
    const [, name, label] = CHIP.exec(line) ?? [];
    return name === undefined || label === undefined ? [] : [{ name, label }];
  });
  if (chips.length === 0) return 'no GPIO chip can be opened (/dev/gpiochip*)';
  const pi = PI_LABELS.flatMap((label) => chips.filter((chip) => chip.label === label))[0];
  if (pi !== undefined) return { ...tools, ...pi, offset: (line) => line };
  for (const chip of chips) {
    const offsets = readOffsets((await run(infoCommand(tools, chip.name))) ?? '');
    if (lines.some((line) => !offsets.has(line))) continue;
    return { ...tools, ...chip, offset: (line) => offsets.get(line) ?? line };
  }
  return `no GPIO chip has the lines ${lines.map((line) => `GPIO${line}`).join(', ')}`;
}

function infoCommand({ version }: GpioTools, chip: string): Command {
  return version === 1 ? ['gpioinfo', chip] : ['gpioinfo', '-c', chip];
}

/** Both versions print `line   4:  "GPIO4"  …`; names that were given twice are no names. */
function readOffsets(info: string): ReadonlyMap<number, number> {
  const offsets = new Map<number, number>();
  const twice = new Set<number>();
  for (const [, offset, line] of info.matchAll(/^\s*line\s+(\d+):\s+"GPIO(\d+)"/gm)) {
    if (offsets.has(Number(line))) twice.add(Number(line));
    offsets.set(Number(line), Number(offset));
  }
  for (const line of twice) offsets.delete(line);
  return offsets;
}

/** Remembers the chip, so that a change of light costs no search, until a tool fails with it. */
export class ChipFinder {
  readonly #run: RunTool;
  readonly #lines: readonly number[];
  #found: GpioChip | null = null;

  constructor(run: RunTool, lines: readonly number[]) {
    this.#run = run;
    this.#lines = lines;
  }

  async find(): Promise<GpioChip | string> {
    if (this.#found !== null) return this.#found;
    const chip = await findChip(this.#run, this.#lines);
    if (typeof chip !== 'string') this.#found = chip;
    return chip;
  }

  forget(): void {
    this.#found = null;
  }
}
