import { beforeEach, expect, test } from 'vitest';
import type { Fact, FactOf } from '../../machines/facts.ts';
import { inboxCardId } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import type { BackupRun } from '../../services/control/backups.ts';
import { DriveError } from '../../services/errors.ts';
import { DriveInbox } from '../../services/inbox/drive-inbox.ts';
import type { InboxParts, InboxStanding } from '../../services/inbox/inbox-parts.ts';
import type { CardReader, ScannedEntry } from '../../services/media-ports.ts';
import { Bench, DRIVE, ID, p, settled } from './kit.ts';

const HALF_A_MINUTE = 32_000;

let bench: Bench;
let inbox: DriveInbox;
let shown: (number | null)[];
let standing: InboxStanding | null;
let requests: number;

function begin(change: Partial<InboxParts> = {}): void {
  const { journal, clock, warn, driveOf } = bench;
  inbox = new DriveInbox(bench.drive, {
    open: async () => bench.inbox,
    catalogue: journal.catalogue,
    log: journal.log,
    clock,
    copies: 'all',
    driveOf,
    looks: true,
    starts: true,
    emit: async (fact: Fact) => {
      if (fact.type === 'BackupRequested') requests += 1;
      await bench.emit(fact);
    },
    warn,
    show: async (_, round) => {
      if (shown.at(-1) !== round) shown.push(round);
      standing = round === null ? null : (standing ?? { standing: 'unprotected', busy: false });
    },
    standing: () => standing,
    ...change,
  });
}
beforeEach(() => {
  bench = new Bench();
  shown = [];
  standing = null;
  requests = 0;
  begin();
});

async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 2000) {
    bench.clock.advance(Math.min(left, 2000));
    await settled();
  }
}

const CARDS = {
  async *scan(): AsyncGenerator<ScannedEntry> {
    for (const file of (await bench.inbox.look(100))?.files ?? []) yield { kind: 'file', ...file };
    yield { kind: 'unreadable', path: p('.recycle'), detail: 'EACCES' };
  },
} as unknown as CardReader;

const END: Omit<FactOf<'BackupFinished'>, 'drives'> = {
  type: 'BackupFinished',
  backupId: ID,
  cardId: inboxCardId(DRIVE.id),
  totals: { files: 1, bytes: 1, copied: 1, duplicates: 0, failed: 0 },
  trusted: true,
  enough: true,
};
const share = { driveId: DRIVE.id, files: 1, bytes: 1, verifiedFrom: 'medium' } as const;

interface Story {
  readonly drives?: readonly Drive[];
  readonly attached?: number;
  /** Names that a backup read and recorded; all that are offered unless said. */
  readonly settles?: readonly string[];
  readonly end?: (
    usual: FactOf<'BackupFinished'>,
  ) => FactOf<'BackupFinished'> | FactOf<'BackupFailed'> | FactOf<'BackupInterrupted'>;
  readonly before?: () => void;
  readonly aborted?: boolean;
  /** Before it began. */
  readonly stopped?: boolean;
}

/** Runs one backup of it; returns what the card looked like and the end that was recorded. */
async function backUp(
  story: Story = {},
): Promise<{ readonly seen: readonly string[]; readonly end: Fact | undefined }> {
  const drives = story.drives ?? [bench.drive];
  const run = {
    backupId: ID,
    card: { id: inboxCardId(DRIVE.id), path: '/drive/inbox' },
    drives: drives.map((drive) => ({ drive })),
    attached: story.attached ?? drives.length,
  } as unknown as BackupRun;
  const stop = new AbortController();
  if (story.stopped === true) stop.abort('shutdown');
  const seen: string[] = [];
  standing = { standing: 'unprotected', busy: true };
  await inbox.run(
    run,
    { emit: bench.emit, progress: () => undefined, stop: stop.signal },
    CARDS,
    async (cards, hooks) => {
      for await (const entry of cards.scan('/drive/inbox')) seen.push(entry.path);
      const names = story.settles ?? seen;
      for (const drive of drives) {
        if (names.length > 0) await hooks.emit(bench.settledFact(names, { driveId: drive.id }));
      }
      story.before?.();
      if (story.aborted === true) stop.abort('shutdown');
      const usual = {
        ...END,
        drives: drives.map(({ id }) => ({ ...share, driveId: id, outcome: 'done', reason: null }) as const),
      };
      await hooks.emit(story.end?.(usual) ?? usual);
    },
  );
  const end = bench.facts.find(({ type }) => type.startsWith('BackupF') || type === 'BackupInterrupted');
  standing = { standing: 'protected', busy: false };
  return { seen, end };
}
const inInbox = () => Object.keys(bench.inbox.files).filter((path) => path.startsWith('inbox/'));

