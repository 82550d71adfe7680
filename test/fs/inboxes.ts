import fs from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { openInboxStore } from '../../adapters/fs/inbox-store.ts';
import type { InboxStore } from '../../services/inbox/ports.ts';
import type { InboxSubject } from '../contracts/inbox-store.contract.ts';
import { adoptFolder } from './drives.ts';
import { run, useCleaner } from './folders.ts';

/** Folders as drives with an inbox, and clients that upload to them. */

/** Of the test file that imports this. */
export const clean = useCleaner();

/** As a client of the drive. */
export function client(root: string): Omit<InboxSubject, 'store' | 'cleanUp'> {
  return {
    write: (path, content) => {
      fs.mkdirSync(dirname(join(root, path)), { recursive: true });
      const fd = fs.openSync(join(root, path), 'a');
      clean.after(() => fs.closeSync(fd));
      const add = (more: string) => {
        fs.writeSync(fd, more);
      };
      add(content);
      return add;
    },
    link: (from, to) => fs.linkSync(join(root, from), join(root, to)),
    delete: (path) => fs.unlinkSync(join(root, path)),
    files: () => contentsBelow(root),
    removeInbox: () => fs.rmSync(join(root, 'inbox'), { recursive: true }),
  };
}

export function contentsBelow(root: string): Record<string, string> {
  const files = fs
    .readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'drive.json')
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    files.sort().map((path) => [relative(root, path), fs.readFileSync(path, 'utf8')]),
  );
}

export async function drive(): Promise<{ readonly root: string; readonly store: InboxStore }> {
  const root = join(await clean.folder(), 'drive');
  fs.mkdirSync(join(root, 'inbox'), { recursive: true });
  return { root, store: await openInboxStore(await adoptFolder(root)) };
}

/** Makes folders in `top` until the path is so many bytes long; a path to the last one by which it can be named. */
export function deepFolder(top: string, bytes: number): string {
  let fd = fs.openSync(top, 'r');
  clean.after(() => fs.closeSync(fd));
  for (let left = bytes - top.length; left > 1; ) {
    const length = left > 480 ? 240 : left > 250 ? left >> 1 : left;
    const next = `/proc/self/fd/${fd}/${'d'.repeat(length - 1)}`;
    fs.mkdirSync(next);
    const opened = fs.openSync(next, 'r');
    fs.closeSync(fd);
    fd = opened;
    left -= length;
  }
  // Node's own rm names whole paths.
  clean.after(() => run('rm', '-rf', top));
  return `/proc/self/fd/${fd}`;
}

export const look = async (store: InboxStore) => (await store.look(100))?.files ?? [];
