import fs from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openInboxStore } from '../../adapters/fs/inbox-store.ts';
import { backupId } from '../../machines/ids.ts';
import type { InboxFile, InboxStore, TakenFile } from '../../services/inbox/ports.ts';
import { reasonOf } from '../contracts/drive-store.contract.ts';
import { adoptFolder } from './drives.ts';
import { useCleaner } from './folders.ts';
import { errno, interposeSync, pathOfFd } from './handles.ts';

const clean = useCleaner();
const ID = backupId('20261121-57');
const TAKEN = `.imagetank/taken/${ID}`;

let root: string;
let store: InboxStore;
beforeEach(async () => {
  root = join(await clean.folder(), 'drive');
  fs.mkdirSync(join(root, 'inbox'), { recursive: true });
  store = await openInboxStore(await adoptFolder(root));
});
afterEach(() => {
  vi.restoreAllMocks();
});

function upload(...paths: string[]): void {
  for (const path of paths) {
    fs.mkdirSync(dirname(join(root, 'inbox', path)), { recursive: true });
    fs.writeFileSync(join(root, 'inbox', path), 'one');
  }
}

const look = async (): Promise<readonly InboxFile[]> => (await store.look(100))?.files ?? [];

/** A file that was taken, and the inbox empty again: its folders are gone. */
async function takenFrom(path: string): Promise<TakenFile> {
  upload(path);
  await store.take(await look(), ID);
  fs.rmSync(join(root, 'inbox'), { recursive: true });
  fs.mkdirSync(join(root, 'inbox'));
  const {
    files: [file],
  } = await store.taken(100);
  if (file === undefined) throw new Error('nothing was taken');
  return file;
}

/** What changes names or makes them durable from now on, in order, with paths below the drive. */
function watchCalls(renamed: (to: string) => void = () => undefined): string[] {
  const calls: string[] = [];
  const below = (path: unknown): string => {
    const text = String(path);
    return relative(root, join(fs.realpathSync(dirname(text)), basename(text)));
  };
  for (const name of ['linkSync', 'renameSync'] as const) {
    interposeSync(name, (original, [from, to]) => {
      original(from, to);
      calls.push(`${name.slice(0, -4)} ${below(to)}`);
      if (name === 'renameSync') renamed(String(to));
    });
  }
  interposeSync('unlinkSync', (original, [path]) => {
    calls.push(`unlink ${below(path)}`);
    original(path);
  });
  interposeSync('fsyncSync', (original, [fd]) => {
    calls.push(`sync ${relative(root, pathOfFd(fd)) || 'the top'}`);
    original(fd);
  });
  return calls;
}

const noLinks = (): void =>
  interposeSync('linkSync', () => {
    throw errno('EPERM');
  });

describe('a file that goes back into the inbox has no other copy', () => {
  it('it is durable in its new folders, all of them, before it loses its old name', async () => {
    const file = await takenFrom('DCIM/100/a.jpg');
    const calls = watchCalls();
    expect((await store.putBack(file))?.path).toBe('DCIM/100/a.jpg');
    expect(calls).toEqual([
      'link inbox/DCIM/100/a.jpg',
      `sync ${TAKEN}/DCIM/100/a.jpg`,
      'sync inbox/DCIM/100',
      'sync inbox/DCIM',
      'sync inbox',
      'sync the top',
      `unlink ${TAKEN}/DCIM/100/a.jpg`,
      `sync ${TAKEN}/DCIM/100`,
    ]);
  });

  it('where there are no links it is synced under its new name, then its folders, the old one last', async () => {
    const file = await takenFrom('DCIM/a.jpg');
    const calls = watchCalls();
    noLinks();
    const as = (await store.putBack(file))?.path;
    expect(calls).toEqual([
      `rename inbox/${as}`,
      `sync inbox/${as}`,
      'sync inbox/DCIM',
      'sync inbox',
      'sync the top',
      `sync ${TAKEN}/DCIM`,
    ]);
  });

  it('after a crash between its two names, too, the old one goes when the new one is durable', async () => {
    const file = await takenFrom('a.jpg');
    fs.linkSync(join(root, TAKEN, 'a.jpg'), join(root, 'inbox/a.jpg'));
    const calls = watchCalls();
    await store.putBack(file);
    expect(calls).toEqual([
      `sync ${TAKEN}/a.jpg`,
      'sync inbox',
      'sync the top',
      `unlink ${TAKEN}/a.jpg`,
      `sync ${TAKEN}`,
    ]);
  });

  it('a sync that fails is told, and the old name stays', async () => {
    const file = await takenFrom('a.jpg');
    interposeSync('fsyncSync', () => {
      throw errno('EIO');
    });
    expect(await reasonOf(store.putBack(file))).toBe('drive-failing');
    expect(fs.existsSync(join(root, TAKEN, 'a.jpg'))).toBe(true);
  });

  it('a file that only its owner may read goes back all the same', async () => {
    const file = await takenFrom('a.jpg');
    interposeSync('openSync', (original, [path, ...others]) => {
      if (String(path).endsWith('/a.jpg')) throw errno('EACCES');
      return original(path, ...others);
    });
    expect((await store.putBack(file))?.path).toBe('a.jpg');
    expect(fs.readdirSync(join(root, 'inbox'))).toEqual(['a.jpg']);
  });
});

describe('taking', () => {
  it('every folder on the way to the new names is durable before one that loses a name', async () => {
    upload('a.jpg', 'a folder with a long name/b.jpg');
    const files = await look();
    const calls = watchCalls();
    await store.take(files, ID);
    expect(calls.filter((call) => call.startsWith('sync'))).toEqual([
      `sync ${TAKEN}/a folder with a long name`,
      `sync ${TAKEN}`,
      'sync .imagetank/taken',
      'sync .imagetank',
      'sync the top',
      'sync inbox/a folder with a long name',
      'sync inbox',
    ]);
  });

  it('a file that changes in the very moment goes back, durable before it loses the name it got', async () => {
    upload('a.jpg');
    const files = await look();
    const calls = watchCalls((to) => fs.appendFileSync(to, 'more'));
    expect(await store.take(files, ID)).toEqual([{ end: 'changed' }]);
    expect(calls.slice(0, 6)).toEqual([
      `rename ${TAKEN}/a.jpg`,
      'link inbox/a.jpg',
      `sync ${TAKEN}/a.jpg`,
      'sync inbox',
      'sync the top',
      `unlink ${TAKEN}/a.jpg`,
    ]);
    expect(fs.readFileSync(join(root, 'inbox/a.jpg'), 'utf8')).toBe('onemore');
  });
});

it('what was deleted is gone for good when that is told', async () => {
  const file = await takenFrom('DCIM/a.jpg');
  const calls = watchCalls();
  expect(await store.remove([file])).toEqual([true]);
  expect(calls).toEqual([`unlink ${TAKEN}/DCIM/a.jpg`, `sync ${TAKEN}/DCIM`]);
});
