import { resolve } from 'node:path';
import { loadConfig } from '../../adapters/config/load.ts';
import { UserError } from '../../services/errors.ts';
import { VERSION } from '../version.ts';
import type { Action } from './cli.ts';
import { configFile } from './config.ts';

export const run: Action = async (cli, _args, options) => {
  const loaded = loadConfig({ file: configFile(options), env: process.env, flags: flagsOf(options) });
  const { recover } = options;
  const { INVOCATION_ID } = process.env;
  // systemd sets it for each start of a unit.
  const service = INVOCATION_ID !== undefined;
  const { runDaemon } = await import('../daemon.ts');
  return runDaemon({
    loaded,
    terminal: process.stdout.isTTY === true,
    places: cli.places(),
    service,
    recover: recover === true,
    json: cli.json,
    quiet: cli.quiet,
    version: VERSION,
  });
};

function flagsOf({ board, port }: Readonly<Record<string, unknown>>): { board?: string; port?: number } {
  if (port !== undefined && !/^\d+$/.test(String(port))) {
    throw new UserError('usage', 64, `--port ${String(port)} is no number`, 'for example: --port 8080');
  }
  return {
    ...(typeof board === 'string' ? { board } : {}),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}

export const demo: Action = async (cli, _args, { card, drive, keep }) => {
  const folder = (value: unknown) => (typeof value === 'string' ? resolve(value) : null);
  const { runDemo } = await import('../demo.ts');
  return runDemo({
    card: folder(card),
    drive: folder(drive),
    keep: keep === true,
    json: cli.json,
    quiet: cli.quiet,
    version: VERSION,
  });
};
