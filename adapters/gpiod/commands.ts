/**
 * The command lines of libgpiod's tools, versions 1.6 (Debian 12) and 2.2 (Debian 13). A line keeps its level only while
 * the process that asked for it lives.
 */
import type { LedPattern } from '../../machines/signals.ts';
import type { Command } from '../../services/board/ports.ts';
import { rhythmOf } from '../../services/lights/pattern.ts';
import type { GpioChip } from './find-chip.ts';

/**
 * Version 1 cannot blink: one process an edge. A shell starts them, because a shell forks in a fraction of the time that
 * the daemon needs, and goes on in rhythm when the daemon is busy. Arguments: chip, offset, option or nothing, then
 * `level:seconds:microseconds` for each stretch. An edge that fails ends it, and it is started again with a pause.
 */
const BLINK = [
  'chip=$1 line=$2 low=$3',
  'shift 3',
  'while :; do for step do IFS=: read -r level sec usec <<END',
  '$step',
  'END',
  'gpioset $low --mode=time --sec="$sec" --usec="$usec" "$chip" "$line=$level" || exit 1',
  'done; done',
].join('\n');

/** Shows a pattern on one line until it is killed. */
export function showCommand(chip: GpioChip, line: number, activeLow: boolean, pattern: LedPattern): Command {
  const { segments } = rhythmOf(pattern);
  const offset = chip.offset(line);
  const [first] = segments;
  const level = first?.lit === true ? 1 : 0;
  if (chip.version === 2) {
    // `--toggle` turns the level over after each period; patterns have as many lit stretches as dark ones.
    const periods = segments.map(({ lengthMs }) => `${lengthMs}ms`).join(',');
    const blink = segments.length > 1 ? ['--toggle', periods] : [];
    return ['gpioset', '-c', chip.name, ...low(activeLow), ...blink, `${offset}=${level}`];
  }
  if (segments.length < 2) {
    return ['gpioset', ...low(activeLow), '--mode=signal', chip.name, `${offset}=${level}`];
  }
  const steps = segments.map(({ lit, lengthMs }) => {
    return `${lit ? 1 : 0}:${Math.floor(lengthMs / 1000)}:${(lengthMs % 1000) * 1000}`;
  });
  const option = low(activeLow)[0] ?? '';
  return ['sh', '-c', BLINK, 'sh', chip.name, String(offset), option, ...steps];
}

/** Sets levels and ends. What they are afterwards is the driver's choice: on a Pi an input, or as they were. */
export function setCommand(
  chip: GpioChip,
  activeLow: boolean,
  levels: readonly (readonly [line: number, level: 0 | 1])[],
): Command {
  const values = levels.map(([line, level]) => `${chip.offset(line)}=${level}`);
  return chip.version === 2
    ? ['gpioset', '-c', chip.name, ...low(activeLow), '--toggle', '0', ...values]
    : ['gpioset', ...low(activeLow), '--mode=exit', chip.name, ...values];
}

/** Prints a line for each edge: see `readEdge`. */
export function watchCommand(chip: GpioChip, line: number, activeLow: boolean): Command {
  const offset = String(chip.offset(line));
  const bias = activeLow ? 'pull-up' : 'pull-down';
  // Version 2 flushes after each event; version 1 only when it is told to.
  return chip.version === 2
    ? [
        'gpiomon',
        '-c',
        chip.name,
        ...low(activeLow),
        '--bias',
        bias,
        '--edges',
        'both',
        '--format',
        '%E %S',
        offset,
      ]
    : [
        'gpiomon',
        ...low(activeLow),
        `--bias=${bias}`,
        '--line-buffered',
        '--format=%e %s %n',
        chip.name,
        offset,
      ];
}

/** A square wave on a piezo, until it is killed. Version 1 can only switch it on, which is enough for an active buzzer. */
export function buzzCommand(chip: GpioChip, line: number, activeLow: boolean): Command {
  const offset = chip.offset(line);
  return chip.version === 2
    ? ['gpioset', '-c', chip.name, ...low(activeLow), '--toggle', '250us,250us', `${offset}=1`]
    : ['gpioset', ...low(activeLow), '--mode=signal', chip.name, `${offset}=1`];
}

/** Active is pressed. The time is the kernel's own, since it began. */
export interface Edge {
  readonly pressed: boolean;
  readonly atMs: number;
}

/** `1 12 345` of version 1 (seconds, nanoseconds), `rising 12.000000345` of version 2. Anything else is nothing. */
export function readEdge(text: string): Edge | null {
  const [, first, whole, nanos = '0'] =
    /^(1|0) (\d+) (\d+)$/.exec(text) ?? /^(rising|falling) (\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (first === undefined) return null;
  return {
    pressed: first === '1' || first === 'rising',
    atMs: Number(whole) * 1000 + Number(nanos) / 1_000_000,
  };
}

function low(activeLow: boolean): readonly string[] {
  return activeLow ? ['--active-low'] : [];
}
