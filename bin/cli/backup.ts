import { escapeText } from '../../adapters/terminal/escape.ts';
import { ProgressLine } from '../../adapters/terminal/progress-line.ts';
import { renderHistory, renderProgress } from '../../adapters/terminal/render.ts';
import { ADVICE } from '../../machines/reasons.ts';
import { UserError } from '../../services/errors.ts';
import type { BackupStarted, BackupStatus, HistoryLine } from '../../services/shapes.ts';
import { type Action, type Cli, resolveTarget, withTarget } from './cli.ts';

type Message = { readonly progress: BackupStatus } | { readonly result: HistoryLine };

/** The answer is not there yet: a script must not take an ended waiting for a finished backup. */
const STILL_RUNNING = 75;

export const backup: Action = async (cli, [card], { to, fit, wait }) => {
  const order = {
    to: typeof to === 'string' ? resolveTarget(to) : null,
    fit: fit === true,
    wait: wait === true,
  };
  const client = cli.client();
  const ask = (target: string | null) =>
    client.post<readonly BackupStarted[]>('backups', { card: target, ...order });
  const started = card === undefined ? await ask(null) : await withTarget(card, ask);
  if (wait === true) return follow(cli, started);
  for (const { id } of started) cli.answer({ id }, () => [id]);
  return 0;
};

/** Until every one has ended. Ctrl-C ends the waiting, never the backup. */
async function follow(cli: Cli, started: readonly BackupStarted[]): Promise<number> {
  cli.stopOnInterrupt();
  if (!cli.json) for (const { id } of started) cli.print(id);
  const board = new Board(cli);
  const lines = await Promise.all(started.map(({ id }) => followOne(cli, id, board)));
  board.clear();
  let exit = 0;
  for (const line of lines) {
    if (line === null) {
      if (cli.outputClosed) return STILL_RUNNING;
      throw stillRunning(started);
    }
    cli.answer(line, () => renderHistory([line]));
    if (!isGood(line)) {
      exit = 1;
      cli.remark(whyNot(line));
    }
  }
  return exit;
}

/** The history line; null when the waiting was ended first. */
async function followOne(cli: Cli, id: string, board: Board): Promise<HistoryLine | null> {
  const path = `backups/${encodeURIComponent(id)}/events`;
  for await (const text of await cli.client().lines(path, { signal: cli.stopped })) {
    const message = JSON.parse(text) as Message;
    if ('result' in message) return message.result;
    board.show(message.progress);
  }
  if (cli.stopped.aborted) return null;
  throw new UserError('daemon-gone', 69, `the daemon ended before backup ${id}`, 'see: imagetank history');
}

/** Progress of all followed backups: JSON lines, or one line for people on standard error. */
class Board {
  readonly #cli: Cli;
  readonly #line = new ProgressLine(process.stderr);
  readonly #texts = new Map<string, string>();

  constructor(cli: Cli) {
    this.#cli = cli;
  }

  show(progress: BackupStatus): void {
    if (this.#cli.quiet) return;
    if (this.#cli.json) {
      this.#cli.answer(progress, () => []);
      return;
    }
    // Nothing to tell yet, and where a line cannot be taken back it would stand there after the end.
    if (progress.phase === 'planned') return;
    this.#texts.set(progress.id, escapeText(`${progress.card}: ${renderProgress(progress)}`));
    this.#line.show([...this.#texts.values()].join('   '));
  }

  clear(): void {
    this.#line.clear();
  }
}

/** `verified-from-cache` is not good: nothing shows that the medium holds what was written. */
const isGood = (line: HistoryLine): boolean =>
  line.outcome === 'done' && line.reason !== 'verified-from-cache';

function whyNot(line: HistoryLine): string {
  if (line.reason === 'verified-from-cache') {
    return `backup ${line.id}: verified from the page cache only: do not erase the card yet, use a drive with ext4 or exFAT`;
  }
  const advice: Readonly<Record<string, string>> = ADVICE;
  const reason = line.reason ?? 'internal';
  return `backup ${line.id} ${line.outcome ?? ''} (${reason}): ${advice[reason] ?? 'see: imagetank status'}`;
}

const stillRunning = (started: readonly BackupStarted[]) =>
  new UserError(
    'still-running',
    STILL_RUNNING,
    `no longer waiting, ${started.map(({ id }) => id).join(', ')} goes on`,
    'see how far it is: imagetank status',
  );
