import { resolve } from 'node:path';
import { loadConfig } from '../../adapters/config/load.ts';
import { UserError } from '../../services/errors.ts';
import { VERSION } from '../version.ts';
import type { Action } from './cli.ts';
import { configRequest } from './config.ts';

export const run: Action = async (cli, _args, options) => {
  const request = { ...configRequest(cli, options), flags: flagsOf(options) };
  const loaded = loadConfig(request);
  const { recover } = options;
  // systemd names the process that it started (systemd.exec(5)); a terminal of a desktop only inherits its variables.
  const service = process.env['SYSTEMD_EXEC_PID'] === String(process.pid);
  const { runDaemon } = await import('../daemon.ts');
  return runDaemon({
    loaded,
    unused: loaded.unused,
    configRequest: request,
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
