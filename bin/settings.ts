import { readConfig } from '../adapters/config/load.ts';
import { readSettings, settingsFile, writeSettings } from '../adapters/config/settings-file.ts';
import { Settings, type SettingsParts } from '../services/config/settings.ts';
import type { Problem } from '../services/shapes.ts';
import type { RunOptions } from './options.ts';

/**
 * The unit starts it again and shows no error for it (`RestartForceExitStatus=`). LSB 5.0, section 22.2: 150 to 199 are
 * the application's own.
 */
export const RESTART_EXIT = 150;

type Options = Pick<RunOptions, 'configRequest' | 'loaded' | 'places'>;

export function createSettings(
  { configRequest, loaded, places }: Options,
  parts: Pick<SettingsParts, 'restart' | 'isBusy' | 'info'>,
): Settings {
  const file = settingsFile(places.stateDir);
  return new Settings({
    ...parts,
    running: loaded,
    evaluate: (values) => readConfig({ ...configRequest, settings: { file, values } }),
    read: () => readSettings(file),
    write: (values) => writeSettings(file, values),
  });
}

/** For the status: a box without a screen starts all the same. */
export const settingsProblems = ({ unused }: Pick<RunOptions, 'unused'>, since: string): readonly Problem[] =>
  unused.map(({ what, where, hint }) => ({
    code: 'settings',
    blinks: 0,
    message: `${where}: ${what}; ${hint}; meanwhile no fewer copies are asked for than were chosen, or 8`,
    since,
  }));
