/** What a power cut could take back of what a phone was told, by the calls of a run in their order. */
import type { SystemCall } from './trace.ts';

const STAGED = /\/[0-9a-f-]{36}\.(part|json|new)$/;
/** Backups write files with such names elsewhere. */
const PLACE = '/.imagetank/uploads/';
const WRITE = /^p?write/;
const SYNC = /^f(data)?sync$/;
/** As `strace -y` names it. */
const SOCKET = /^socket:/;

/** Files and folders of uploads that were not synced when something was answered, and records that were so when they moved. */
export function brokenPromises(calls: readonly SystemCall[]): readonly string[] {
  const unsynced = new Set<string>();
  const broken: string[] = [];
  for (const { name, path } of calls) {
    if (WRITE.test(name) && SOCKET.test(path)) {
      for (const one of unsynced) broken.push(`${one}: answered before it was synced`);
      unsynced.clear();
    }
    if (SYNC.test(name)) unsynced.delete(nameOf(path));
    if (!STAGED.test(path)) continue;
    const what = nameOf(path);
    if (WRITE.test(name) && path.includes(PLACE)) unsynced.add(what);
    if (name.startsWith('unlink')) unsynced.delete(what);
    if (!name.startsWith('rename')) continue;
    if (unsynced.delete(what.replace(/json$/, 'new'))) broken.push(`${what}: renamed before it was synced`);
    unsynced.add(what).add('uploads');
  }
  return broken;
}

/** Names are looked for in a folder that is held open, and descriptors are known by their whole path. */
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
