import { escapeText } from '../../adapters/terminal/escape.ts';
import { formatTime } from '../../adapters/terminal/units.ts';
import { UserError } from '../../services/errors.ts';
import type { Action } from './cli.ts';

const LAST_RECORDS = 10;
/** What fits on a few lines; a batch of files is thousands of characters. */
const MAX_DATA_CHARS = 300;

/** The last records, then new ones. */
export const tail: Action = async (cli) => {
  cli.stopOnInterrupt();
  const path = `journal?last=${LAST_RECORDS}&follow=true`;
  for await (const line of await cli.client().lines(path, { signal: cli.stopped })) {
    cli.print(cli.json ? escapeText(line) : readable(line));
  }
  if (cli.stopped.aborted) return 0;
  throw new UserError(
    'daemon-gone',
    69,
    'the daemon ended while its journal was followed',
    'start it: imagetank run',
  );
};

function readable(line: string): string {
  const { seq, at, type, data } = JSON.parse(line) as {
    seq: number;
    at: string;
    type: string;
    data: unknown;
  };
  const text = data === undefined ? '' : JSON.stringify(data);
  const shown = text.length > MAX_DATA_CHARS ? `${text.slice(0, MAX_DATA_CHARS)}…` : text;
  return escapeText(`${String(seq).padStart(6)}  ${formatTime(at, true)}  ${type.padEnd(18)}  ${shown}`);
}
