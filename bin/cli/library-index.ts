import { resolve } from 'node:path';
import { escapeText } from '../../adapters/terminal/escape.ts';
import { formatCount } from '../../adapters/terminal/units.ts';
import { UserError } from '../../services/errors.ts';
import type { IndexResult, VerifyProgress } from '../../services/work-shapes.ts';
import type { Action } from './cli.ts';
import { longWork } from './long-work.ts';
import { pacedText, rateOf } from './paced.ts';

/** The answer is not there yet. */
const NOT_YET = 75;

export const index: Action = async (cli, [dir = ''], options) => {
  cli.stopOnInterrupt();
  const result = await longWork<IndexResult, VerifyProgress>(cli, {
    path: 'library/index',
    body: { dir: resolve(dir), ...rateOf(options) },
    text: pacedText,
  });
  if (result === null) {
    if (cli.outputClosed) return NOT_YET;
    const again = `it goes on where it was with: imagetank library index ${dir}`;
    throw new UserError('interrupted', NOT_YET, 'stopped before the end, what was read is recorded', again);
  }
  cli.answer(result, () => indexText(result));
  return result.altered.length + result.unreadable.length === 0 ? 0 : 1;
};

function indexText({ drive, folder, indexed, known, altered, unreadable, manifests }: IndexResult): string[] {
  const were = known === 0 ? '' : `, ${known} were before`;
  return [
    `${formatCount(indexed, 'file')} of ${escapeText(`${drive}/${folder}`)} are verified copies now${were}`,
    ...altered.map(
      (path) => `altered     ${escapeText(path)}  (not what was recorded; see: imagetank verify)`,
    ),
    ...unreadable.map((path) => `unreadable  ${escapeText(path)}`),
    ...manifests.map((path) => `manifest    ${escapeText(path)}`),
  ];
}
