import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { openSqliteStore } from '../../adapters/sqlite/sqlite-store.ts';
import { escapeText } from '../../adapters/terminal/escape.ts';
import { isJournalError, UserError } from '../../services/errors.ts';
import { verifyChain } from '../../services/journal/chain.ts';
import type { Store } from '../../services/ports.ts';
import { quietSqlite } from '../quiet-sqlite.ts';
import type { Action, Cli } from './cli.ts';

/** Lines between two moments in which a closed pipe or Ctrl-C is noticed. */
const LINES_PER_TURN = 256;

/** The stored bytes of every record, so that the chain of hashes can be checked; no daemon is needed. */
export const exportLog: Action = (cli) =>
  withStore(cli, async ({ log }) => {
    cli.stopOnInterrupt();
    let count = 0;
    for (const line of log.lines()) {
      // Byte for byte, except on a terminal, which a name in it could command.
      cli.print(process.stdout.isTTY === true ? escapeText(line) : line);
      count += 1;
      if (count % LINES_PER_TURN === 0) await breathe();
      if (cli.stopped.aborted) break;
    }
    return 0;
  });

/** Reads every record and its hash. */
export const verifyLog: Action = (cli) =>
  withStore(cli, ({ log }) => {
    const { seq, hash } = verifyChain(log.lines());
    cli.answer({ ok: true, records: seq, hash }, () => [`ok: ${seq} records, last hash ${hash}`]);
    return 0;
  });

async function withStore(cli: Cli, use: (store: Store) => Promise<number> | number): Promise<number> {
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
