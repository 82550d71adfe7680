/**
 * The program under test, with uploads: the real daemon with its real journal and a folder as the drive, on which files
 * lie in `inbox/`. It runs until the inbox is empty and the light is green, then it prints one line, as `driver.ts`. Each
 * boot looks again at what an earlier one took. Started by the stage `inbox`, which kills it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createNoBoard } from '../../adapters/board-none/no-board.ts';
import { compose } from '../../bin/compose.ts';
import { openJournal } from '../../bin/journal.ts';
import { ConfigSchema } from '../../services/config/schema.ts';
import type { Store } from '../../services/ports.ts';
import { uploadClock } from '../whole/upload-clock.ts';
import { ARRIVED, ARRIVING } from './uploads.ts';

/** Half a minute without a change becomes a third of a second. */
const HURRY = 90;
const LOOK_EVERY_MS = 20;

const [root = '', bootId = '', driveName = ''] = process.argv.slice(2);
const drive = join(root, driveName);
const inbox = join(drive, 'inbox');
const state = join(root, 'state');
const clock = uploadClock(bootId, HURRY);
const warn = (text: string) => process.stderr.write(`${text}\n`);

mkdirSync(state, { recursive: true });
const { store } = openJournal(state, false);
let light = '';
let last: { outcome: string; reason: string | null } = { outcome: 'none', reason: null };

const { daemon } = await compose({
  version: '0.0.0',
  config: ConfigSchema.parse({ reserve: 0 }),
  stateDir: state,
  store: watched(store),
  // The simulated one writes a file at each blink: no other thread would come to a count first.
  board: createNoBoard(),
  button: null,
  power: { end: async () => undefined },
  mounts: false,
  prepare: async (control) => void (await control.adopt(drive, false)),
  onLight: ({ signal }) => {
    light = signal;
  },
  warn,
  ports: { clock },
});
await daemon.start();
await untilQuiet();
process.stdout.write(`${JSON.stringify({ light, ...last })}\n`);
await daemon.stop();
store.log.close();

/** An inbox that was shown is a card until the next look, and the light is green for it. */
function untilQuiet(): Promise<void> {
  return new Promise((resolve) => {
    const looking = setInterval(() => {
      const entries = readdirSync(inbox, { recursive: true, withFileTypes: true });
      if (light !== 'ready' || entries.some((entry) => entry.isFile())) return;
      clearInterval(looking);
      resolve();
    }, LOOK_EVERY_MS);
  });
}

function watched(of: Store): Store {
  const log: Store['log'] = {
    append: async (facts) => {
      const records = await of.log.append(facts);
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

function follow(fact: { readonly type: string; readonly reason?: unknown }): void {
  // A client finishes while the others are seen already. Another process: its calls are not ours to be killed at.
  const [part, whole] = [join(inbox, ARRIVING), join(inbox, ARRIVED)];
  if (fact.type === 'CardAttached' && existsSync(part)) execFileSync('mv', [part, whole]);
  const outcome = /^Backup(Finished|Failed|Interrupted)$/.exec(fact.type)?.[1];
  if (outcome === undefined) return;
  last = { outcome, reason: typeof fact.reason === 'string' ? fact.reason : null };
}
