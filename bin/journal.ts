import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type Opening, openInSteps } from '../adapters/sqlite/sqlite-store.ts';
import { isJournalError } from '../services/errors.ts';
import { CHAIN_START, followBytes } from '../services/journal/chain.ts';
import type { Store } from '../services/ports.ts';

/** In the state folder. */
export const JOURNAL_FILE = 'journal.db';
/** SQLite's write-ahead log and its index belong to the file and move with it. */
const PARTS = ['', '-wal', '-shm'];

/**
 * Opens the journal of a state folder. A damaged one is moved aside when that was asked for, else it is left as it
 * is and the error is thrown: `JournalError` `damaged`. A newer one is never moved.
 */
export function openJournal(
  stateDir: string,
  recover: boolean,
): { readonly store: Store; readonly movedTo: string | null } {
  const { opening, movedTo } = openJournalInSteps(stateDir, recover);
  try {
    return { store: opening.finish(), movedTo };
  } catch (error) {
    opening.log.close();
    throw error;
  }
}

/** The same, for whoever has lights to show while the read models are made. */
export function openJournalInSteps(
  stateDir: string,
  recover: boolean,
): { readonly opening: Opening; readonly movedTo: string | null } {
  const path = join(stateDir, JOURNAL_FILE);
  try {
    return { opening: openWhole(path, recover), movedTo: null };
  } catch (error) {
    if (!recover || !isJournalError(error) || error.code !== 'damaged') throw error;
    const movedTo = moveAside(stateDir, path);
    return { opening: openInSteps(path), movedTo };
  }
}

/** Opening looks at the end only; before a journal is given up for another, or used, the whole chain is followed. */
function openWhole(path: string, recover: boolean): Opening {
  const opening = openInSteps(path);
  try {
    if (recover) followBytes(CHAIN_START, opening.log.lines());
    return opening;
  } catch (error) {
    opening.log.close();
    throw error;
  }
}

/** `journal.damaged-2026-11-21T04:10:37Z`. */
function moveAside(stateDir: string, path: string): string {
  const stamp = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const aside = join(stateDir, `journal.damaged-${stamp}`);
  for (const part of PARTS) if (existsSync(path + part)) renameSync(path + part, aside + part);
  return aside;
}
