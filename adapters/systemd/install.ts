import { createHash } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../../services/errors.ts';
import { LIBRARY, type SystemFile } from './files.ts';

/** What was written, by hash: tells a file of an older version from one that its owner edited. */
const RECORD = `${LIBRARY}/installed.json`;

export interface PlannedFile extends SystemFile {
  /** `unreadable`: only root may look (polkit's rules), so that it cannot be told. */
  readonly change: 'new' | 'changed' | 'unchanged' | 'unreadable';
  /** Where the owner's own version is kept; null when there is none. */
  readonly kept: string | null;
}

/** What differs from the files that are there. Throws `UserError` 73 where something is in the way. */
export function planFiles(root: string, files: readonly SystemFile[]): readonly PlannedFile[] {
  const record = readRecord(root);
  return files.map((file) => {
    const found = readFound(root, file.path);
    if (found === null) return { ...file, change: 'new', kept: null };
    if (found === 'unreadable') return { ...file, change: 'unreadable', kept: null };
    const same = found.text === file.text && found.mode === file.mode;
    if (same) return { ...file, change: 'unchanged', kept: null };
    const hash = hashOf(found.text);
    const own = found.text === file.text || record[file.path] === hash;
    // Named by its content: an edit is never lost, however often this runs.
    return { ...file, change: 'changed', kept: own ? null : `${file.path}.kept-${hash.slice(0, 8)}` };
  });
}

/** Writes what is new or changed, each file at once. Throws `UserError` 73 or the system's error. */
export function writeFiles(root: string, planned: readonly PlannedFile[]): void {
  for (const { path, mode, text, change, kept } of planned) {
    if (change === 'unchanged' || change === 'unreadable') continue;
    // Not executable, whatever it was: everything executable in system-shutdown/ is run.
    if (kept !== null) writeWhole(root, kept, readFileSync(join(root, path), 'utf8'), 0o600);
    writeWhole(root, path, text, mode);
  }
  const hashes = Object.fromEntries(planned.map(({ path, text }) => [path, hashOf(text)]));
  const record = `${JSON.stringify({ format: 1, files: hashes }, null, 2)}\n`;
  const recorded = readFound(root, RECORD);
  if (recorded === null || recorded === 'unreadable' || recorded.text !== record) {
    writeWhole(root, RECORD, record, 0o644);
  }
}

/** Removes what this program wrote and nobody edited since; gives the paths that are gone and those that stay. */
export function removeFiles(root: string, write: boolean): { removed: string[]; stay: string[] } {
  const removed: string[] = [];
  const stay: string[] = [];
  for (const [path, hash] of Object.entries(readRecord(root))) {
    const found = readFound(root, path);
    if (found === null) continue;
    if (found === 'unreadable') stay.push(path);
    else (hashOf(found.text) === hash ? removed : stay).push(path);
  }
  if (write) for (const path of [...removed, RECORD]) rmSync(join(root, path), { force: true });
  return { removed, stay };
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');

function readRecord(root: string): Readonly<Record<string, string>> {
  try {
    const record = JSON.parse(readFileSync(join(root, RECORD), 'utf8')) as {
      files: Record<string, string>;
    };
    return record.files ?? {};
  } catch {
    // Without it every file that differs counts as edited, and is kept.
    return {};
  }
}

type Found = { readonly text: string; readonly mode: number } | 'unreadable' | null;

function readFound(root: string, path: string): Found {
  const at = join(root, path);
  try {
    const found = lstatSync(at, { throwIfNoEntry: false });
    if (found === undefined) return null;
    if (found.isFile()) return { text: readFileSync(at, 'utf8'), mode: found.mode & 0o7777 };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') return 'unreadable';
    throw error;
  }
  const hint = 'if it is masked: systemctl unmask; else move it away';
  throw new UserError('in-the-way', 73, `something that is no file is there, ${at}`, hint);
}

/** Either the old file or the new one is there, also after a power cut. */
export function writeWhole(root: string, path: string, text: string, mode: number): void {
  const at = join(root, path);
  mkdirSync(dirname(at), { recursive: true, mode: 0o755 });
  const inside = realpathSync(root);
  if (!`${realpathSync(dirname(at))}/`.startsWith(inside === '/' ? '/' : `${inside}/`)) {
    throw new UserError(
      'outside',
      73,
      `leads out of ${root}, ${at}`,
      'use links inside of it that are relative',
    );
  }
  const fresh = `${at}.new`;
  rmSync(fresh, { force: true });
  const fd = openSync(fresh, 'wx', mode);
  try {
    writeFileSync(fd, text);
    // Whatever the umask of the caller.
    fchmodSync(fd, mode);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(fresh, at);
}
