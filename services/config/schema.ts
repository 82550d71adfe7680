import * as z from 'zod';
import { LAYOUTS } from '../library/layout.ts';
import { FIELDS, parseTemplate } from '../library/template.ts';
import { ledsKey, pinsKey } from './board-keys.ts';
import { parseDuration, parseSize } from './units.ts';

/** A few dozen labels or folders are plenty; a list from a damaged file is not. */
const MAX_LIST = 64;
/** Longest path that Linux takes (PATH_MAX). */
const MAX_PATH = 4096;
/** Nobody could attach anything in less. */
const MIN_IDLE_MS = 60_000;
/** Ports below need privileges that the daemon does not have. */
const MIN_PORT = 1024;

// An alias, not an interface: zod's registry wants an index signature, which only an alias can have.
type About = {
  /** One sentence for people. */
  readonly description: string;
  readonly accepts: string;
  readonly unit?: string;
};

/** A word out of a list. */
function word<const Words extends readonly [string, ...string[]]>(words: Words, about: About) {
  return z
    .string()
    .superRefine((text, context) => {
      if (!words.includes(text)) context.addIssue({ code: 'custom', message: 'unknown value' });
    })
    .transform((text) => text as Words[number])
    .meta(about);
}

function quantity(parse: (text: string) => number | null, about: About) {
  return z
    .union([z.string(), z.number().int().nonnegative()])
    .transform((value, context) => {
      // A bare number in the file goes through the same parser: it is bytes, and has no meaning as a duration.
      const parsed = parse(String(value));
      if (parsed === null) context.addIssue({ code: 'custom', message: 'not understood' });
      return parsed ?? 0;
    })
    .meta(about);
}

