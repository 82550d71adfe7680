import { mkdirSync } from 'node:fs';
import type { SimBoard } from '../adapters/board-sim/sim-board.ts';
import type { HttpServer } from '../adapters/http/server.ts';
import { createSystemClock } from '../adapters/node/system-clock.ts';
import { lockState } from '../adapters/sqlite/state-lock.ts';
import { inheritedSocket } from '../adapters/systemd/inherited.ts';
import { escapeJson, escapeText } from '../adapters/terminal/escape.ts';
import { renderLight } from '../adapters/terminal/render.ts';
import { createLogger, type Logger } from '../adapters/winston/logger.ts';
import type { Fact } from '../machines/facts.ts';
import { messageOf, UserError } from '../services/errors.ts';
import type { Clock, ServiceManager } from '../services/ports.ts';
import type { LightLine } from '../services/shapes.ts';
import { StatusTeller } from '../services/status-teller.ts';
import { createBoard } from './board.ts';
import { compose } from './compose.ts';
import type { Composition } from './composition.ts';
import { Ending } from './ending.ts';
import { openJournalInSteps } from './journal.ts';
import { endAtLast } from './last-resort.ts';
import type { Network } from './network.ts';
import type { RunDaemon, RunOptions } from './options.ts';
import { createService } from './service.ts';
import { networkOf, serve } from './serving.ts';
import { RESTART_EXIT, settingsProblems } from './settings.ts';
import { wholeStore } from './whole-store.ts';

/** The daemon, until it is told to end; then everything it held is let go. */
export const runDaemon: RunDaemon = async (options) => {
  const logger = createLogger(process.env, options.quiet, escapeText);
  const { stateDir } = options.places;
  makeStateDir(stateDir);
  const unlock = lockState(stateDir);
  try {
    return (await runLocked(options, logger)) ? RESTART_EXIT : 0;
  } finally {
    unlock();
    endAtLast((text) => void logger.warn(text));
  }
};

/** True when it is to be started again. */
async function runLocked(options: RunOptions, logger: Logger): Promise<boolean> {
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
  if (store === null) {
    unhook();
    return false;
  }
  const network = await networkOf(options, { clock, info, warn });
  const unused = settingsProblems(options, clock.stamp().at);
  const composition = await compose({
    version,
    config: loaded.config,
    stateDir: places.stateDir,
    store,
    board,
    button: sim,
    power: ending,
    mounts: true,
    address: () => network?.reach.address ?? null,
    onLight: (line) => tell(line, options, sim, logger),
    warn,
    problems: () => [...unused, ...(network?.problems ?? [])],
  });
  const { daemon } = composition;
  const { server, restarts } = serve(options, composition, {
    network,
    clock,
    info,
    warn,
    board: chosen.kind,
  });
  begun.daemon = daemon;
  const begin = async () => {
    const fd = inheritedSocket(process.env, process.pid);
    await (fd === null ? server.listenSocket(places.listenPath) : server.listenInherited(fd));
    await ending.unlessAsked(() => daemon.start());
    if (ending.asked) return;
    if (movedTo !== null) await reportDamage(daemon, movedTo, logger);
    await network?.start(server);
    info(`listening on ${places.listenPath}, state in ${places.stateDir}, board ${chosen.words}`);
  };
  try {
    await live({ begin, ending, composition, server, network, manager, clock, warn });
  } finally {
    store.log.close();
    await manager.stop();
    unhook();
  }
  return restarts();
}

interface Life {
  /** Opens the doors and starts the daemon, unless it is to end already. */
  readonly begin: () => Promise<void>;
  readonly ending: Ending;
  readonly composition: Composition;
  readonly server: HttpServer;
  readonly network: Network | null;
  readonly manager: ServiceManager;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
}

/** From the first question to the last light. */
async function live({
  begin,
  ending,
  composition,
  server,
  network,
  manager,
  clock,
  warn,
}: Life): Promise<void> {
  const { control, daemon } = composition;
  const teller = new StatusTeller({ appliance: control, manager, clock, warn });
  try {
    await begin();
    if (!ending.asked) {
      manager.ready();
      manager.watch(() => daemon.isAlive());
      teller.start();
    }
    await ending.ended;
  } finally {
    manager.stopping();
    teller.stop();
    await network?.stop();
    await server.close();
    // What it waited for in vain is said, and the rest ends all the same.
    await daemon.stop().catch((error: unknown) => warn(messageOf(error)));
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
