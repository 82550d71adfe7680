import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filter, firstValueFrom, map, skipWhile } from 'rxjs';
import { createSimBoard } from '../adapters/board-sim/sim-board.ts';
import { createSystemClock } from '../adapters/node/system-clock.ts';
import { escapeJson, escapeText } from '../adapters/terminal/escape.ts';
import { renderLight } from '../adapters/terminal/render.ts';
import { createLogger } from '../adapters/winston/logger.ts';
import type { Appliance, Work } from '../services/appliance.ts';
import { ConfigSchema } from '../services/config/schema.ts';
import { UserError } from '../services/errors.ts';
import type { LightLine } from '../services/shapes.ts';
import { compose } from './compose.ts';
import { openJournal } from './journal.ts';
import type { DemoOptions, RunDemo } from './options.ts';

/** Real photos that come with imagetank. */
const CARD = fileURLToPath(new URL('../test/cards/SD32GB-03', import.meta.url));
/** Over the 2 s that shut down. */
const HOLD_MS = 2200;
/** As a shell says it: 128 and the number of SIGINT. */
const INTERRUPTED = 130;

/** The whole story on a simulated board: 0 only if every file of the card was found verified on the drive. */
export const runDemo: RunDemo = async (options) => {
  const card = existingFolder(options.card ?? CARD);
  const wanted = options.drive === null ? null : resolve(options.drive);
  if (wanted !== null) refuseOverlap(card, wanted);
  const scratch = mkdtempSync(join(tmpdir(), 'imagetank-demo-'));
  const drive = wanted ?? join(scratch, 'drive');
  const keepScratch = options.keep && wanted === null;
  const tidy = () => rmSync(keepScratch ? join(scratch, 'state') : scratch, { recursive: true, force: true });
  const leave = () => {
    tidy();
    process.exit(INTERRUPTED);
  };
  process.once('SIGINT', leave);
  try {
    mkdirSync(drive, { recursive: true });
    const state = join(scratch, 'state');
    mkdirSync(state);
    const safe = await tellStory(options, card, drive, state);
    if (options.keep) say(options, `drive kept: ${drive}`);
    return safe ? 0 : 1;
  } finally {
    process.removeListener('SIGINT', leave);
    tidy();
  }
};

async function tellStory(
  options: DemoOptions,
  card: string,
  drive: string,
  stateDir: string,
): Promise<boolean> {
  const logger = createLogger(process.env, true, escapeText);
  const warn = (text: string) => logger.warn(text);
  const { store } = openJournal(stateDir, false);
  const clock = createSystemClock();
  const board = createSimBoard({ statusFile: join(stateDir, 'board.json'), clock, warn });
  let end = (): void => undefined;
  const ended = new Promise<void>((done) => {
    end = done;
  });
  const { control, daemon } = await compose({
    version: options.version,
    config: ConfigSchema.parse({ reserve: 0 }),
    stateDir,
    store,
    board,
    button: board,
    power: { end: async () => end() },
    mounts: false,
    onLight: (line) => show(options, line),
    prepare: async (appliance) => void (await appliance.adopt(drive, false)),
    warn,
  });
  try {
    await daemon.start();
    const safe = await backUp(options, control, card, drive);
    say(options, 'button held');
    await control.sim.hold(HOLD_MS);
    await ended;
    return safe;
  } finally {
    await daemon.stop();
    store.log.close();
  }
}

/** From card in to a light that stays, then everything is read once more: the demo claims only what it measured. */
async function backUp(
  options: DemoOptions,
  appliance: Appliance,
  card: string,
  drive: string,
): Promise<boolean> {
  const done = firstValueFrom(
    appliance.lights$.pipe(
      skipWhile((line) => line.signal !== 'copying'),
      filter(({ signal }) => signal === 'ready' || signal === 'attention' || signal === 'error'),
      map(({ signal }) => signal === 'ready'),
    ),
  );
  say(options, `card in: ${card}`);
  await appliance.sim.insert(card, null);
  const green = await done;
  const [line] = appliance.history({ last: 1 });
  if (line === undefined) return false;
  if (options.json) process.stdout.write(`${escapeJson(line)}\n`);
  const check = await resultOf(appliance.check(card));
  const verify = await resultOf(appliance.verify(drive));
  const { files, copied, duplicates, failed } = line;
  if (copied === 0 && failed === 0)
    say(options, `nothing to copy: all ${files} files are on the drive already`);
  else say(options, `${copied} of ${files} files copied, ${duplicates} there already, ${failed} failed`);
  say(options, `${check.verified} of ${check.files} files verified on the drive`);
  return green && check.safe && verify.ok;
}

async function resultOf<Result>(work: Work<Result>): Promise<Result> {
  for await (const message of work) if ('result' in message) return message.result;
  throw new Error('work ended without a result');
}

function show(options: DemoOptions, line: LightLine): void {
  if (options.json) process.stdout.write(`${escapeJson(line)}\n`);
  else if (!options.quiet) process.stdout.write(`${renderLight(line)}\n`);
}

function say({ json, quiet }: DemoOptions, text: string): void {
  if (!json && !quiet) process.stdout.write(`${escapeText(text)}\n`);
}

/** Throws `UserError` 66. */
function existingFolder(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return realpathSync(path);
  throw new UserError('no-such-card', 66, `${path}: no such folder`, 'name the folder of a card: --card DIR');
}

/** Throws `UserError` 64: a drive inside the card would be copied into itself. */
function refuseOverlap(card: string, drive: string): void {
  const real = realDrive(drive);
  const inside = (inner: string, outer: string) => `${inner}${sep}`.startsWith(`${outer}${sep}`);
  if (!inside(real, card) && !inside(card, real)) return;
  const hint = 'choose folders that lie beside each other';
  throw new UserError('overlap', 64, `${drive}: the drive and the card lie inside each other`, hint);
}

/** The path without symbolic links, also when its end does not exist yet. */
function realDrive(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined) return realpathSync(path);
  const parent = dirname(path);
  return parent === path
    ? path
    : join(realDrive(parent), path.slice(parent.length + (parent.endsWith(sep) ? 0 : 1)));
}
