import { beforeEach, describe, expect, test } from 'vitest';
import type { FactOf } from '../../machines/facts.ts';
import type { Drive } from '../../machines/media.ts';
import { Clearing, type ClearingParts, KEPT_MS } from '../../services/inbox/clearing.ts';
import { driveAt } from '../fs/drives.ts';
import { Bench, ID, p } from './kit.ts';

let bench: Bench;
let clearing: Clearing;
const begin = (change: Partial<ClearingParts> = {}) => {
  const { journal, clock, emit, driveOf } = bench;
  const { log, catalogue } = journal;
  clearing = new Clearing({ log, catalogue, clock, emit, driveOf, copies: 'all', ...change });
};
beforeEach(() => {
  bench = new Bench();
  begin();
});

/** Written, backed up, recorded and taken, as a daemon does that goes on running. */
async function take(...names: readonly string[]): Promise<ReadonlyMap<string, (more: string) => void>> {
  const writers = new Map(
    names.map((name) => [name, bench.inbox.write(`inbox/${name}`, `content of ${name}`)]),
  );
  await bench.emit(bench.settledFact(names));
  const files = (await bench.inbox.look(1000))?.files ?? [];
  const ends = await bench.inbox.take(files, ID);
  for (const [at, file] of files.entries()) {
    const end = ends[at];
    if (end?.end === 'taken') clearing.took({ ...file, backupId: ID, mark: end.mark });
  }
  return writers;
}
const clear = () => clearing.run(bench.inbox);
const taken = () => Object.keys(bench.inbox.files).filter((path) => path.startsWith('.imagetank/taken/'));
const inInbox = () => Object.keys(bench.inbox.files).filter((path) => path.startsWith('inbox/'));
const cleared = () => bench.facts.filter(({ type }) => type === 'InboxCleared');

test('what is as it was copied goes after an hour of the monotonic clock, and not a moment before', async () => {
  await take('a.jpg', 'b.jpg');
  bench.clock.advance(KEPT_MS - 1);
  bench.clock.setWall(24 * KEPT_MS);
  await clear();
  expect(taken()).toHaveLength(2);
  bench.clock.advance(1);
  await clear();
  expect([taken(), inInbox()]).toEqual([[], []]);
  expect(cleared()).toEqual([
    { type: 'InboxCleared', backupId: ID, driveId: bench.drive.id, removed: ['a.jpg', 'b.jpg'], putBack: [] },
  ]);
  expect(Object.keys(bench.inbox.files)).toEqual(['Photos/a.jpg', 'Photos/b.jpg']);
});

test('what somebody wrote on in goes back at once, and nothing else does', async () => {
  const writers = await take('a.jpg', 'b.jpg');
  writers.get('a.jpg')?.(' and more');
  await clear();
  expect(taken()).toEqual([`.imagetank/taken/${ID}/b.jpg`]);
  expect(bench.inbox.files['inbox/a.jpg']).toBe('content of a.jpg and more');
  expect(cleared()).toMatchObject([{ removed: [], putBack: [{ path: 'a.jpg', as: 'a.jpg' }] }]);
});

test('a change that leaves size and time as they were is a change, while the daemon runs', async () => {
  await take('a.jpg');
  const {
    files: [file],
  } = await bench.inbox.taken(1);
  bench.inbox.write(`.imagetank/taken/${ID}/a.jpg`, '', file?.mtimeMs);
  await clear();
  expect([taken(), inInbox()]).toEqual([[], ['inbox/a.jpg']]);
});

test('after another start of the daemon the journal says what was copied, and since when', async () => {
  const writers = await take('a.jpg', 'b.jpg');
  begin();
  writers.get('a.jpg')?.('more');
  await clear();
  expect([taken(), inInbox()]).toEqual([[`.imagetank/taken/${ID}/b.jpg`], ['inbox/a.jpg']]);
  bench.clock.advance(KEPT_MS);
  await clear();
  expect(taken()).toEqual([]);
});

test('nobody writes on after another boot: what is as it was copied goes at once', async () => {
  await take('a.jpg');
  const { clock } = bench;
  const boot = { stamp: () => ({ ...clock.stamp(), bootId: 'another', monoMs: 1 }) };
  begin({ clock: boot });
  await clear();
  expect(taken()).toEqual([]);
});

