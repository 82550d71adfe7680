import { mkdirSync } from 'node:fs';
import type { SimBoard } from '../adapters/board-sim/sim-board.ts';
import { createHttpServer } from '../adapters/http/server.ts';
import { createSystemClock } from '../adapters/node/system-clock.ts';
import { lockState } from '../adapters/sqlite/state-lock.ts';
import { escapeJson } from '../adapters/terminal/escape.ts';
import { renderLight } from '../adapters/terminal/render.ts';
import { createLogger, type Logger } from '../adapters/winston/logger.ts';
import { messageOf, UserError } from '../services/errors.ts';
import type { LightLine } from '../services/shapes.ts';
import { createBoard } from './board.ts';
import { type Composition, compose } from './compose.ts';
import { openJournal } from './journal.ts';
import type { RunDaemon, RunOptions } from './options.ts';

/** The daemon in the foreground, until it is told to end; then everything it held is let go. */
export const runDaemon: RunDaemon = async (options) => {
  const logger = createLogger(process.env, options.quiet);
  const { stateDir } = options.places;
  makeStateDir(stateDir);
  const unlock = lockState(stateDir);
  try {
    await runLocked(options, logger);
  } finally {
    unlock();
  }
  return 0;
};

async function runLocked(options: RunOptions, logger: Logger): Promise<void> {
  const { version, loaded, places } = options;
  const { store, movedTo } = openJournal(places.stateDir, options.service || options.recover);
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const { board, sim, words } = await createBoard({
    loaded,
    service: options.service,
    terminal: options.terminal,
    stateDir: places.stateDir,
    clock: createSystemClock(),
    out: options.quiet || options.json ? null : process.stdout,
    warn: (text) => logger.warn(text),
  });
  const { control, daemon } = await compose({
    version,
    config: loaded.config,
    stateDir: places.stateDir,
    store,
    board,
    button: sim,
    // Switching the machine itself off needs its board; here the daemon ends, its lights are off by now.
    power: { end: async () => end() },
    mounts: true,
    onLight: (line) => tell(line, options, sim, logger),
    warn: (text) => logger.warn(text),
  });
  const server = createHttpServer({ appliance: control, version });
  try {
    await server.listenSocket(places.listenPath);
    await daemon.start();
    if (movedTo !== null) await reportDamage(daemon, movedTo, logger);
    if (loaded.config.port !== null) await server.listenPort(loaded.config.port);
    stopOnSignals(daemon, logger);
    logger.info(`listening on ${places.listenPath}, state in ${places.stateDir}, board ${words}`);
    await ended;
  } finally {
    await server.close();
    await daemon.stop();
    store.log.close();
  }
}

/** Throws `UserError` 73 or 77. */
function makeStateDir(stateDir: string): void {
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o750 });
  } catch (error) {
    const denied = error instanceof Error && 'code' in error && error.code === 'EACCES';
    const hint = 'name a folder that can be made, with --state DIR';
    throw new UserError('no-state', denied ? 77 : 73, `${stateDir}: ${messageOf(error)}`, hint, error);
  }
}

async function reportDamage(daemon: Composition['daemon'], movedTo: string, logger: Logger): Promise<void> {
  const detail = `the old one is ${movedTo}`;
  logger.warn(`the journal was damaged, ${detail}; a new one begins`);
  await daemon.report({ type: 'InternalErrorOccurred', reason: 'journal-damaged', detail });
}

/** A second signal ends at once: whoever presses Ctrl-C twice means it, and nothing is lost by it. */
function stopOnSignals(daemon: Composition['daemon'], logger: Logger): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      logger.info(`${signal}: stopping at a safe point`);
      daemon
        .report({ type: 'ShutdownRequested', action: 'stop' })
        .catch((error: unknown) => logger.warn(messageOf(error)));
    });
  }
}

function tell(line: LightLine, { json, quiet }: RunOptions, sim: SimBoard | null, logger: Logger): void {
  if (json) process.stdout.write(`${escapeJson(line)}\n`);
  else if (quiet) return;
  else if (sim !== null && process.stdout.isTTY) sim.print(renderLight(line));
  else logger.info(renderLight(line));
}
