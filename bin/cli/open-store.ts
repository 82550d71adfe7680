import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteStore } from '../../adapters/sqlite/sqlite-store.ts';
import { isJournalError, UserError } from '../../services/errors.ts';
import type { Store } from '../../services/ports.ts';
import { quietSqlite } from '../quiet-sqlite.ts';
import type { Cli } from './cli.ts';

/** The journal of the state folder, for reading, whether a daemon runs or not. Throws `UserError` 65, 66. */
export async function withStore<Answer>(
  cli: Cli,
  use: (store: Store) => Promise<Answer> | Answer,
): Promise<Answer> {
  quietSqlite();
  const path = join(cli.places().stateDir, 'journal.db');
  if (!existsSync(path)) {
    throw new UserError('no-journal', 66, `no journal yet, ${path}`, 'name its folder: --state DIR');
  }
  try {
    const store = openSqliteStore(path, { readOnly: true });
    try {
      return await use(store);
    } finally {
      store.log.close();
    }
  } catch (error) {
    if (!isJournalError(error) || error.code !== 'damaged') throw error;
    const what = error.message.includes(path) ? error.message : `${error.message}, ${path}`;
    throw new UserError('journal-damaged', 65, what, 'keep a copy, then: imagetank run --recover', error);
  }
}
