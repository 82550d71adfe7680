import { resolve } from 'node:path';
import { type ConfigRequest, loadConfig, readConfig } from '../../adapters/config/load.ts';
import { readSettings, settingsFile } from '../../adapters/config/settings-file.ts';
import { escapeText } from '../../adapters/terminal/escape.ts';
import type { ConfigProblem } from '../../services/config/layers.ts';
import { CONFIG_KEYS, type Config, describeKey } from '../../services/config/schema.ts';
import { UserError } from '../../services/errors.ts';
import type { Action, Cli, Options } from './cli.ts';

/** What `--config` names; null for the usual files. */
export const configFile = ({ config }: Options): string | null =>
  typeof config === 'string' ? resolve(config) : null;

/** What decides about the configuration: `--config`, the page's settings in the state folder, the environment. */
export const configRequest = (cli: Pick<Cli, 'places'>, options: Options): ConfigRequest => ({
  file: configFile(options),
  env: process.env,
  flags: {},
  settings: readSettings(settingsFile(cli.places().stateDir)),
});

/** Text: a configuration file with every key, documented; JSON: `{key: {value, source}}`. */
export const show: Action = (cli, _args, options) => {
  const { config, sources, unused } = loadConfig(configRequest(cli, options));
  for (const { what, where, hint } of unused) cli.remark(`${where}: ${what}: ${hint}`);
  const all = CONFIG_KEYS.map((key) => [key, { value: config[key], source: sources[key] }] as const);
  cli.answer(Object.fromEntries(all), () =>
    CONFIG_KEYS.flatMap((key) => describe(key, config[key], sources[key])),
  );
  return 0;
};

function describe(key: keyof Config, value: unknown, source: string): string[] {
  const doc = describeKey(key);
  const unit = doc.unit === null ? '' : ` Unit: ${doc.unit}.`;
  const fallback = doc.fallback === null ? 'not set' : toml(doc.fallback);
  return [
    `# ${doc.sentence}${unit}`,
    `# Accepts ${doc.accepts}. Default: ${fallback}.`,
    escapeText(value === null ? `# ${key} =  # ${source}` : `${key} = ${toml(value)}  # ${source}`),
    '',
  ];
}

/** Words, numbers and lists are written alike in JSON and TOML; a table is an inline one. */
function toml(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value);
  const rows = Object.entries(value).map(([key, one]) => `${key} = ${toml(one)}`);
  return rows.length === 0 ? '{}' : `{ ${rows.join(', ')} }`;
}

export const check: Action = async (cli, _args, options) => {
  const problems = await problemsOf(readConfig(configRequest(cli, options)));
  if (problems.length === 0) {
    cli.answer({ ok: true, problems }, () => ['ok']);
    return 0;
  }
  cli.answer({ ok: false, problems }, () =>
    problems.map(({ what, where, hint }) => escapeText(`${where}: ${what}: ${hint}`)),
  );
  const count = `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`;
  throw new UserError(
    'bad-configuration',
    78,
    `${count} in the configuration, ${problems[0]?.where ?? ''}`,
    'mend what is listed on standard output',
  );
};

/** Files that are named in it are looked at too. */
async function problemsOf(read: ReturnType<typeof readConfig>): Promise<readonly ConfigProblem[]> {
  if ('problems' in read) return read.problems;
  const { tlsProblem } = await import('./tls-files.ts');
  const problem = await tlsProblem(read);
  return problem === null ? [] : [problem];
}
