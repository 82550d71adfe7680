import { setImmediate as breathe } from 'node:timers/promises';
import { escapeText } from '../../adapters/terminal/escape.ts';
import { verifyChain } from '../../services/journal/chain.ts';
import type { Action } from './cli.ts';
import { withStore } from './open-store.ts';

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
