/** What the journal tells of drives, of checks and of who may come in, and the store keeps no table for. */
import { randomIds } from '../adapters/node/ids.ts';
import { randomSecrets } from '../adapters/node/secrets.ts';
import { Access } from '../services/access/access.ts';
import { FailingDrives } from '../services/check/failing-drives.ts';
import { DriveBook } from '../services/devices/drive-book.ts';
import type { Clock, EventLog } from '../services/ports.ts';
import type { Runtime } from '../services/runtime/runtime.ts';
import { Verifications } from '../services/verify/verifications.ts';

/** Folded from the journal. `follow` keeps it up; of drives, the device service tells the book itself. */
export function remembered(log: EventLog, clock: Clock, record: Runtime['order']) {
  const book = new DriveBook();
  const verifications = new Verifications(clock);
  const failing = new FailingDrives();
  const access = new Access({ clock, ids: randomIds, secrets: randomSecrets, record });
  for (const known of log.read({ skipFileFacts: true })) {
    book.apply(known.fact);
    verifications.book.apply(known);
    failing.apply(known.fact);
    access.apply(known);
  }
  const follow = ({ decided$ }: Pick<Runtime, 'decided$'>) => {
    decided$.subscribe(({ record: latest }) => {
      verifications.follow(latest);
      failing.apply(latest.fact);
      access.apply(latest);
    });
  };
  return { book, verifications, failing, access, follow };
}
