import { expect, test } from 'vitest';
import { driveId, inboxCardId } from '../../machines/ids.ts';
import { type Case, judge } from '../../services/inbox/judging.ts';
import type { InboxFile } from '../../services/inbox/ports.ts';
import { SettledFiles } from '../../services/inbox/settled-files.ts';
import { Bench, DRIVE, ID } from './kit.ts';

const totals = { files: 1, bytes: 3, copied: 1, duplicates: 0, failed: 0 };
const share = { driveId: DRIVE.id, files: 1, bytes: 3, verifiedFrom: 'medium' } as const;

/** One file, backed up as it should be; `change` is what went another way. */
async function judged(change: (usual: Case, file: InboxFile) => Partial<Case> = () => ({})) {
  const bench = new Bench();
  bench.inbox.write('inbox/a.jpg', 'one');
  const listing = await bench.inbox.look(10);
  const [file] = listing?.files ?? [];
  if (listing === null || file === undefined) throw new Error('no file');
  const fact = bench.settledFact(['a.jpg']);
  await bench.emit(fact);
  const files = new SettledFiles();
  files.add(fact);
  const usual: Case = {
    end: {
      ...{
        type: 'BackupFinished',
        backupId: ID,
        cardId: inboxCardId(DRIVE.id),
        totals,
        trusted: true,
        enough: true,
      },
      drives: [{ ...share, outcome: 'done', reason: null }],
    },
    listing,
    offer: listing.files,
    files,
    drives: [DRIVE],
    wanted: 1,
    catalogue: bench.journal.catalogue,
    inodes: async (copies) => copies.map(() => '1:4711'),
  };
  const { safe, left, links } = await judge({ ...usual, ...change(usual, file) });
  return { safe: safe.map(({ path }) => path), left, links };
}
const LEFT = { safe: [], left: 1, links: 0 };

test('a file that was read, recorded and is still the same is safe', async () => {
  expect(await judged()).toEqual({ safe: ['a.jpg'], left: 0, links: 0 });
});

test('another file under the name, of the same size and time, is not', async () => {
  const other = (usual: Case, file: InboxFile) => ({
    listing: { ...usual.listing, files: [{ ...file, mark: 'another inode' }] },
  });
  expect(await judged(other)).toEqual(LEFT);
});

test('nor one that was not offered', async () => {
  expect(await judged(() => ({ offer: [] }))).toEqual(LEFT);
});

test('nor one of which the backup read another size or time', async () => {
  for (const [sizeBytes, mtimeMs] of [
    [4, 0],
    [0, 1],
  ] as const) {
    const read = ({ listing, offer }: Case, file: InboxFile) => {
      const now = { ...file, sizeBytes: file.sizeBytes + sizeBytes, mtimeMs: file.mtimeMs + mtimeMs };
      return { listing: { ...listing, files: [now] }, offer: offer.map(() => now) };
    };
    expect(await judged(read)).toEqual(LEFT);
  }
});

test('two contents that two drives got under one name prove neither', async () => {
  const bench = new Bench();
  bench.inbox.write('inbox/a.jpg', 'one');
  const files = new SettledFiles();
  const fact = bench.settledFact(['a.jpg']);
  files.add(fact);
  files.add({ ...fact, copied: fact.copied.map((file) => ({ ...file, xxh64: 'f'.repeat(16) })) });
  const [file] = fact.copied;
  if (file === undefined) throw new Error('no file');
  await bench.emit(fact);
  expect(files.copies(file, bench.journal.catalogue)).toEqual([]);
});

test('what could not be listed is left, and so is what was not even looked at', async () => {
  expect(await judged(({ listing }) => ({ listing: { ...listing, unreadable: 2 } }))).toMatchObject({
    left: 2,
  });
  expect(await judged(({ listing }) => ({ listing: { ...listing, more: true } }))).toMatchObject({ left: 1 });
});

test('a hard link of its copy is left, and told apart', async () => {
  const inodes = async () => ['1:1'];
  const linked = (_: Case, file: InboxFile) => ({ inodes, offer: [file] });
  const { safe, left, links } = await judged((usual, file) => ({
    ...linked(usual, file),
    inodes: async () => [file.mark.split(':').slice(0, 2).join(':')],
  }));
  expect({ safe, left, links }).toEqual({ safe: [], left: 1, links: 1 });
});

test.each([
  ['of their own', ['2:7', '3:7'], 1],
  ['that are one file by a hard link', ['2:7', '2:7'], 0],
])('copies on two drives %s', async (_what, inodes, safe) => {
  const found = await judged(({ end, drives, files, catalogue }, file) => {
    const other = { ...DRIVE, id: driveId('other') };
    const copies = files.copies(file, catalogue);
    const both = [...copies, ...copies.map((copy) => ({ ...copy, driveId: other.id }))];
    const ends = end.type === 'BackupInterrupted' ? [] : end.drives;
    return {
      end: {
        ...end,
        drives: [...ends, ...ends.map((one) => ({ ...one, driveId: other.id }))],
      } as Case['end'],
      files: { isAsRead: () => true, copies: () => both } as unknown as SettledFiles,
      drives: [...drives, other],
      wanted: 2,
      inodes: async () => inodes,
    };
  });
  expect(found).toMatchObject({ left: 1 - safe, links: 0 });
  expect(found.safe).toHaveLength(safe);
});
