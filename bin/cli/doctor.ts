import { readConfig } from '../../adapters/config/load.ts';
import { examine } from '../../adapters/doctor/examine.ts';
import { systemProbes } from '../../adapters/doctor/probes.ts';
import { planFiles } from '../../adapters/systemd/install.ts';
import { colours } from '../../adapters/terminal/colours.ts';
import { escapeText } from '../../adapters/terminal/escape.ts';
import { alignRows } from '../../adapters/terminal/table.ts';
import type { LoadedConfig } from '../../services/config/layers.ts';
import { messageOf } from '../../services/errors.ts';
import type { Status } from '../../services/shapes.ts';
import { quietSqlite } from '../quiet-sqlite.ts';
import { systemFiles } from '../system-files.ts';
import type { Action, Cli } from './cli.ts';
import { configRequest } from './config.ts';

export const doctor: Action = async (cli, _args, options) => {
  quietSqlite();
  const config = readConfig(configRequest(cli, options));
  const checks = await examine(systemProbes(), {
    config,
    places: cli.places(),
    service: serviceFiles(),
    board: 'problems' in config ? null : await boardOf(config),
    network: {
      tlsFlaw: 'problems' in config ? null : await (await import('./tls-files.ts')).tlsProblem(config),
      closed: await closedNetwork(cli),
    },
  });
  const ok = checks.every((check) => check.ok);
  cli.answer({ ok, checks }, () =>
    alignRows(
      checks.map(({ name, ok: good, found, fix }) => [
        good ? colours.green('ok') : colours.red('MISSING'),
        name,
        escapeText(good || fix === null ? found : `${found}: ${fix}`),
      ]),
    ),
  );
  return ok ? 0 : 1;
};

async function boardOf(loaded: LoadedConfig) {
  // All drivers of boards come with it: only here, only now.
  const { boardChoice } = await import('../board.ts');
  return boardChoice({ loaded, service: true, terminal: false });
}

/** What the daemon says; null where it says nothing. */
async function closedNetwork(cli: Cli): Promise<string | null> {
  try {
    const { problems } = await cli.client().get<Status>('status');
    return problems.find(({ code }) => code === 'network')?.message ?? null;
  } catch {
    return null;
  }
}

function serviceFiles() {
  try {
    return planFiles('/', systemFiles({ root: '/' }));
  } catch (error) {
    return { problem: messageOf(error) };
  }
}
