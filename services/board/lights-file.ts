import type { BoardChoice } from './choice.ts';
import type { BoardLines } from './lines.ts';

/** In the state folder: it must be there when the daemon is not, and when the configuration cannot be read. */
export const LIGHTS_FILE = 'lights';

/**
 * What `imagetank-lights` needs to know of the board, which runs as root when the daemon has failed and when the machine
 * goes down: `key=value` lines that it reads word by word and never executes. Without the file it takes our overlays'
 * LEDs, else the Pi's own.
 */
export function lightsFile(choice: BoardChoice, lines: BoardLines): string {
  const rows: (readonly [string, string | number | undefined])[] = [['board', choice.kind]];
  if (choice.kind === 'leds') rows.push(...Object.entries(choice.leds));
  if (choice.kind === 'gpio') {
    const { label, offset } = choice.chip;
    rows.push(['chip', label], ['active_low', lines.activeLow ? 1 : 0]);
    for (const name of ['red', 'amber', 'green', 'buzzer'] as const) {
      const line = lines[name];
      if (line !== null) rows.push([`${name}_line`, offset(line)]);
    }
  }
  return rows.flatMap(([key, value]) => (value === undefined ? [] : `${key}=${value}\n`)).join('');
}