async function withOneFile(): Promise<(more: string) => void> {
  const write = bench.inbox.write('inbox/a.jpg', 'one');
  await inbox.start();
  await pass(HALF_A_MINUTE);
  return write;
}

test('an empty inbox is no card; with a file it is one at once, and is asked for when that is complete', async () => {
  await inbox.start();
  expect(shown).toEqual([null]);
  bench.inbox.write('inbox/a.jpg', 'one');
  await pass(2000);
  expect([shown, requests]).toEqual([[null, 1], 0]);
  await pass(28_000);
  expect(requests).toBe(0);
  await pass(4000);
  expect(requests).toBeGreaterThan(0);
});

test('folder settings of a file manager are nothing', async () => {
  bench.inbox.write('inbox/.DS_Store', 'x');
  await inbox.start();
  await pass(HALF_A_MINUTE);
  expect([shown, requests]).toEqual([[null], 0]);
});

test('what was tried is not tried again until it changes', async () => {
  const write = await withOneFile();
  await backUp({
    settles: [],
    end: ({ drives, ...usual }) => ({
      ...usual,
      type: 'BackupFailed',
      reason: 'card-unreadable',
      detail: '',
      drives,
    }),
  });
  requests = 0;
  await pass(600_000);
  expect(requests).toBe(0);
  write('more');
  await pass(HALF_A_MINUTE);
  expect(requests).toBeGreaterThan(0);
});

test('a backup that fails before it comes to the inbox is not asked for with each look', async () => {
  const write = await withOneFile();
  await pass(3_600_000);
  expect(requests).toBeLessThan(10);
  expect(requests).toBeGreaterThan(1);
  requests = 0;
  write('more');
  await pass(HALF_A_MINUTE);
  expect(requests).toBe(1);
});

test('complete files wait for others that still arrive, five minutes at most', async () => {
  await inbox.start();
  bench.inbox.write('inbox/a.jpg', 'one');
  const write = bench.inbox.write('inbox/a.cr3.part', 'x');
  const until = async (ms: number) => {
    for (let left = ms; left > 0; left -= 10_000) {
      write('more');
      await pass(10_000);
    }
  };
  await until(320_000);
  expect(requests).toBe(0);
  await until(20_000);
  expect(requests).toBeGreaterThan(0);
});

test('with auto = "off" nobody asks', async () => {
  begin({ starts: false });
  await withOneFile();
  expect([shown, requests]).toEqual([[1], 0]);
});

test('with inbox = false it is no card, and what a client went on writing to comes back all the same', async () => {
  begin({ looks: false });
  bench.inbox.write('inbox/a.jpg', 'one');
  bench.inbox.write('.imagetank/taken/20261121-1/b.jpg', 'one and more');
  await inbox.start();
  await pass(HALF_A_MINUTE);
  expect([shown, requests, inbox.isArriving]).toEqual([[], 0, false]);
  expect(inInbox()).toEqual(['inbox/a.jpg', 'inbox/b.jpg']);
});

test('a backup sees the complete files alone, and takes them when its end is recorded', async () => {
  await withOneFile();
  bench.inbox.write('inbox/b.jpg', 'new');
  bench.inbox.write('inbox/c.jpg.part', 'half');
  const { seen, end } = await backUp();
  expect(seen).toEqual(['a.jpg']);
  expect(inInbox()).toEqual(['inbox/b.jpg', 'inbox/c.jpg.part']);
  expect(end).toMatchObject({ enough: false, notes: [expect.stringMatching(/^2 of its files/)] });
  const order = bench.facts.map(({ type }) => type).slice(-3);
  expect(order).toEqual(['FilesSettled', 'BackupFinished', 'InboxTaken']);
});

test('a backup that is asked for before anything is complete waits for it, a minute at most', async () => {
  bench.inbox.write('inbox/a.jpg', 'one');
  await inbox.start();
  const running = backUp();
  await pass(HALF_A_MINUTE);
  expect((await running).seen).toEqual(['a.jpg']);
  expect(inInbox()).toEqual([]);

  const write = bench.inbox.write('inbox/b.mp4', 'x');
  await pass(2000);
  let isOver = false;
  const growing = backUp().then(({ seen }) => {
    isOver = true;
    return seen;
  });
  for (let at = 0; at < 29; at += 1) {
    write('more');
    await pass(2000);
  }
  expect(isOver).toBe(false);
  write('more');
  await pass(6000);
  expect(await growing).toEqual([]);
});

