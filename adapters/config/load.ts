import { readFileSync } from 'node:fs';
import { parse, TomlError } from 'smol-toml';
import { environmentLayer, flagLayer } from '../../services/config/environment.ts';
import {
  type ConfigProblem,
  configError,
  type Layer,
  type LoadedConfig,
  mergeLayers,
} from '../../services/config/layers.ts';
import { isLegacy, legacyLayer } from '../../services/config/legacy.ts';
import {
  problemsOfKeys,
  type SettingsRead,
  salvaged,
  settingsLayer,
} from '../../services/config/settings.ts';
import { messageOf, UserError } from '../../services/errors.ts';

/** In the order in which they override each other; the second lies on the FAT partition that any PC can edit. */
export const CONFIG_FILES = ['/etc/imagetank/config.toml', '/boot/firmware/imagetank.toml'] as const;

/** A configuration is a page of text; a larger file is a mistake. */
const MAX_CONFIG_BYTES = 256 * 1024;

export interface ConfigRequest {
  /** `--config`: then this file only, and it must exist. Absolute. */
  readonly file: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags: { readonly board?: string; readonly port?: number | string };
  /** Default `CONFIG_FILES`; those that do not exist are left out. */
  readonly files?: readonly string[];
  /** What the page changed: between the files and the environment. Default: nothing. */
  readonly settings?: SettingsRead;
}

/**
 * Files, settings, environment and flags in one. Settings that cannot be used are left out and told of in `unused`, for a
 * box without a screen has to start. Throws `UserError` 78 (or 66, 74, 77 for a file that cannot be read).
 */
export function loadConfig(
  request: ConfigRequest,
): LoadedConfig & { readonly unused: readonly ConfigProblem[] } {
  const result = readConfig(request);
  if (!('problems' in result)) return { ...result, unused: [] };
  const without = request.settings === undefined ? result : readLayers(request, [salvaged(request.settings)]);
  if ('problems' in without) throw configError(without.problems);
  return { ...without, unused: result.problems };
}

/** As `loadConfig`, with every problem instead of the first. */
export function readConfig(request: ConfigRequest): LoadedConfig | { problems: readonly ConfigProblem[] } {
  const { settings } = request;
  if (settings === undefined) return readLayers(request, []);
  if ('damage' in settings) {
    const hint = 'mend it, or remove it and choose the settings again';
    const damage = { what: `damaged settings, ${settings.damage}`, where: settings.file, hint };
    return { problems: [damage, ...problemsIn(readLayers(request, []))] };
  }
  const result = readLayers(request, [settingsLayer(settings.file, settings.values)]);
  const odd = problemsOfKeys(settings);
  return odd.length === 0 ? result : { problems: [...odd, ...problemsIn(result)] };
}

const problemsIn = (result: LoadedConfig | { readonly problems: readonly ConfigProblem[] }) =>
  'problems' in result ? result.problems : [];

function readLayers(
  request: ConfigRequest,
  settings: readonly Layer[],
): LoadedConfig | { problems: readonly ConfigProblem[] } {
  const named = request.file === null ? (request.files ?? CONFIG_FILES) : [request.file];
  const layers: Layer[] = [];
  const problems: ConfigProblem[] = [];
  for (const file of named) {
    const text = readText(file, request.file !== null);
    if (text === null) continue;
    const read = isLegacy(text) ? legacyLayer(file, text) : tomlLayer(file, text);
    if ('problems' in read) problems.push(...read.problems);
    else layers.push(read);
  }
  layers.push(...settings);
  const environment = environmentLayer(request.env);
  if (environment !== null) layers.push(environment);
  layers.push(flagLayer(request.flags));
  const merged = mergeLayers(layers);
  if ('problems' in merged) problems.push(...merged.problems);
  return 'problems' in merged || problems.length > 0 ? { problems } : merged;
}

function readText(file: string, required: boolean): string | null {
  try {
    const bytes = readFileSync(file);
    if (bytes.length <= MAX_CONFIG_BYTES) return bytes.toString('utf8');
  } catch (error) {
    return onUnreadable(file, required, error);
  }
  throw new UserError(
    'bad-configuration',
    78,
    `configuration of more than ${MAX_CONFIG_BYTES} bytes, ${file}`,
    'name the right file',
  );
}

function onUnreadable(file: string, required: boolean, error: unknown): null {
  const errno = (error as NodeJS.ErrnoException).code;
  if (errno === 'ENOENT' || errno === 'ENOTDIR') {
    if (!required) return null;
    throw new UserError(
      'no-such-file',
      66,
      `no configuration file, ${file}`,
      'check the path after --config',
    );
  }
  if (errno === 'EACCES') {
    throw new UserError(
      'not-permitted',
      77,
      `cannot read the configuration, ${file}`,
      'check its permissions',
    );
  }
  throw new UserError(
    'io-error',
    74,
    `cannot read the configuration, ${file}: ${messageOf(error)}`,
    'name a readable file',
  );
}

function tomlLayer(file: string, text: string): Layer | { readonly problems: ConfigProblem[] } {
  try {
    return { source: file, values: parse(text), where: (key) => `${file}:${lineOfKey(text, key)}` };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The message goes on with a picture of the place over several lines; an error is one line.
    const what = error.message.split('\n')[0] ?? 'damaged';
    return {
      problems: [{ what, where: `${file}:${error.line}`, hint: 'mend this line (TOML: key = value)' }],
    };
  }
}

/** Line of a top-level key or of its table; smol-toml keeps no positions. 1 when it is written in a way not looked for. */
function lineOfKey(text: string, key: string): number {
  const name = key.replace(/[^\w-]/g, '\\$&');
  const start = new RegExp(`^\\s*(?:["']?${name}["']?\\s*[.=]|\\[+\\s*["']?${name}["']?\\s*[\\].])`);
  return text.split('\n').findIndex((line) => start.test(line)) + 1 || 1;
}
