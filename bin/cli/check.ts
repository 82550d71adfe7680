import { escapeText } from '../../adapters/terminal/escape.ts';
import { formatBytes, formatCount } from '../../adapters/terminal/units.ts';
import { WORD_OF_SPECIAL } from '../../services/library/special-files.ts';
import type { CheckResult, WorkProgress } from '../../services/shapes.ts';
import { type Action, withTarget } from './cli.ts';
import { longWork } from './long-work.ts';

export const check: Action = async (cli, [card = '']) => {
  const ask = (target: string) =>
    longWork<CheckResult, WorkProgress>(cli, { path: 'check', body: { card: target }, text: progressText });
  const result = await withTarget(card, ask);
  // Nobody reads the answer any more (`| head`): it is not known to be yes.
  if (result === null) return 1;
  cli.answer(result, () => checkText(result));
  return result.safe ? 0 : 1;
};

const progressText = (at: WorkProgress): string =>
  `${at.filesDone} of ${formatCount(at.filesTotal, 'file')}  ${formatBytes(at.bytesDone)} of ${formatBytes(at.bytesTotal)}`;

function checkText(result: CheckResult): string[] {
  const head = result.safe
    ? `safe to format: all of ${formatCount(result.files, 'file')} verified`
    : `NOT safe to format: ${result.verified} of ${formatCount(result.files, 'file')} verified`;
  return [
    head,
    ...result.missing.map(({ path, why }) => `${why.padEnd(15)}  ${escapeText(path)}`),
    ...(result.notFiles ?? []).map(
      ({ path, what }) => `not copied       ${escapeText(path)} (${WORD_OF_SPECIAL[what]})`,
    ),
    ...result.gaps.map((gap) => `never seen       ${escapeText(gap)}`),
  ];
}