test('a stop does not wait for an upload', async () => {
  bench.inbox.write('inbox/a.jpg', 'one');
  await inbox.start();
  const running = backUp({ stopped: true });
  await pass(2000);
  expect((await running).seen).toEqual([]);
});

test('when nothing else is left the end stays as it is', async () => {
  await withOneFile();
  const { end } = await backUp();
  expect(end).toMatchObject({ enough: true });
  expect(end).not.toHaveProperty('notes');
  await pass(2000);
  expect(shown.at(-1)).toBeNull();
});

const KEEPS: readonly (readonly [string, Story])[] = [
  ['one of two drives', { attached: 2 }],
  ['no drive that recorded it', { settles: [] }],
  [
    'a drive that failed',
    {
      end: (usual) => ({
        ...usual,
        drives: usual.drives.map((drive) => ({ ...drive, outcome: 'failed', reason: 'drive-failing' })),
      }),
    },
  ],
  [
    'a card that contradicts its manifest',
    {
      end: (usual) => ({
        ...usual,
        drives: usual.drives.map((drive) => ({ ...drive, outcome: 'failed', reason: 'card-altered' })),
      }),
    },
  ],
  [
    'a backup that was interrupted',
    {
      end: ({ trusted: _, enough: __, ...usual }) => ({
        ...usual,
        type: 'BackupInterrupted',
        reason: 'shutdown',
      }),
    },
  ],
  [
    'a copy that was lost again',
    {
      before: () =>
        void bench.emit({
          type: 'CopiesLost',
          backupId: ID,
          driveId: DRIVE.id,
          files: [{ to: p('Photos/a.jpg'), why: 'missing' }],
        }),
    },
  ],
  ['a copy that is not there', { before: () => bench.inbox.delete('Photos/a.jpg') }],
  [
    'a copy that is the very file',
    {
      before: () => {
        bench.inbox.delete('Photos/a.jpg');
        bench.inbox.link('inbox/a.jpg', 'Photos/a.jpg');
      },
    },
  ],
  ['a file that changed after it was read', { before: () => void bench.inbox.write('inbox/a.jpg', 'more') }],
  ['a machine that shuts down', { aborted: true }],
];
test.each(KEEPS)('it stays in the inbox with %s', async (_, story) => {
  await withOneFile();
  await backUp(story);
  expect(inInbox()).toEqual(['inbox/a.jpg']);
  expect(bench.facts.filter(({ type }) => type === 'InboxTaken')).toEqual([]);
});

test('a volume that was verified from the cache alone empties no inbox, a folder does', async () => {
  bench = new Bench({ ...DRIVE, kind: 'volume' });
  begin();
  const write = await withOneFile();
  write('');
  await pass(HALF_A_MINUTE);
  const emit = bench.emit;
  const cached = {
    ...bench,
    emit: (fact: Fact) => emit(fact.type === 'FilesSettled' ? { ...fact, verifiedFrom: 'cache' } : fact),
  };
  Object.assign(bench, cached);
  await backUp();
  expect(inInbox()).toEqual(['inbox/a.jpg']);
});

test('good files are taken also when another one failed, or the drive is full now', async () => {
  for (const reason of ['card-unreadable', 'drive-full'] as const) {
    bench = new Bench();
    begin();
    await withOneFile();
    const { end } = await backUp({
      end: (usual) => ({
        ...usual,
        type: 'BackupFailed',
        reason,
        detail: '',
        drives: usual.drives.map((drive) => ({ ...drive, outcome: 'failed', reason })),
      }),
    });
    expect([inInbox(), end?.type]).toEqual([[], 'BackupFailed']);
    await inbox.stop();
  }
});

test('a file that stays in the inbox and is in the library keeps no drive back', async () => {
  bench.inbox.locked.add('a.jpg');
  await withOneFile();
  expect(await inbox.lookAgain()).toEqual({ putBack: 0, waiting: 1 });
  begin();
  await withOneFile();
  await backUp();
  expect(await inbox.lookAgain()).toEqual({ putBack: 0, waiting: 0 });
});

