import { beforeEach, expect, test } from 'vitest';
import { cardId, inboxCardId } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import type { BackupHooks, BackupRun } from '../../services/control/backups.ts';
import { Inboxes } from '../../services/inbox/inboxes.ts';
import type { InboxStore } from '../../services/inbox/ports.ts';
import type { CardReader, ScannedEntry } from '../../services/media-ports.ts';
import { Bench, DRIVE, p, settled } from './kit.ts';

let bench: Bench;
let drives: readonly Drive[];
let shown: (number | null)[];
let inboxes: Inboxes;

function begin(open: (drive: Drive) => Promise<InboxStore> = async () => bench.inbox): void {
  const { journal, clock, emit, warn, driveOf } = bench;
  inboxes = new Inboxes({
    ...{ clock, emit, warn, open, driveOf, copies: 'all', looks: true, starts: true },
    catalogue: journal.catalogue,
    log: journal.log,
    drives: () => drives,
    show: async (_, round) => {
      shown.push(round);
    },
    standing: () => null,
  });
}
beforeEach(() => {
  bench = new Bench();
  drives = [DRIVE];
  shown = [];
  begin();
});

const CARDS = {
  async *scan(): AsyncGenerator<ScannedEntry> {
    yield { kind: 'file', path: p('a.jpg'), sizeBytes: 3, mtimeMs: 1 };
  },
} as unknown as CardReader;

async function seenBy(id: BackupRun['card']['id']): Promise<readonly string[]> {
  const run = { card: { id, path: '/drive/inbox' }, drives: [], attached: 1 } as unknown as BackupRun;
  const hooks: BackupHooks = {
    emit: bench.emit,
    progress: () => undefined,
    stop: new AbortController().signal,
  };
  const seen: string[] = [];
  await inboxes.run(run, hooks, CARDS, async (cards) => {
    for await (const { path } of cards.scan('/drive/inbox')) seen.push(path);
  });
  return seen;
}

test('when it has started, every inbox was looked at once', async () => {
  bench.inbox.write('inbox/a.jpg', 'one');
  await inboxes.start();
  expect(shown).toEqual([1]);
  expect(inboxes.isArriving).toBe(true);
  await inboxes.stop();
});

test('a drive that hangs keeps nobody from starting', async () => {
  begin(() => new Promise(() => undefined));
  const starting = inboxes.start();
  bench.clock.advance(15_000);
  await starting;
  expect(bench.warnings).toEqual(['an inbox does not answer for 15 s']);
});

test('a drive that comes is looked at, one that goes is not any more', async () => {
  drives = [];
  await inboxes.start();
  expect(shown).toEqual([]);
  drives = [DRIVE];
  bench.clock.advance(2000);
  await settled();
  expect(shown).toEqual([null]);
  drives = [];
  bench.clock.advance(2000);
  await settled();
  const before = shown.length;
  bench.clock.advance(60_000);
  await settled();
  expect(shown).toHaveLength(before);
  await inboxes.stop();
  expect(bench.clock.armed).toBe(0);
});

test('a file that was put there is told when the light tells of it; where no inbox is followed it is an error', async () => {
  drives = [];
  await inboxes.start();
  expect(inboxes.follows(DRIVE.id)).toBe(false);
  await expect(inboxes.arrived(DRIVE.id)).rejects.toMatchObject({ reason: 'drive-lost' });
  drives = [DRIVE];
  bench.clock.advance(2000);
  await settled();
  expect(inboxes.follows(DRIVE.id)).toBe(true);
  bench.inbox.write('inbox/a.jpg', 'one');
  expect(inboxes.waitingBytes(DRIVE.id)).toBe(0);
  await inboxes.arrived(DRIVE.id);
  expect(shown.at(-1)).toBe(1);
  expect(inboxes.waitingBytes(DRIVE.id)).toBe(3);
  await inboxes.stop();
  await expect(inboxes.arrived(DRIVE.id)).rejects.toThrow('stopping');
});

test('a card is backed up as it is; of an inbox nothing is offered that is not complete', async () => {
  await inboxes.start();
  expect(await seenBy(cardId('AAAA-0001+1'))).toEqual(['a.jpg']);
  expect(await seenBy(inboxCardId(DRIVE.id))).toEqual([]);
  await inboxes.stop();
});

test('an inbox whose drive went between the order and its turn offers nothing', async () => {
  drives = [];
  await inboxes.start();
  expect(await seenBy(inboxCardId(DRIVE.id))).toEqual([]);
  await inboxes.stop();
});

test.each(['attached', 'gone'])('a stop waits for what is under way on a drive that is %s', async (where) => {
  await inboxes.start();
  bench.inbox.write('.imagetank/taken/20261121-1/a.jpg', 'not of this journal');
  let record: () => void = () => undefined;
  const recorded = new Promise<void>((resolve) => {
    record = resolve;
  });
  const { putBack } = bench.inbox;
  bench.inbox.putBack = async (file) => {
    await recorded;
    return putBack.call(bench.inbox, file);
  };
  bench.clock.advance(60_000);
  await settled();
  if (where === 'gone') drives = [];
  bench.clock.advance(2000);
  await settled();
  let isOver = false;
  const stopped = inboxes.stop().then(() => {
    isOver = true;
  });
  await settled();
  expect(isOver).toBe(false);
  record();
  await stopped;
  expect(bench.facts).toMatchObject([{ type: 'InboxCleared', putBack: [{ path: 'a.jpg' }] }]);
});

test('a stop does not wait for all that was taken', async () => {
  await inboxes.start();
  for (let at = 0; at < 300; at += 1) {
    bench.inbox.write(`.imagetank/taken/20261121-1/${at}.jpg`, 'not of this journal');
  }
  let stopped: Promise<void> = Promise.resolve();
  const { putBack } = bench.inbox;
  bench.inbox.putBack = (file) => {
    stopped = inboxes.stop();
    return putBack.call(bench.inbox, file);
  };
  bench.clock.advance(60_000);
  await settled();
  await stopped;
  expect(bench.facts).toHaveLength(1);
});