test('what this journal has not recorded is not deleted, whatever its age', async () => {
  bench.inbox.write(`.imagetank/taken/${ID}/a.jpg`, 'of another box');
  bench.clock.advance(10 * KEPT_MS);
  await clear();
  expect(bench.inbox.files).toEqual({ 'inbox/a.jpg': 'of another box' });
});

test('a record of another card under the same name is no proof', async () => {
  bench.inbox.write('inbox/a.jpg', 'one');
  await bench.emit({ ...bench.settledFact(['a.jpg']), cardId: 'AAAA-0001+1' as never });
  await bench.inbox.take((await bench.inbox.look(1))?.files ?? [], ID);
  bench.clock.advance(KEPT_MS);
  await clear();
  expect(inInbox()).toEqual(['inbox/a.jpg']);
});

test('a copy that was lost meanwhile sends its file back', async () => {
  await take('a.jpg', 'b.jpg');
  const lost = [{ to: p('Photos/a.jpg'), why: 'altered' as const }];
  await bench.emit({ type: 'CopiesLost', backupId: null, driveId: bench.drive.id, files: lost });
  bench.clock.advance(KEPT_MS);
  await clear();
  expect([taken(), inInbox()]).toEqual([[], ['inbox/a.jpg']]);
});

describe('with a copy on another drive, that is away', () => {
  const AWAY = driveAt('/away', '00000000-0000-4000-8000-000000000002');
  const onBoth = async (change: Partial<FactOf<'FilesSettled'>> = {}): Promise<void> => {
    bench.drives.push(AWAY);
    await take('a.jpg');
    for (const fact of bench.facts.slice()) {
      if (fact.type === 'FilesSettled') await bench.emit({ ...fact, driveId: AWAY.id, ...change });
    }
    bench.clock.advance(KEPT_MS);
  };
  const lose = (driveId: Drive['id']) => {
    const files = [{ to: p('Photos/a.jpg'), why: 'altered' as const }];
    return bench.emit({ type: 'CopiesLost', backupId: null, driveId, files });
  };

  test('it goes while both are on record', async () => {
    await onBoth();
    await clear();
    expect([taken(), inInbox()]).toEqual([[], []]);
  });

  test.each([
    ['this drive', 'all'],
    ['the other drive', 'all'],
    ['this drive', 1],
    ['the other drive', 1],
  ] as const)('a copy that %s lost sends it back, with copies = %s', async (which, copies) => {
    await onBoth();
    begin({ copies });
    await lose(which === 'this drive' ? bench.drive.id : AWAY.id);
    await clear();
    expect([taken(), inInbox()]).toEqual([[], ['inbox/a.jpg']]);
  });

  test('as many as are asked for have to count: one of a volume that was read from the cache does not', async () => {
    for (const [copies, stays] of [
      ['all', true],
      [2, true],
      [1, false],
    ] as const) {
      bench = new Bench();
      begin({ copies });
      await onBoth({ verifiedFrom: 'cache' });
      bench.drives.splice(1, 1, { ...AWAY, kind: 'volume' });
      await clear();
      expect(inInbox()).toEqual(stays ? ['inbox/a.jpg'] : []);
    }
  });

  test('the copy of a drive that nobody trusts any more does not count', async () => {
    await onBoth();
    bench.drives.pop();
    await clear();
    expect(inInbox()).toEqual(['inbox/a.jpg']);
  });

  test('more copies are asked for by now than it got', async () => {
    await take('a.jpg');
    begin({ copies: 2 });
    bench.clock.advance(KEPT_MS);
    await clear();
    expect(inInbox()).toEqual(['inbox/a.jpg']);
  });
});

test('a copy that is gone from the drive, changed there, or the very file, is no copy', async () => {
  await take('gone.jpg', 'changed.jpg', 'same.jpg');
  bench.inbox.delete('Photos/gone.jpg');
  bench.inbox.write('Photos/changed.jpg', 'more');
  bench.inbox.delete('Photos/same.jpg');
  bench.inbox.link(`.imagetank/taken/${ID}/same.jpg`, 'Photos/same.jpg');
  bench.clock.advance(KEPT_MS);
  await clear();
  expect(taken()).toEqual([]);
  expect(inInbox()).toEqual(['inbox/changed.jpg', 'inbox/gone.jpg', 'inbox/same.jpg']);
});

