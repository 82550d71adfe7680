import { UserError } from '../errors.ts';
import type { ConfigProblem, Layer, LoadedConfig } from './layers.ts';
import { type Config, type ConfigKey, ConfigSchema } from './schema.ts';

/** What the page may change: nothing that says who may come in, or what runs as what. */
export const SETTING_KEYS = [
  'layout',
  'template',
  'copies',
  'drives',
  'day_starts',
  'auto',
] as const satisfies readonly ConfigKey[];
export type SettingKey = (typeof SETTING_KEYS)[number];

export type SettingValues = Readonly<Partial<Record<SettingKey, unknown>>>;

/** More than anybody has: what counts on fewer is never green. */
const STRICTEST_COPIES = 8;

/** The file of the page: its values, or what is wrong with it. */
export type SettingsRead =
  | { readonly file: string; readonly values: Readonly<Record<string, unknown>> }
  | { readonly file: string; readonly damage: string };

export const isSettingKey = (key: string): key is SettingKey =>
  (SETTING_KEYS as readonly string[]).includes(key);

export const settingsLayer = (file: string, values: Readonly<Record<string, unknown>>): Layer => ({
  source: file,
  values,
  where: () => file,
});

/** Only keys that are settings: a `port` in it would open the box. */
export function problemsOfKeys({
  file,
  values,
}: Extract<SettingsRead, { values: unknown }>): readonly ConfigProblem[] {
  const others = Object.keys(values).filter((key) => !isSettingKey(key));
  const hint = `settings are ${SETTING_KEYS.join(', ')}; everything else belongs in config.toml`;
  return others.map((key) => ({ what: `"${key}" is no setting`, where: file, hint }));
}

/**
 * What stands in for settings that cannot be used: the box starts without them, but asks for no fewer copies than they
 * did, which, where nobody can tell, is for more than there are: it backs up and is not green.
 */
export function salvaged(read: SettingsRead): Layer {
  const { file } = read;
  const stricter = settingsLayer(file, { copies: STRICTEST_COPIES });
  if ('damage' in read) return stricter;
  const { copies } = read.values;
  return isUsable(copies) ? settingsLayer(file, copies === undefined ? {} : { copies }) : stricter;
}

const isUsable = (copies: unknown): boolean =>
  copies === undefined || ConfigSchema.shape.copies.safeParse(copies).success;

export interface SettingsParts {
  /** What this daemon runs with. */
  readonly running: LoadedConfig;
  /** What the next start would run with, if these were the settings. */
  readonly evaluate: (
    values: SettingValues,
  ) => LoadedConfig | { readonly problems: readonly ConfigProblem[] };
  readonly read: () => SettingsRead;
  /** Resolves when it is durable. Throws `UserError` 73. */
  readonly write: (values: SettingValues) => Promise<void>;
  /** Null where nobody would start it again. */
  readonly restart: (() => Promise<void>) | null;
  /** Something is copied, checked or sent just now. */
  readonly isBusy: () => boolean;
  readonly info: (text: string) => void;
}

export interface SettingsView {
  readonly settings: Pick<Config, SettingKey>;
  readonly sources: Readonly<Record<SettingKey, string>>;
  /** Set by environment or flags, which win. */
  readonly locked: readonly SettingKey[];
  readonly restart: 'service' | 'by-hand';
  /** The next start changes something. */
  readonly pending: boolean;
}

/** What people change on the page. It has effect with the next start: no backup changes its mind in the middle. */
export class Settings {
  readonly #parts: SettingsParts;
  /** Of the last change that was saved. */
  #chosen: Config['copies'] | null = null;
  /** One after the other: each begins with what the one before it wrote. Never rejects. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: SettingsParts) {
    this.#parts = parts;
  }

  /** As the next start will have them; as this one has where they cannot be used. */
  view(): SettingsView {
    const { running, restart } = this.#parts;
    const next = 'damage' in this.#parts.read() ? running : (this.#next(this.#values()) ?? running);
    return {
      settings: pick((key) => next.config[key]) as SettingsView['settings'],
      sources: pick((key) => next.sources[key]),
      locked: SETTING_KEYS.filter((key) => isLocked(next.sources[key])),
      restart: restart === null ? 'by-hand' : 'service',
      pending: !isSame(next.config, running.config),
    };
  }

  /** `null` takes a setting back. `by` is for the log. Throws `UserError` 64 for a bad value, 73, 78. */
  change(changes: SettingValues, by: string): Promise<SettingsView> {
    const changed = this.#last.then(() => this.#change(changes, by));
    this.#last = changed.catch(() => undefined);
    return changed;
  }

  async #change(changes: SettingValues, by: string): Promise<SettingsView> {
    const locked = this.view().locked.find((key) => changes[key] !== undefined);
    if (locked !== undefined) throw lockedKey(locked, this.view().sources[locked]);
    const values = merged(this.#values(), changes);
    const next = this.#parts.evaluate(values);
    if ('problems' in next) throw refused(next.problems);
    await this.#parts.write(values);
    this.#chosen = next.config.copies;
    this.#parts.info(`settings changed by ${by}: ${Object.keys(changes).join(', ')}`);
    return this.view();
  }

  /** Resolves when the end is under way. Throws `UserError` 75, 78. */
  async restart(by: string): Promise<void> {
    const { restart, isBusy, info } = this.#parts;
    if (restart === null) throw byHand();
    // What somebody was changing is kept before the end.
    await this.#last;
    if (isBusy()) throw busy();
    info(`restart asked for by ${by}`);
    await restart();
  }

  /**
   * What of the file can be used: the rest is written over by the next change. What it said of copies is not: a change of
   * something else must not leave fewer than were chosen, or than are made now.
   */
  #values(): SettingValues {
    const read = this.#parts.read();
    const copies = this.#chosen ?? this.#parts.running.config.copies;
    if ('damage' in read) return { copies };
    const known = Object.entries(read.values).filter(([key]) => isSettingKey(key));
    const values: SettingValues = Object.fromEntries(known);
    return isUsable(values.copies) ? values : { ...values, copies };
  }

  #next(values: SettingValues): LoadedConfig | null {
    const next = this.#parts.evaluate(values);
    return 'problems' in next ? null : next;
  }
}

const isLocked = (source: string): boolean => source.startsWith('environment ') || source.startsWith('--');

const pick = <Value>(of: (key: SettingKey) => Value) =>
  Object.fromEntries(SETTING_KEYS.map((key) => [key, of(key)])) as Record<SettingKey, Value>;

const isSame = (one: Config, other: Config): boolean =>
  SETTING_KEYS.every((key) => JSON.stringify(one[key]) === JSON.stringify(other[key]));

function merged(before: SettingValues, changes: SettingValues): SettingValues {
  const all = Object.entries({ ...before, ...changes });
  return Object.fromEntries(all.filter(([, value]) => value !== null && value !== undefined));
}

function refused([first]: readonly ConfigProblem[]): UserError {
  const { what, hint } = first ?? { what: 'not accepted', hint: 'correct it' };
  return new UserError('bad-setting', 64, what, hint);
}

const lockedKey = (key: string, where: string) =>
  new UserError('locked-setting', 73, `${key} is set by ${where}, which wins`, 'change it there');

const busy = () =>
  new UserError('busy', 75, 'something is copied, checked or sent', 'try again when it is done');

const byHand = () =>
  new UserError(
    'restart-by-hand',
    78,
    'this imagetank runs in the foreground: nothing would start it again',
    'end it with Ctrl-C and start it again',
  );