const absolute = z.string().regex(/^\//, 'not an absolute path').max(MAX_PATH);

const names = (about: About) => z.array(z.string().min(1)).max(MAX_LIST).meta(about);

const SIZE = 'a size such as "500MB", "2GiB" or plain bytes';

/** Every key of the configuration, `contract.md` section 3: type, unit, default and a sentence. */
export const ConfigSchema = z.strictObject({
  auto: word(['dcim', 'any', 'known', 'off'], {
    description: 'Which volumes are backed up by themselves when they are attached.',
    accepts: '"dcim" (camera folders on it), "any", "known" (listed in cards), "off"',
  }).default('dcim'),
  cards: names({
    description: 'Volumes that are always cards.',
    accepts: `a list of labels or UUIDs, at most ${MAX_LIST}`,
  }).default([]),
  card_max: quantity(parseSize, {
    description: 'A larger volume is not taken for a card by itself.',
    accepts: SIZE,
    unit: 'bytes',
  }).default(4e12),
  drives: names({
    description: 'Volumes that are adopted as drives when first seen, unless they hold camera folders.',
    accepts: `a list of labels or UUIDs, at most ${MAX_LIST}`,
  }).default([]),
  copies: z
    .union([z.literal('all'), z.number().int().min(1).max(8)])
    .default('all')
    .meta({
      description: 'How many attached drives must hold a verified copy of each file.',
      accepts: '"all" (attached when the backup starts) or a number from 1 to 8',
      unit: 'drives',
    }),
  inbox: z.boolean().default(true).meta({
    description: 'Files that appear in a folder inbox/ at the top of a drive are moved into the library.',
    accepts: 'true or false; nothing happens on a drive without that folder',
  }),
  layout: word(LAYOUTS, {
    description: 'Folders and names on the drive.',
    accepts:
      '"dated" (a folder a day), "mirror" (as on the card), "numbered" (a folder a day, pimg_000001.cr3) or "custom" (see template)',
  }).default('dated'),
  template: z
    .string()
    .superRefine((text, context) => {
      const template = text === '' ? null : parseTemplate(text);
      if (template !== null && 'problem' in template) {
        context.addIssue({ code: 'custom', message: template.problem, params: { tell: true } });
      }
    })
    .default('')
    .meta({
      description: 'Paths below Photos/ in the layout "custom", which alone takes it.',
      accepts: `folders and a name that ends in .{ext} and has {name} or {seq} in it, such as "{year}/{date}/{camera}/{name}.{ext}"; fields: ${FIELDS.map((field) => `{${field}}`).join(' ')}`,
    }),
  day_starts: z
    .string()
    .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/)
    .default('00:00')
    .meta({
      description: 'When a new day begins: a party after midnight belongs to the evening.',
      accepts: '"HH:MM", such as "03:00"',
      unit: 'local time of the camera',
    }),
  hash: word(['xxh64', 'xxh3', 'xxh128', 'md5', 'sha1', 'c4'], {
    description:
      'Hash in the manifests; XXH64 and the size are always kept, another one is written beside it. xxh128 is our own JavaScript and slow: 0.1 GiB/s.',
    accepts: '"xxh64", "xxh3", "xxh128", "md5", "sha1" or "c4"',
  }).default('xxh64'),
  verify: word(['medium', 'source-twice'], {
    description:
      'How a copy is verified: read back from the medium, past the page cache; "source-twice" reads the card a second time, too, against readers and cables that err.',
    accepts: '"medium" or "source-twice"',
  }).default('medium'),
  reserve: quantity(parseSize, {
    description:
      'Room that is left free on a drive, 5 % of it at most; below it, or below 5 %, the space counts as low.',
    accepts: SIZE,
    unit: 'bytes',
  }).default(1e9),
  roots: z
    .array(z.string().regex(/^\//, 'not an absolute path'))
    .min(1)
    .max(MAX_LIST)
    .default(['/media', '/run/media'])
    .meta({
      description: 'Folders below which mounted volumes are cards and drives.',
      accepts: `a list of absolute paths, 1 to ${MAX_LIST}`,
    }),
  board: word(['auto', 'sim', 'none', 'leds', 'gpio'], {
    description: 'The lights and the button.',
    accepts:
      '"auto" (sim in a terminal; in the service what the machine has), "sim", "none", "leds" (kernel LEDs) or "gpio" (plain lines)',
  }).default('auto'),
  pins: pinsKey,
  leds: ledsKey,
  port: z
    .union([z.number().int().min(MIN_PORT).max(65_535), z.null()])
    .default(null)
    .meta({
      description: 'TCP port of the page; without it nothing listens on the network.',
      accepts: `a number from ${MIN_PORT} to 65535`,
    }),
  mdns: z.boolean().default(true).meta({
    description: 'The page is found as imagetank.local (multicast DNS), as soon as it has a port.',
    accepts: 'true or false',
  }),
  tls: z
    .union([z.literal(['off', 'self-signed']), z.strictObject({ cert: absolute, key: absolute })])
    .default('off')
    .meta({
      description: 'Whether the page is encrypted (https), and with whose certificate.',
      accepts:
        '"off", "self-signed" (made on the box; imagetank status shows its fingerprint) or { cert = "/path", key = "/path" } (PEM)',
    }),
  power_off_after: z
    .union([
      z.literal(['never', 'card-removed']),
      quantity(parseDuration, { description: '', accepts: '' }).refine(
        (value) => value >= MIN_IDLE_MS,
        'shorter than a minute',
      ),
    ])
    .default('never')
    .meta({
      description:
        'Shut down when nothing was attached, copied or pressed for so long, or when a card that is safe was pulled.',
      accepts: '"never", a duration from "1min" on such as "10min", or "card-removed"',
      unit: 'ms',
    }),
});

export type Config = Readonly<z.infer<typeof ConfigSchema>>;
export type ConfigKey = keyof Config;

export const CONFIG_KEYS = Object.keys(ConfigSchema.shape) as readonly ConfigKey[];

/** Everything that documentation needs about a key. */
export interface KeyDoc {
  readonly key: ConfigKey;
  readonly sentence: string;
  readonly accepts: string;
  readonly unit: string | null;
  readonly fallback: unknown;
}

export function describeKey(key: ConfigKey): KeyDoc {
  const schema = ConfigSchema.shape[key];
  const meta = schema.meta() ?? schema.unwrap().meta() ?? {};
  const text = (name: string) => (typeof meta[name] === 'string' ? meta[name] : '');
  return {
    key,
    sentence: text('description'),
    accepts: text('accepts'),
    unit: text('unit') || null,
    fallback: ConfigSchema.parse({})[key],
  };
}
