import { poll } from '../../adapters/socket-client/poll.ts';
import { escapeText } from '../../adapters/terminal/escape.ts';
import { ProgressLine } from '../../adapters/terminal/progress-line.ts';
import { renderLight, renderProgress } from '../../adapters/terminal/render.ts';
import { UserError } from '../../services/errors.ts';
import type { LightLine, Status } from '../../services/shapes.ts';
import type { Cli } from './cli.ts';

const PROGRESS_EVERY_MS = 1000;

/** A line each light change, and for people how far the running backups are, until Ctrl-C or until the lights go off. */
export async function watch(cli: Cli): Promise<number> {
  cli.stopOnInterrupt();
  const progress = new ProgressLine(process.stdout);
  const polling = new AbortController();
  const shown =
    cli.json || cli.quiet
      ? null
      : showProgress(cli, progress, AbortSignal.any([cli.stopped, polling.signal]));
  let last: LightLine | null = null;
  try {
    for await (const line of await cli.client().lines('events', { signal: cli.stopped })) {
      last = JSON.parse(line) as LightLine;
      progress.clear();
      cli.print(cli.json ? escapeText(line) : renderLight(last));
    }
  } finally {
    polling.abort();
    await shown;
    progress.clear();
  }
  if (cli.stopped.aborted || last?.signal === 'off') return 0;
  throw new UserError('daemon-gone', 69, 'the daemon ended while it was watched', 'start it: imagetank run');
}

async function showProgress(cli: Cli, progress: ProgressLine, signal: AbortSignal): Promise<void> {
  for await (const { backups } of poll<Status>(cli.client(), 'status', PROGRESS_EVERY_MS, signal)) {
    const running = backups.filter((backup) => backup.finishedAt === null);
    if (signal.aborted || cli.outputClosed || running.length === 0) continue;
    progress.show(running.map((one) => escapeText(`${one.card}: ${renderProgress(one)}`)).join('   '));
  }
}
