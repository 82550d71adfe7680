import type { Config } from '../config/schema.ts';

/** Kernel LEDs by name: three, or one for all. */
export type BoardLeds = Config['leds'];

/** Who asks for a board. */
export interface BoardAsked {
  readonly board: Config['board'];
  readonly leds: Config['leds'];
  /** True when somebody wrote `pins` down: only then plain lines are touched without the word `gpio`. */
  readonly pinsWritten: boolean;
  readonly service: boolean;
  /** Somebody watches. */
  readonly terminal: boolean;
}

interface Chip {
  readonly label: string;
  /** BCM number → offset on the chip. */
  readonly offset: (line: number) => number;
}

/** What the machine has. */
export interface BoardFound {
  /** Kernel LEDs that our overlays made; null when the green one is missing, for it alone says what counts. */
  readonly ours: BoardLeds | null;
  /** The Pi's own LED. */
  readonly own: string | null;
  /** Of the configured kernel LEDs. */
  readonly missing: readonly string[];
  /** The chip that has the lines, or why there is none. */
  readonly chip: Chip | { readonly none: string };
}

/** Without asking the machine anything. */
export const NOTHING_FOUND: BoardFound = {
  ours: null,
  own: null,
  missing: [],
  chip: { none: 'not looked for' },
};

export type BoardChoice =
  | { readonly kind: 'sim'; readonly why: string }
  | { readonly kind: 'none'; readonly why: string }
  | { readonly kind: 'leds'; readonly leds: BoardLeds; readonly why: string }
  | { readonly kind: 'gpio'; readonly chip: Chip; readonly why: string }
  /** What was asked for is not there. */
  | { readonly kind: 'missing'; readonly why: string; readonly fix: string };

const OVERLAY =
  'add the lines of our device tree overlay to /boot/firmware/config.txt and start the machine again';

/** The simulated board and none need no look at the machine, which costs a few processes. */
export function needsMachine({ board, service }: BoardAsked): boolean {
  return board === 'leds' || board === 'gpio' || (board === 'auto' && service);
}

/** Which board, and why: the same answer for the daemon, its log and `doctor`. */
export function chooseBoard(asked: BoardAsked, found: BoardFound): BoardChoice {
  switch (asked.board) {
    case 'sim':
    case 'none':
      return { kind: asked.board, why: 'as configured' };
    case 'leds':
      return kernelLeds(asked, found);
    case 'gpio':
      return plainLines(found, 'as configured');
    case 'auto':
      return automatic(asked, found);
  }
}

function automatic(asked: BoardAsked, found: BoardFound): BoardChoice {
  if (!asked.service) {
    return asked.terminal
      ? { kind: 'sim', why: 'in a terminal' }
      : { kind: 'none', why: 'neither a terminal nor the service' };
  }
  if (isNamed(asked.leds) && found.missing.length === 0) return kernelLeds(asked, found);
  if (found.ours !== null) return { kind: 'leds', leds: found.ours, why: 'kernel LEDs imagetank:*' };
  if (asked.pinsWritten && 'label' in found.chip) return plainLines(found, 'pins are configured');
  if (found.own !== null) {
    return { kind: 'leds', leds: { one: found.own }, why: `no other lights: the Pi's own LED ${found.own}` };
  }
  const chip = asked.pinsWritten && 'none' in found.chip ? `, ${found.chip.none}` : '';
  return { kind: 'none', why: `no LED was found${chip}` };
}

function kernelLeds({ leds }: BoardAsked, { ours, own, missing }: BoardFound): BoardChoice {
  if (isNamed(leds)) {
    return missing.length === 0
      ? { kind: 'leds', leds, why: 'as configured' }
      : {
          kind: 'missing',
          why: `no LED ${missing.join(', ')} in /sys/class/leds`,
          fix: 'see: ls /sys/class/leds',
        };
  }
  if (ours !== null) return { kind: 'leds', leds: ours, why: 'kernel LEDs imagetank:*' };
  if (own !== null) return { kind: 'leds', leds: { one: own }, why: `the Pi's own LED ${own}` };
  return { kind: 'missing', why: 'no LED in /sys/class/leds is known', fix: OVERLAY };
}

function plainLines({ chip }: BoardFound, why: string): BoardChoice {
  if ('label' in chip) return { kind: 'gpio', chip, why: `${why}, chip ${chip.label}` };
  const fix = 'sudo apt install gpiod, and let this user open /dev/gpiochip* (group gpio)';
  return { kind: 'missing', why: chip.none, fix };
}

function isNamed(leds: BoardLeds): boolean {
  return Object.keys(leds).length > 0;
}
