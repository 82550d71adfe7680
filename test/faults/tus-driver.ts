/**
 * The program under test, with a phone that sends to it: the real daemon with its real journal, a folder as the drive and
 * the API on a socket. When the file `stop` lies in its root it waits until everything is in the library, prints one line,
 * as `driver.ts`, and ends. Started by the stage `tus`, which is the phone, and kills it.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createNoBoard } from '../../adapters/board-none/no-board.ts';
import { openUploadStore } from '../../adapters/fs/upload-store.ts';
import { createHttpServer } from '../../adapters/http/server.ts';
import { createSystemClock } from '../../adapters/node/system-clock.ts';
import { compose } from '../../bin/compose.ts';
import { openJournal } from '../../bin/journal.ts';
import { ConfigSchema } from '../../services/config/schema.ts';
import { uploadClock } from '../whole/upload-clock.ts';

/** Half a minute without a change becomes a third of a second. */
const HURRY = 90;
const LOOK_EVERY_MS = 20;

const [root = '', bootId = '', driveName = ''] = process.argv.slice(2);
const drive = join(root, driveName);
const state = join(root, 'state');
const warn = (text: string) => process.stderr.write(`${text}\n`);

mkdirSync(state, { recursive: true });
const { store } = openJournal(state, false);
let light = '';
const { daemon, control, access, visitors } = await compose({
  version: '0.0.0',
  // Without a port there is nobody who uploads.
  config: ConfigSchema.parse({ reserve: 0, port: 8080 }),
  stateDir: state,
  store,
  board: createNoBoard(),
  button: null,
  power: { end: async () => undefined },
  mounts: false,
  prepare: async (appliance) => void (await appliance.adopt(drive, false)),
  onLight: ({ signal }) => {
    light = signal;
  },
  warn,
  // In the main thread: in one of their own most of their calls would never be the first to come to a count.
  ports: { clock: uploadClock(bootId, HURRY), openUploads: (drive) => openUploadStore(drive) },
});
await daemon.start();
const clock = createSystemClock();
const pace = { perSecond: 1e6, burst: 1e6 };
const uploads = visitors?.uploads ?? null;
const server = createHttpServer({ appliance: control, access, version: '0.0.0', clock, uploads, pace });
await server.listenSocket(join(root, 'socket'));
await untilQuiet();
process.stdout.write(`${JSON.stringify({ light, outcome: 'none', reason: null })}\n`);
await server.close();
await daemon.stop();
store.log.close();

/** An inbox that was shown is a card until the next look, and the light is green for it. */
function untilQuiet(): Promise<void> {
  const inbox = join(drive, 'inbox');
  return new Promise((resolve) => {
    const looking = setInterval(() => {
      if (light !== 'ready' || !existsSync(join(root, 'stop'))) return;
      const entries = existsSync(inbox) ? readdirSync(inbox, { recursive: true, withFileTypes: true }) : [];
      if (entries.some((entry) => entry.isFile())) return;
      clearInterval(looking);
      resolve();
    }, LOOK_EVERY_MS);
  });
}
