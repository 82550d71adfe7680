import { UserError } from '../errors.ts';
import { nearest } from './nearest.ts';
import { CONFIG_KEYS, type Config, type ConfigKey, ConfigSchema, describeKey } from './schema.ts';

/** Values of one place, in the order in which places override each other. */
export interface Layer {
  /** `/etc/imagetank/config.toml`, `environment` or `flags`. */
  readonly source: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** Where a key stands: `file:line`, a variable, a flag. */
  readonly where: (key: string) => string;
}

/** A value with the place that set it; `default` when none did. */
export type Sources = Readonly<Record<ConfigKey, string>>;

export interface LoadedConfig {
  readonly config: Config;
  readonly sources: Sources;
}

/** One thing wrong in the configuration, in words for its owner. */
export interface ConfigProblem {
  readonly what: string;
  readonly where: string;
  readonly hint: string;
}

/** Later layers win, key by key. Every problem of every layer is listed, also of a value that a later layer overrides. */
export function mergeLayers(
  layers: readonly Layer[],
): LoadedConfig | { readonly problems: readonly ConfigProblem[] } {
  const problems = layers.flatMap(problemsOf);
  if (problems.length > 0) return { problems };
  const values: Record<string, unknown> = {};
  const sources: Record<string, string> = Object.fromEntries(CONFIG_KEYS.map((key) => [key, 'default']));
  for (const layer of layers) {
    for (const [key, value] of Object.entries(layer.values)) {
      values[key] = value;
      sources[key] = layer.where(key);
    }
  }
  const loaded = { config: ConfigSchema.parse(values), sources: sources as Sources };
  const odd = problemOfLayout(loaded);
  return odd === null ? loaded : { problems: [odd] };
}

/** Either without the other is a mistake, and nothing that is asked for is silently ignored. */
function problemOfLayout({ config: { layout, template }, sources }: LoadedConfig): ConfigProblem | null {
  if (layout === 'custom' && template === '') {
    const hint = 'add for instance: template = "{year}/{date}/{camera}/{name}.{ext}"';
    return { what: 'layout = "custom" without a template', where: sources.layout, hint };
  }
  if (layout === 'custom' || template === '') return null;
  const hint = 'set layout = "custom", or take the template out';
  return { what: `template with layout = "${layout}", which does not use it`, where: sources.template, hint };
}

function problemsOf(layer: Layer): ConfigProblem[] {
  const result = ConfigSchema.safeParse(layer.values);
  if (result.success) return [];
  const found = new Map<string, ConfigProblem>();
  for (const issue of result.error.issues) {
    // Keys of a nested table (pins) are reported as a bad value of that table.
    if (issue.code === 'unrecognized_keys' && issue.path.length === 0) {
      for (const key of issue.keys) found.set(key, unknownKey(layer, key));
      continue;
    }
    const key = String(issue.path[0]);
    // Only words of our own say more than `accepts` does.
    const why = issue.code === 'custom' && issue.params?.['tell'] === true ? `, ${issue.message}` : '';
    if (isKey(key) && !found.has(key)) found.set(key, badValue(layer, key, why));
  }
  return [...found.values()];
}

const isKey = (key: string): key is ConfigKey => (CONFIG_KEYS as readonly string[]).includes(key);

function unknownKey(layer: Layer, key: string): ConfigProblem {
  const close = nearest(key, CONFIG_KEYS);
  return {
    what: `unknown key "${key}"`,
    where: layer.where(key),
    hint: close === null ? `known keys: ${CONFIG_KEYS.join(', ')}` : `did you mean "${close}"?`,
  };
}

function badValue(layer: Layer, key: ConfigKey, why: string): ConfigProblem {
  return {
    what: `bad value ${key} = ${JSON.stringify(layer.values[key])}${why}`,
    where: layer.where(key),
    hint: `accepted: ${describeKey(key).accepts}`,
  };
}

/** The first problem as the one line that a person sees. */
export function configError(problems: readonly ConfigProblem[]): UserError {
  const [first] = problems;
  if (first === undefined) throw new RangeError('no problem to report');
  const more = problems.length > 1 ? ` (${problems.length - 1} more: imagetank config check)` : '';
  return new UserError('bad-configuration', 78, `${first.what}, ${first.where}${more}`, first.hint);
}
