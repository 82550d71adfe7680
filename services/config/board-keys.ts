/** The configuration keys of lights and button. */
import * as z from 'zod';

/** Lines of a Raspberry Pi's 40-pin header: BCM 0 to 27, on every model since the first. */
const MAX_LINE = 27;
/** Longest name that the kernel gives to an LED (LED_MAX_NAME_SIZE), and long enough for an input device. */
const MAX_NAME = 64;
const LINES = ['red', 'amber', 'green', 'button', 'buzzer'] as const;

const line = z.union([z.number().int().min(0).max(MAX_LINE), z.literal(false)]).optional();
/** A folder of /sys/class/leds: it becomes part of a path. */
const ledName = z
  .string()
  .min(1)
  .max(MAX_NAME)
  .regex(/^[\w:.+-]*$/, 'not a name of an LED')
  .refine((name) => name !== '.' && name !== '..', 'not a name of an LED');
/** Printable, so that it is one line of a log. */
const deviceName = z
  .string()
  .min(1)
  .max(MAX_NAME)
  .regex(/^[\x20-\x7e]*$/, 'not a name of an input device');

export const pinsKey = z
  .strictObject({
    red: line,
    amber: line,
    green: line,
    button: z.union([line, deviceName]).optional(),
    buzzer: line,
    active_low: z.boolean().optional(),
    button_active_low: z.boolean().optional(),
  })
  .superRefine((pins, context) => {
    const numbers = LINES.map((name) => pins[name]).filter((value) => typeof value === 'number');
    if (new Set(numbers).size === numbers.length) return;
    context.addIssue({ code: 'custom', message: 'a line is named twice' });
  })
  .default({})
  .meta({
    description:
      'Lines of the lights, the button and the buzzer, by their BCM numbers; with one of them named, only the named ones are used.',
    accepts: `a table of red, amber, green, button, buzzer (each 0 to ${MAX_LINE}, all different, or false for none; button also the name of an input device) and active_low, button_active_low (true or false); without a line it is the Pibrella: {red = 27, amber = 17, green = 4, button = 11, buzzer = 18}`,
  });

export const ledsKey = z
  .union([
    z.strictObject({ red: ledName.optional(), amber: ledName.optional(), green: ledName.optional() }),
    z.strictObject({ one: ledName }),
  ])
  .refine((leds) => new Set(Object.values(leds)).size === Object.values(leds).length, 'an LED is named twice')
  .default({})
  .meta({
    description: 'Kernel LEDs (/sys/class/leds) of the board "leds".',
    accepts:
      '{red = "…", amber = "…", green = "…"} (each may be left out) or {one = "ACT"}, names of different LEDs; empty: imagetank:red, imagetank:amber and imagetank:green, else the Pi\'s own LED',
  });
