import { JournalError, messageOf } from '../../services/errors.ts';

/** Primary result codes of SQLite (https://www.sqlite.org/rescode.html). */
const CODES: ReadonlyMap<number, JournalError['code']> = new Map([
  [5, 'busy'],
  [6, 'busy'],
  [11, 'damaged'],
  [13, 'state-disk-full'],
  [26, 'damaged'],
]);

/** `SQLITE_IOERR_SHMSIZE`: there is no room for the index of the write-ahead log, which a reader needs as well. */
const EXTENDED: ReadonlyMap<number, JournalError['code']> = new Map([[4874, 'state-disk-full']]);

/** What went wrong in words of the journal. `node:sqlite` gives `errcode`, an extended code: its low byte is the primary one. */
export function journalErrorOf(error: unknown, path: string): JournalError {
  if (error instanceof JournalError) return error;
  const errcode = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
  const code = EXTENDED.get(errcode) ?? CODES.get(errcode & 0xff) ?? codeOfText(messageOf(error));
  return new JournalError(code, null, `${path}: ${messageOf(error)}`, error);
}

/** Where there is no number the text of sqlite3_errstr() has to do. */
function codeOfText(text: string): JournalError['code'] {
  if (/malformed|not a database/.test(text)) return 'damaged';
  if (/disk is full|no space/i.test(text)) return 'state-disk-full';
  return /locked|busy/.test(text) ? 'busy' : 'io';
}
