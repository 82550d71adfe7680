import fs from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openSqliteStore } from '../../adapters/sqlite/sqlite-store.ts';
import type { Store } from '../../services/ports.ts';
import { pressed, stamped } from '../journal/facts.ts';

type Done = (error: Error | null) => void;

let folder = '';
let path = '';
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imagetank-wal-'));
  path = join(folder, 'journal.db');
  store = openSqliteStore(path);
});
afterEach(async () => {
  vi.restoreAllMocks();
  store.log.close();
  await rm(folder, { recursive: true, force: true });
});

/** From now on a sync is over when it is told so. */
function heldSyncs(): { readonly inode: number; readonly end: Done }[] {
  const syncs: { readonly inode: number; readonly end: Done }[] = [];
  const held = (fd: number, end: Done): void => {
    syncs.push({ inode: fs.fstatSync(fd).ino, end });
  };
  vi.spyOn(fs, 'fdatasync').mockImplementation(held as typeof fs.fdatasync);
  return syncs;
}

/** Neither resolved nor rejected after everything that could happen by itself has happened. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const later = new Promise((resolve) => setImmediate(() => resolve('later')));
  return (await Promise.race([promise.catch(() => undefined), later])) === 'later';
}

const failed = Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });

test('a record is told when the write-ahead log was synced after it, and not before', async () => {
  const syncs = heldSyncs();
  const told = store.log.append(stamped([pressed()]));
  expect(await isPending(told)).toBe(true);
  expect(store.log.head().seq).toBe(0);
  expect(syncs.map(({ inode }) => inode)).toEqual([(await stat(`${path}-wal`)).ino]);
  syncs[0]?.end(null);
  expect(await told).toMatchObject([{ seq: 1 }]);
  expect(store.log.head().seq).toBe(1);
});

test('records that are appended at once follow each other, in whatever order their syncs end', async () => {
  const syncs = heldSyncs();
  const first = store.log.append(stamped([pressed()]));
  const second = store.log.append(stamped([pressed(), pressed()]));
  syncs[1]?.end(null);
  expect((await second).map(({ seq }) => seq)).toEqual([2, 3]);
  syncs[0]?.end(null);
  expect((await first).map(({ seq }) => seq)).toEqual([1]);
  expect(store.log.head().seq).toBe(3);
});

test('after a sync that failed nothing is told and nothing more is taken, until the journal is opened anew', async () => {
  const syncs = heldSyncs();
  const told = store.log.append(stamped([pressed()]));
  syncs[0]?.end(failed);
  const refused = { name: 'JournalError', code: 'io', message: expect.stringContaining('restart imagetank') };
  await expect(told).rejects.toMatchObject(refused);
  expect(store.log.head().seq).toBe(0);
  vi.restoreAllMocks();
  await expect(store.log.append(stamped([pressed()]))).rejects.toMatchObject(refused);
  expect([...store.log.lines()]).toHaveLength(1);
  store.log.close();
  // What was written may be there or not: here it is, and the chain goes on behind it.
  store = openSqliteStore(path);
  expect(await store.log.append(stamped([pressed()]))).toMatchObject([{ seq: 2 }]);
});

test('a log that could not be synced is not moved into the database', async () => {
  const exec = vi.spyOn(fs, 'fdatasync');
  exec.mockImplementation(((_fd: number, end: Done) => end(failed)) as typeof fs.fdatasync);
  const before = (await stat(path)).mtimeMs;
  await expect(store.log.append(stamped([pressed()]))).rejects.toThrow();
  const size = (await stat(`${path}-wal`)).size;
  expect(size).toBeGreaterThan(0);
  const copy = await fs.promises.readFile(path);
  store.log.close();
  expect((await stat(path)).mtimeMs).toBe(before);
  expect(await fs.promises.readFile(path)).toEqual(copy);
  vi.restoreAllMocks();
  store = openSqliteStore(path);
});

test('where no write-ahead log can be kept there is no journal', () => {
  expect(() => openSqliteStore(':memory:')).toThrow(
    expect.objectContaining({ name: 'JournalError', code: 'io', message: expect.stringContaining('memory') }),
  );
});
