import { expect, test } from 'vitest';
import type { Fact } from '../../machines/facts.ts';
import { inboxCardId } from '../../machines/ids.ts';
import type { BackupRun } from '../../services/control/backups.ts';
import { DriveInbox } from '../../services/inbox/drive-inbox.ts';
import type { CardReader, ScannedEntry } from '../../services/media-ports.ts';
import { Bench, DRIVE, ID, settled } from './kit.ts';

test('who uploads a photo while the end of a backup is judged hears of it when the light is not green any more', async () => {
  const bench = new Bench();
  const { journal, clock, warn, driveOf } = bench;
  const standing = { standing: 'unprotected' as 'unprotected' | 'protected', busy: false };
  /** How the light stood after the phone heard that its photo is there. */
  const seen: string[] = [];
  let isTold = false;
  let round: number | null = null;
  /** Each round is a card that is not backed up. */
  const show = async (_: unknown, shown: number | null) => {
    if (shown !== round) standing.standing = 'unprotected';
    round = shown;
  };
  const emit = async (fact: Fact) => {
    await bench.emit(fact);
    if (fact.type !== 'BackupFinished') return;
    Object.assign(standing, { busy: false, standing: fact.enough ? 'protected' : 'unprotected' });
    if (isTold) seen.push(standing.standing);
  };
  const inbox = new DriveInbox(bench.drive, {
    ...{ open: async () => bench.inbox, catalogue: journal.catalogue, log: journal.log },
    ...{ clock, copies: 'all', driveOf, looks: true, starts: true, emit, warn, show },
    standing: () => ({ ...standing }),
  });
  bench.inbox.write('inbox/a.jpg', 'one');
  await inbox.start();
  for (let turn = 0; turn < 16; turn += 1) {
    clock.advance(2000);
    await settled();
  }
  let told: Promise<void> | null = null;
  const identify = bench.inbox.identify.bind(bench.inbox);
  bench.inbox.identify = async (paths) => {
    if (told === null) {
      bench.inbox.write('inbox/phone-1/b.jpg', 'two');
      // As `Inboxes.arrived`, which an upload waits for before its phone hears that it is there.
      told = inbox.lookNow().then(() => {
        isTold = true;
        seen.push(standing.standing);
      });
      await settled();
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
  standing.busy = true;
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
  await told;
  expect(new Set(seen)).toEqual(new Set(['unprotected']));
});
