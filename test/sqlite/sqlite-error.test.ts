import { describe, expect, it } from 'vitest';
import { journalErrorOf } from '../../adapters/sqlite/sqlite-error.ts';
import { JournalError } from '../../services/errors.ts';

const failed = (errcode: number, text = 'failed') => Object.assign(new Error(text), { errcode });
const codeOf = (error: unknown) => journalErrorOf(error, '/state/journal.db').code;

describe('journalErrorOf', () => {
  // https://www.sqlite.org/rescode.html
  it.each([
    ['SQLITE_BUSY', 5, 'busy'],
    ['SQLITE_LOCKED', 6, 'busy'],
    ['SQLITE_BUSY_SNAPSHOT', 517, 'busy'],
    ['SQLITE_IOERR_WRITE', 778, 'io'],
    ['SQLITE_IOERR_SHMSIZE', 4874, 'state-disk-full'],
    ['SQLITE_CORRUPT', 11, 'damaged'],
    ['SQLITE_CORRUPT_INDEX', 779, 'damaged'],
    ['SQLITE_FULL', 13, 'state-disk-full'],
    ['SQLITE_NOTADB', 26, 'damaged'],
    ['SQLITE_CANTOPEN', 14, 'io'],
  ])('knows %s', (_, errcode, code) => {
    expect(codeOf(failed(errcode))).toBe(code);
  });

  it.each([
    ['database disk image is malformed', 'damaged'],
    ['file is not a database', 'damaged'],
    ['database or disk is full', 'state-disk-full'],
    ['ENOSPC: no space left on device', 'state-disk-full'],
    ['database is locked', 'busy'],
    ['something else', 'io'],
  ])('goes by the text %j where there is no number', (text, code) => {
    expect(codeOf(new Error(text))).toBe(code);
    expect(codeOf(text)).toBe(code);
  });

  it('says which file, keeps the cause, and leaves what is said already', () => {
    const cause = failed(13, 'full');
    expect(journalErrorOf(cause, '/state/journal.db')).toMatchObject({
      message: '/state/journal.db: full',
      cause,
    });
    const said = new JournalError('newer', 4, 'newer');
    expect(journalErrorOf(said, '/state/journal.db')).toBe(said);
  });
});
