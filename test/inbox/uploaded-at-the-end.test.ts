import { expect, test } from 'vitest';
import type { FactOf } from '../../machines/facts.ts';
import { inboxCardId } from '../../machines/ids.ts';
import type { BackupRun } from '../../services/control/backups.ts';
import { DriveInbox } from '../../services/inbox/drive-inbox.ts';
import type { CardReader, ScannedEntry } from '../../services/media-ports.ts';
import { Bench, DRIVE, ID, settled } from './kit.ts';

test('a photo that was told as uploaded while the end of a backup is judged keeps the light from green', async () => {
  const bench = new Bench();
  const { journal, clock, warn, driveOf, emit } = bench;
  let busy = false;
  const inbox = new DriveInbox(bench.drive, {
    ...{ open: async () => bench.inbox, catalogue: journal.catalogue, log: journal.log },
    ...{ clock, copies: 'all', driveOf, looks: true, starts: true, emit, warn },
    show: async () => undefined,
    standing: () => ({ standing: 'unprotected', busy }),
  });
  bench.inbox.write('inbox/a.jpg', 'one');
  await inbox.start();
  for (let turn = 0; turn < 16; turn += 1) {
    clock.advance(2000);
    await settled();
  }
  // As `Inboxes.arrived`, which an upload waits for before its phone hears that it is there.
  let isTold = false;
  const identify = bench.inbox.identify.bind(bench.inbox);
  bench.inbox.identify = async (paths) => {
    if (!isTold) {
      bench.inbox.write('inbox/phone-1/b.jpg', 'two');
      await inbox.lookNow();
      isTold = true;
    }
    return identify(paths);
  };
  const cards = {
    async *scan(): AsyncGenerator<ScannedEntry> {
      for (const file of (await bench.inbox.look(100))?.files ?? []) yield { kind: 'file', ...file };
    },
  } as unknown as CardReader;
  const run = {
    backupId: ID,
    card: { id: inboxCardId(DRIVE.id), path: '/drive/inbox' },
    drives: [{ drive: bench.drive }],
    attached: 1,
  } as unknown as BackupRun;
  busy = true;
  const hooks = { emit, progress: () => undefined, stop: new AbortController().signal };
  await inbox.run(run, hooks, cards, async (_, { emit: tell }) => {
    await tell(bench.settledFact(['a.jpg']));
    await tell({
      type: 'BackupFinished',
      backupId: ID,
      cardId: inboxCardId(DRIVE.id),
      totals: { files: 1, bytes: 3, copied: 1, duplicates: 0, failed: 0 },
      trusted: true,
      enough: true,
      drives: [
        { driveId: DRIVE.id, files: 1, bytes: 3, verifiedFrom: 'medium', outcome: 'done', reason: null },
      ],
    });
  });
  expect(isTold).toBe(true);
  const end = bench.facts.find((fact): fact is FactOf<'BackupFinished'> => fact.type === 'BackupFinished');
  expect(end?.enough).toBe(false);
});
