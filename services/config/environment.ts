import type { Layer } from './layers.ts';
import type { ConfigKey } from './schema.ts';

/** Variables with our prefix that are not configuration keys. */
export const RESERVED_VARIABLES: readonly string[] = ['IMAGETANK_STATE', 'IMAGETANK_SAMPLES'];

const PREFIX = 'IMAGETANK_';
const LISTS: readonly string[] = ['cards', 'drives', 'roots'] satisfies ConfigKey[];
const NUMBERS: readonly string[] = ['copies', 'port'] satisfies ConfigKey[];
const BOOLEANS: readonly string[] = ['inbox', 'mdns'] satisfies ConfigKey[];

/** `IMAGETANK_<KEY>`: lists are separated by commas, and so are the two files of `tls`. Null when no variable is set. */
export function environmentLayer(env: Readonly<Record<string, string | undefined>>): Layer | null {
  const values: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(env)) {
    if (text === undefined || !name.startsWith(PREFIX) || RESERVED_VARIABLES.includes(name)) continue;
    const key = name.slice(PREFIX.length).toLowerCase();
    values[key] = readValue(key, text);
  }
  if (Object.keys(values).length === 0) return null;
  return { source: 'environment', values, where: (key) => `environment ${PREFIX}${key.toUpperCase()}` };
}

function readValue(key: string, text: string): unknown {
  if (LISTS.includes(key)) {
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  }
  if (key === 'tls' && text.startsWith('/')) {
    const [cert, file] = text.split(',').map((part) => part.trim());
    return { cert, key: file };
  }
  if (BOOLEANS.includes(key) && ['true', 'false'].includes(text)) return text === 'true';
  return NUMBERS.includes(key) && /^\d+$/.test(text) ? Number(text) : text;
}

/** Flags of the command line, as far as they were given. */
export function flagLayer(flags: { readonly board?: string; readonly port?: number | string }): Layer {
  const values = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
  return { source: 'flags', values, where: (key) => `--${key}` };
}