test('an inbox that was tidied away comes back with what was written meanwhile', async () => {
  const writers = await take('a.jpg');
  writers.get('a.jpg')?.('more');
  bench.inbox.hasInbox = false;
  await clear();
  expect(bench.inbox.hasInbox).toBe(true);
  expect(inInbox()).toEqual(['inbox/a.jpg']);
});

test('a look that finds something changed does not keep the others for another hour', async () => {
  const writers = await take('a.jpg', 'b.jpg');
  bench.clock.advance(KEPT_MS - 1);
  writers.get('a.jpg')?.('more');
  await clear();
  begin();
  bench.clock.advance(1);
  await clear();
  expect(taken()).toEqual([]);
});

test('hundreds of files are told in several facts', async () => {
  await take(...Array.from({ length: 300 }, (_, at) => `${String(at).padStart(3, '0')}.jpg`));
  bench.clock.advance(KEPT_MS);
  await clear();
  const told = bench.facts.flatMap((fact) => (fact.type === 'InboxCleared' ? [fact.removed.length] : []));
  expect(told).toEqual([128, 128, 44]);
});

test('the library is looked at once for each batch, when its time has come', async () => {
  await take(...Array.from({ length: 130 }, (_, at) => `${at}.jpg`));
  const { identify } = bench.inbox;
  const asked: number[] = [];
  bench.inbox.identify = (paths) => {
    asked.push(paths.length);
    return identify.call(bench.inbox, paths);
  };
  await clear();
  expect(asked).toEqual([]);
  bench.clock.advance(KEPT_MS);
  await clear();
  expect([asked, taken()]).toEqual([[128, 2], []]);
});

test('a stop ends it between two facts', async () => {
  await take(...Array.from({ length: 300 }, (_, at) => `${at}.jpg`));
  bench.clock.advance(KEPT_MS);
  await clearing.run(bench.inbox, () => cleared().length === 1);
  expect(taken()).toHaveLength(300 - 128);
  expect(cleared()).toHaveLength(1);
});

test('of names that are not UTF-8 the bytes are told, of what was deleted and of what came back', async () => {
  const writers = await take('a.jpg', 'b.jpg', 'c.jpg');
  const bytes = new Map(
    ['a.jpg', 'b.jpg'].map((name) => [name, Buffer.from(`${name}\xff`, 'latin1').toString('base64')]),
  );
  const odd = <File extends { readonly path: string }>(file: File) => {
    const pathBase64 = bytes.get(file.path);
    return pathBase64 === undefined ? file : { ...file, pathBase64 };
  };
  const real = bench.inbox.taken.bind(bench.inbox);
  bench.inbox.taken = async (max) => {
    const listing = await real(max);
    return { ...listing, files: listing.files.map(odd) };
  };
  const [settledThen] = bench.facts.filter(({ type }) => type === 'FilesSettled');
  if (settledThen?.type !== 'FilesSettled') throw new Error('nothing was settled');
  await bench.emit({ ...settledThen, copied: settledThen.copied.map(odd) });
  writers.get('b.jpg')?.(' and more');
  bench.inbox.putBack = async ({ path }) => odd({ path });
  bench.clock.advance(KEPT_MS);
  begin();
  await clear();
  const [fact] = cleared();
  expect(fact).toMatchObject({ removed: ['a.jpg', 'c.jpg'], putBack: [{ path: 'b.jpg', as: 'b.jpg' }] });
  expect(fact).toMatchObject({
    notUtf8: ['a.jpg', 'b.jpg'].map((path) => ({ path, pathBase64: bytes.get(path) })),
  });
});

test.each([
  { unreadable: 1, more: false },
  { unreadable: 0, more: true },
])('what cannot be seen now is remembered as it was taken: %o', async (unseen) => {
  await take('a.jpg');
  const {
    files: [file],
  } = await bench.inbox.taken(1);
  const real = bench.inbox.taken.bind(bench.inbox);
  bench.inbox.taken = async () => ({ files: [], ...unseen });
  expect(await clear()).toMatchObject({ ...unseen, putBack: 0 });
  bench.inbox.taken = real;
  // Only the mark tells: size and time are as they were.
  bench.inbox.write(`.imagetank/taken/${ID}/a.jpg`, '', file?.mtimeMs);
  expect(await clear()).toMatchObject({ unreadable: 0, putBack: 1 });
  expect(inInbox()).toEqual(['inbox/a.jpg']);
});
