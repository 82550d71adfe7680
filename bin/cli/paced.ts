import { escapeText } from '../../adapters/terminal/escape.ts';
import { formatBytes, formatCount, formatRate, formatSeconds } from '../../adapters/terminal/units.ts';
import { parseRate } from '../../services/config/units.ts';
import { UserError } from '../../services/errors.ts';
import type { VerifyProgress } from '../../services/work-shapes.ts';
import type { Options } from './cli.ts';

/** `--rate` of commands that read a drive beside backups. Throws 64. */
export function rateOf({ rate }: Options): { readonly rateBytesPerSecond: number | null } {
  if (rate === undefined) return { rateBytesPerSecond: null };
  const rateBytesPerSecond = parseRate(String(rate));
  if (rateBytesPerSecond !== null) return { rateBytesPerSecond };
  throw new UserError('usage', 64, `--rate ${String(rate)}: no rate`, 'write it as: --rate 20MB/s');
}

/** How far the reading of a drive is, in one line. */
export function pacedText(at: VerifyProgress): string {
  const name = at.drive === null ? '' : `${escapeText(at.drive)}: `;
  return [
    `${name}${at.filesDone} of ${formatCount(at.filesTotal, 'file')}`,
    `${formatBytes(at.bytesDone)} of ${formatBytes(at.bytesTotal)}`,
    at.waiting ? 'waiting, a backup goes first' : formatRate(at.rateBytesPerSecond),
    at.secondsLeft === null ? '' : `${formatSeconds(at.secondsLeft)} left`,
  ]
    .filter((part) => part !== '')
    .join('  ');
}
