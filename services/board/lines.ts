import type { Config } from '../config/schema.ts';

/** BCM numbers, or names of input devices; null where there is nothing. */
export interface BoardLines {
  readonly red: number | null;
  readonly amber: number | null;
  readonly green: number | null;
  readonly button: number | string | null;
  readonly buzzer: number | null;
  /** LEDs and buzzer are lit by a low level. */
  readonly activeLow: boolean;
  /** The button pulls its line low. */
  readonly buttonActiveLow: boolean;
}

/** Lines of the Pibrella. */
const PIBRELLA = { red: 27, amber: 17, green: 4, button: 11, buzzer: 18 } as const;
const NAMES = ['red', 'amber', 'green', 'button', 'buzzer'] as const;

/**
 * Without any line in it (empty, `{active_low = true}`, `{buzzer = false}`) a table means the Pibrella. With one it is
 * another board, and only what it names is touched: nobody knows what else is wired there.
 */
export function boardLines(pins: Config['pins']): BoardLines {
  const other = NAMES.some((name) => pins[name] !== undefined && pins[name] !== false);
  const line = <Written extends number | string>(written: Written | false | undefined, pibrella: number) => {
    if (written === false) return null;
    return written ?? (other ? null : pibrella);
  };
  return {
    red: line(pins.red, PIBRELLA.red),
    amber: line(pins.amber, PIBRELLA.amber),
    green: line(pins.green, PIBRELLA.green),
    button: line(pins.button, PIBRELLA.button),
    buzzer: line(pins.buzzer, PIBRELLA.buzzer),
    activeLow: pins.active_low ?? false,
    buttonActiveLow: pins.button_active_low ?? false,
  };
}