test('a file that may not be moved stays, is told once, and stays backed up', async () => {
  bench.inbox.locked.add('a.jpg');
  await withOneFile();
  await backUp();
  expect(inInbox()).toEqual(['inbox/a.jpg']);
  requests = 0;
  const rounds = shown.length;
  await pass(HALF_A_MINUTE * 4);
  expect([requests, shown.length]).toEqual([0, rounds]);
  expect(bench.warnings).toEqual(['inbox of TANK: a.jpg stays in the inbox: it may not be moved']);
});

test('while a backup of it waits or runs it is left as it is', async () => {
  await withOneFile();
  standing = { standing: 'unprotected', busy: true };
  requests = 0;
  bench.inbox.delete('inbox/a.jpg');
  await pass(HALF_A_MINUTE);
  expect([shown, requests]).toEqual([[1], 0]);
});

test('something new after a backup makes it another card', async () => {
  bench.inbox.locked.add('a.jpg');
  await withOneFile();
  await backUp();
  bench.inbox.write('inbox/b.jpg', 'new');
  await pass(2000);
  expect(shown).toEqual([1, 2]);
});

const UNREADABLE = [
  ['that may not be read', new DriveError('drive-not-writable', 'inbox: EACCES')],
  ['on a sick drive', new DriveError('drive-failing', 'inbox/DCIM: EIO')],
  ['of a process without files to open', new Error('EMFILE')],
] as const;
test.each(UNREADABLE)('an inbox %s is one of which nothing is known', async (_, error) => {
  begin({
    open: async () =>
      ({
        drive: DRIVE,
        look: () => Promise.reject(error),
        taken: async () => ({ files: [], unreadable: 0, more: false }),
      }) as never,
  });
  await inbox.start();
  await pass(10_000);
  expect(shown).toEqual([1]);
  expect(bench.warnings).toEqual([`inbox of TANK: ${error.message}`]);
  expect(inbox.problems).toMatchObject([{ code: 'inbox', message: `inbox of TANK: ${error.message}` }]);
});

test('at the end of a backup an inbox that cannot be read keeps the light from being green', async () => {
  await withOneFile();
  const { end } = await backUp({
    before: () => {
      bench.inbox.look = () => Promise.reject(new Error('EMFILE'));
    },
  });
  expect(end).toMatchObject({ enough: false });
});

test('at the end of a backup, what was taken and cannot be read keeps the light from being green', async () => {
  bench.inbox.badTaken = { unreadable: 1 };
  await withOneFile();
  const { end } = await backUp();
  expect([end, inInbox()]).toMatchObject([{ enough: false }, []]);
});

test('the note of a backup counts files that wait, not what the inbox hides', async () => {
  bench.inbox.odd = { hidden: { files: 7, first: p('.a/b.jpg') }, unreadable: 2 };
  await withOneFile();
  expect((await backUp()).end).toMatchObject({ enough: false });
  expect((await backUp()).end).not.toHaveProperty('notes');
  for (const name of ['b', 'c', 'd', 'e']) bench.inbox.write(`inbox/${name}.jpg`, name);
  bench.facts.length = 0;
  expect((await backUp({ settles: [] })).end).toMatchObject({
    enough: false,
    notes: [
      '4 of its files are not in the library yet (b.jpg, c.jpg, d.jpg, 1 more): still arriving, or changed',
    ],
  });
});

test('a drive that went away says nothing here, and is looked at again', async () => {
  let opened = 0;
  begin({
    open: () => {
      opened += 1;
      return Promise.reject(new DriveError('drive-lost', 'gone'));
    },
  });
  await inbox.start();
  await pass(4000);
  expect([shown, bench.warnings]).toEqual([[], []]);
  expect(opened).toBeGreaterThan(1);
});

test('somebody uploads while files change, and a moment longer', async () => {
  await inbox.start();
  expect(inbox.isArriving).toBe(false);
  bench.inbox.write('inbox/a.mp4.part', 'x');
  await pass(2000);
  expect(inbox.isArriving).toBe(true);
  await pass(HALF_A_MINUTE);
  expect(inbox.isArriving).toBe(false);
});

test('after its stop nothing is looked at', async () => {
  await inbox.start();
  await inbox.stop();
  bench.inbox.write('inbox/a.jpg', 'one');
  await pass(HALF_A_MINUTE);
  expect([shown, requests, bench.clock.armed]).toEqual([[null], 0, 0]);
});
