import { ProgressLine } from '../../adapters/terminal/progress-line.ts';
import { UserError } from '../../services/errors.ts';
import type { Cli } from './cli.ts';

type Message<Result, Progress> = { readonly progress: Progress } | { readonly result: Result };

export interface Question<Progress> {
  /** Below `/api/v1/`. */
  readonly path: string;
  readonly body: unknown;
  readonly text: (progress: Progress) => string;
  /** Also when nothing is shown. */
  readonly onProgress?: (progress: Progress, line: ProgressLine) => void;
}

/** Shows how far it is on standard error, gives the result; null when it was stopped by `cli.stopped`. Throws 69. */
export async function longWork<Result, Progress>(
  cli: Cli,
  { path, body, text, onProgress }: Question<Progress>,
): Promise<Result | null> {
  const line = new ProgressLine(process.stderr);
  try {
    for await (const json of await cli.client().lines(path, { body, signal: cli.stopped })) {
      const message = JSON.parse(json) as Message<Result, Progress>;
      if ('result' in message) return message.result;
      onProgress?.(message.progress, line);
      if (!cli.quiet && !cli.json) line.show(text(message.progress));
    }
  } finally {
    line.clear();
  }
  if (cli.stopped.aborted) return null;
  const hint = 'start it and try again';
  throw new UserError('daemon-gone', 69, `the daemon ended before the result of ${path}`, hint);
}
