/**
 * Child process: the real daemon on a folder as a card and a folder as a drive. `once`: until the light is green, then
 * it prints the points that it came by. `twice`: the card is inserted once more after that. Anything else is the point
 * at which it ends itself by `kill -9`.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createSimBoard } from '../../adapters/board-sim/sim-board.ts';
import { openDriveStore } from '../../adapters/fs/drive-store.ts';
import { createSystemClock } from '../../adapters/node/system-clock.ts';
import { compose } from '../../bin/compose.ts';
import { openJournal } from '../../bin/journal.ts';
import { ConfigSchema } from '../../services/config/schema.ts';
import type { Clock, Store } from '../../services/ports.ts';
import { Steps, steppedDrive, steppedStore, stepSystemCalls } from './steps.ts';

/** The chart's second of settling becomes 50 ms: a hundred runs wait for it. */
const HURRY = 20;

const [root = '', order = ''] = process.argv.slice(2);
const at = { card: join(root, 'card'), drive: join(root, 'drive'), state: join(root, 'state') };

const system = createSystemClock();
const clock: Clock = { ...system, setTimer: (delayMs, run) => system.setTimer(delayMs / HURRY, run) };
const warn = (text: string) => process.stderr.write(`${text}\n`);
const steps = new Steps(order);

mkdirSync(at.state, { recursive: true });
mkdirSync(at.drive, { recursive: true });
const { store } = openJournal(at.state, false);
let owed = isOwed(store);
let inserted = false;
let finished = 0;
let green = false;
let tell = (): void => undefined;

const board = createSimBoard({ statusFile: join(at.state, 'board.json'), clock, warn });
await stepSystemCalls(at.drive, steps);
const { control, daemon } = await compose({
  version: '0.0.0',
  config: ConfigSchema.parse({ reserve: 0 }),
  stateDir: at.state,
  store: steppedStore(store, steps, follow),
  board,
  button: board,
  power: { end: async () => undefined },
  mounts: false,
  prepare: async (appliance) => void (await appliance.adopt(at.drive, false)),
  onLight: ({ signal }) => {
    green = signal === 'ready';
    if (green && owed) fatal('the light is green while a backup is owed');
    tell();
  },
  warn,
  ports: { clock, openDrive: async (drive) => steppedDrive(await openDriveStore(drive), steps) },
});
await daemon.start();
// A backup that was interrupted brings its folder back by itself, and lets it go in the end.
if (!inserted) await control.sim.insert(at.card, null);
await greenAfter(1);
if (order === 'twice') {
  await control.sim.remove(null).catch(() => undefined);
  await control.sim.insert(at.card, null);
  await greenAfter(2);
}
await daemon.stop();
store.log.close();
process.stdout.write(JSON.stringify(steps.seen));

/** The light is green, and so many backups ended well in this run. */
function greenAfter(backups: number): Promise<void> {
  return new Promise((resolve) => {
    tell = () => {
      if (green && finished >= backups) resolve();
    };
    tell();
  });
}

/** What the light may say, told by the journal alone. */
function follow(type: string): void {
  if (type === 'CardAttached') inserted = true;
  if (type === 'CardAttached' || type === 'BackupPlanned') owed = true;
  if (type === 'BackupFinished') {
    owed = false;
    finished += 1;
  }
  if (type === 'BackupFailed' || type === 'InternalErrorOccurred') fatal(`${type} in a run without faults`);
}

/** A backup that an earlier run began and did not finish. */
function isOwed({ log }: Store): boolean {
  let began = false;
  for (const { fact } of log.read()) {
    if (fact.type === 'BackupPlanned') began = true;
    if (fact.type === 'BackupFinished') began = false;
  }
  return began;
}

function fatal(text: string): never {
  warn(text);
  process.exit(3);
}
