import { mkdirSync } from 'node:fs';
import type { SimBoard } from '../adapters/board-sim/sim-board.ts';
import { createHttpServer } from '../adapters/http/server.ts';
import { createSystemClock } from '../adapters/node/system-clock.ts';
import { lockState } from '../adapters/sqlite/state-lock.ts';
import { inheritedSocket } from '../adapters/systemd/inherited.ts';
import { escapeJson, escapeText } from '../adapters/terminal/escape.ts';
import { renderLight } from '../adapters/terminal/render.ts';
import { createLogger, type Logger } from '../adapters/winston/logger.ts';
import type { Fact } from '../machines/facts.ts';
import { messageOf, UserError } from '../services/errors.ts';
import type { LightLine } from '../services/shapes.ts';
import { StatusTeller } from '../services/status-teller.ts';
import { createBoard } from './board.ts';
import { type Composition, compose } from './compose.ts';
import { Ending } from './ending.ts';
import { openJournalInSteps } from './journal.ts';
import { endAtLast } from './last-resort.ts';
import type { RunDaemon, RunOptions } from './options.ts';
import { createService } from './service.ts';
import { wholeStore } from './whole-store.ts';

/** The daemon, until it is told to end; then everything it held is let go. */
export const runDaemon: RunDaemon = async (options) => {
  const logger = createLogger(process.env, options.quiet, escapeText);
  const { stateDir } = options.places;
  makeStateDir(stateDir);
  const unlock = lockState(stateDir);
  try {
    await runLocked(options, logger);
  } finally {
    unlock();
    endAtLast((text) => void logger.warn(text));
  }
  return 0;
};

async function runLocked(options: RunOptions, logger: Logger): Promise<void> {
  const { version, loaded, places, quiet, json } = options;
  const warn = (text: string) => void logger.warn(text);
  const { opening, movedTo } = openJournalInSteps(places.stateDir, options.service || options.recover);
  const clock = createSystemClock();
  const chosen = await createBoard({
    loaded,
    service: options.service,
    terminal: options.terminal,
    stateDir: places.stateDir,
    clock,
    out: quiet || json ? null : process.stdout,
    warn,
  });
  const { sim } = chosen;
  const { manager, power, board } = createService({
    service: options.service,
    board: chosen.board,
    clock,
    warn,
  });
  const ending = new Ending(power, clock);
  const info = (text: string) => void logger.info(text);
  const begun: { daemon?: Composition['daemon'] } = {};
  const report = async (fact: Fact) => begun.daemon?.report(fact);
  const unhook = ending.onSignals({ report }, info, warn);
  const isEnding = () => ending.asked;
  const store = await wholeStore({ opening, board, manager, clock, info, isEnding });
  if (store === null) return unhook();
  const { control, daemon } = await compose({
    version,
    config: loaded.config,
    stateDir: places.stateDir,
    store,
    board,
    button: sim,
    power: ending,
    mounts: true,
    onLight: (line) => tell(line, options, sim, logger),
    warn,
  });
  const server = createHttpServer({ appliance: control, version });
  const teller = new StatusTeller({ appliance: control, manager, clock, warn });
  begun.daemon = daemon;
  try {
    const fd = inheritedSocket(process.env, process.pid);
    await (fd === null ? server.listenSocket(places.listenPath) : server.listenInherited(fd));
    await ending.unlessAsked(() => daemon.start());
    if (!ending.asked) {
      if (movedTo !== null) await reportDamage(daemon, movedTo, logger);
      if (loaded.config.port !== null) await server.listenPort(loaded.config.port);
      manager.ready();
      manager.watch(() => daemon.isAlive());
      teller.start();
      info(`listening on ${places.listenPath}, state in ${places.stateDir}, board ${chosen.words}`);
    }
    await ending.ended;
  } finally {
    manager.stopping();
    teller.stop();
    await server.close();
    // What it waited for in vain is said, and the rest ends all the same.
    await daemon.stop().catch((error: unknown) => warn(messageOf(error)));
    store.log.close();
    await manager.stop();
    unhook();
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

function tell(line: LightLine, { json, quiet }: RunOptions, sim: SimBoard | null, logger: Logger): void {
  if (json) process.stdout.write(`${escapeJson(line)}\n`);
  else if (quiet) return;
  else if (sim !== null && process.stdout.isTTY) sim.print(renderLight(line));
  else logger.info(renderLight(line));
}
