/**
 * The program under test: the real daemon with its real journal, a folder as the card and folders as drives. It backs
 * the card up until the light stands still, then it prints one line, `{light, outcome, reason}`. `twice`: the card is
 * inserted once more after that. Started by the campaigns, which kill it or let its system calls fail.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createNoBoard } from '../../adapters/board-none/no-board.ts';
import { createSimBoard } from '../../adapters/board-sim/sim-board.ts';
import { createSystemClock } from '../../adapters/node/system-clock.ts';
import { compose } from '../../bin/compose.ts';
import { openJournal } from '../../bin/journal.ts';
import type { Fact } from '../../machines/facts.ts';
import { ConfigSchema } from '../../services/config/schema.ts';
import type { Clock, Store } from '../../services/ports.ts';

/** The chart's second of settling becomes 50 ms: thousands of runs wait for it. */
const HURRY = 20;
const DECIDED_MS = 20;
const MAX_REFUSED = 5;
/** Signals at which a backup of this run is over, for better or worse. */
const STANDING = ['ready', 'attention', 'error'];

const [root = '', order = 'once', ...driveNames] = process.argv.slice(2);
const drives = driveNames.map((name) => join(root, name));
const at = { card: join(root, 'card'), state: join(root, 'state') };

const system = createSystemClock();
const clock: Clock = { ...system, setTimer: (delayMs, run) => system.setTimer(delayMs / HURRY, run) };
const warn = (text: string) => process.stderr.write(`${text}\n`);

for (const folder of [at.state, ...drives]) mkdirSync(folder, { recursive: true });
const { store } = openJournal(at.state, false);
let owed = isOwed(store);
const isFirst = order !== 'twice';
let broken = false;
let refused = 0;
let started = false;
let inserted = false;
let ended = 0;
let light = '';
let last: { outcome: string; reason: string | null } = { outcome: 'none', reason: null };
let tell = (): void => undefined;

// Only its finger: a board that blinks writes its file so often that its thread is the first to come to every count.
const button = createSimBoard({ statusFile: join(at.state, 'board.json'), clock, warn });
const { control, daemon } = await compose({
  version: '0.0.0',
  config: ConfigSchema.parse({ reserve: 0 }),
  stateDir: at.state,
  store: watched(store),
  board: createNoBoard(),
  button,
  power: { end: async () => undefined },
  mounts: false,
  prepare: async (appliance) => {
    for (const drive of drives) await appliance.adopt(drive, false);
  },
  onLight: ({ signal }) => {
    light = signal;
    if (signal === 'ready' && owed) fatal('the light is green while a backup is owed');
    tell();
  },
  warn,
  ports: { clock },
});
await daemon.start();
started = true;
// A backup that was interrupted brings its folder back by itself, and lets it go in the end.
if (!inserted) await control.sim.insert(at.card, null);
await standsAfter(1);
if (order === 'twice') {
  await acknowledged();
  await control.sim.remove(null).catch(() => undefined);
  await control.sim.insert(at.card, null);
  await standsAfter(2);
}
process.stdout.write(`${JSON.stringify({ light, ...last })}\n`);
await daemon.stop();
store.log.close();

/** So many backups ended in this run, and the light says so; or there will be none, because of another error. */
function standsAfter(backups: number): Promise<void> {
  return new Promise((resolve) => {
    tell = () => {
      // After an earlier run the light may say at first what went wrong then.
      const stuck = light === 'error' && (isFirst || broken);
      if (stuck || (STANDING.includes(light) && ended >= backups)) resolve();
    };
    tell();
  });
}

/** An error of a drive or of the journal in an earlier run stands until a person has seen it. */
async function acknowledged(): Promise<void> {
  if (light === 'error' && !isFirst) await control.acknowledge();
}

/** Sees each fact when it is durable. */
function watched(of: Store): Store {
  const log: Store['log'] = {
    append: async (facts) => {
      const records = await of.log.append(facts).catch((error: unknown) => {
        broken = true;
        refused += 1;
        // Not even the start can be recorded: the daemon tries for ever, and shows that it is not ready.
        if (!started && refused >= MAX_REFUSED) {
          process.stdout.write(`${JSON.stringify({ light, ...last })}\n`);
          process.exit(0);
        }
        throw error;
      });
      for (const { fact } of records) follow(fact);
      return records;
    },
    read: (query) => of.log.read(query),
    lines: (query) => of.log.lines(query),
    head: () => of.log.head(),
    close: () => of.log.close(),
  };
  return { ...of, log, rebuild: () => of.rebuild() };
}

/** What the light may say, told by the journal alone. */
function follow(fact: Fact): void {
  // An inbox that cannot be looked at is attached like a card; this run waits for none.
  const isCard = fact.type === 'CardAttached' && fact.card.path === at.card;
  if (isCard) inserted = true;
  if (isCard || fact.type === 'BackupPlanned') owed = true;
  if (fact.type === 'BackupFinished') owed = false;
  const outcome = /^Backup(Finished|Failed|Interrupted)$/.exec(fact.type)?.[1];
  if (outcome === undefined) return;
  ended += 1;
  last = { outcome, reason: 'reason' in fact ? fact.reason : null };
  // The chart decides at once when the fact is stored; where its light stays the same nobody would tell.
  setTimeout(() => tell(), DECIDED_MS);
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
