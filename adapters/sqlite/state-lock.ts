import { join } from 'node:path';
import { UserError } from '../../services/errors.ts';
import { type Database, openDatabase } from './database.ts';
import { journalErrorOf } from './sqlite-error.ts';

/**
 * One daemon a state folder. SQLite's lock is a POSIX record lock: the kernel drops it with the process, however it
 * ends, so a stale one cannot be left behind. Returns what releases it. Throws `UserError` 75 or `JournalError`.
 */
export function lockState(stateDir: string): () => void {
  const path = join(stateDir, 'daemon.lock');
  let db: Database | null = null;
  try {
    const held = openDatabase(path, false);
    db = held;
    held.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return () => held.close();
  } catch (error) {
    db?.close();
    const cause = journalErrorOf(error, path);
    if (cause.code !== 'busy') throw cause;
    const hint = 'use that one, or name another folder with --state';
    throw new UserError(
      'state-in-use',
      75,
      `${stateDir}: another daemon uses this state folder`,
      hint,
      cause,
    );
  }
}
