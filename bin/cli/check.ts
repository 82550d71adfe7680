import { formatBytes, formatCount } from '../../adapters/terminal/units.ts';
import { UserError } from '../../services/errors.ts';
import type { CheckOptions, CheckResult, WorkProgress } from '../../services/work-shapes.ts';
import { checkAdvice, checkText } from './check-text.ts';
import { type Action, type Options, withTarget } from './cli.ts';
import { longWork } from './long-work.ts';

/** The answer is not there yet. */
const NOT_YET = 75;

export const check: Action = async (cli, [card = ''], options) => {
  const asked = { copies: copiesOf(options), offsite: options['offsite'] === true };
  cli.stopOnInterrupt();
  const ask = (target: string) =>
    longWork<CheckResult, WorkProgress>(cli, {
      path: 'check',
      body: { card: target, ...asked },
      text: progressText,
    });
  const result = await withTarget(card, ask);
  if (result === null) {
    // Nobody reads the answer any more (`| head`): it is not known to be yes.
    if (cli.outputClosed) return 1;
    const again = `do not format the card, and ask again: imagetank check ${card}`;
    throw new UserError('interrupted', NOT_YET, 'stopped before the end, so there is no answer', again);
  }
  cli.answer(result, () => checkText(result, options['all'] === true));
  const advice = checkAdvice(result);
  if (advice !== null) cli.remark(advice);
  return result.safe ? 0 : 1;
};

/** Null: as configured. */
function copiesOf({ copies }: Options): CheckOptions['copies'] {
  if (copies === undefined) return null;
  const text = String(copies);
  if (text === 'all') return text;
  const count = /^[1-9]\d{0,5}$/.test(text) ? Number(text) : null;
  if (count !== null) return count;
  throw new UserError(
    'usage',
    64,
    `--copies ${text}: no number of drives`,
    'write it as: --copies 2 or --copies all',
  );
}

const progressText = (at: WorkProgress): string =>
  `${at.filesDone} of ${formatCount(at.filesTotal, 'file')}  ${formatBytes(at.bytesDone)} of ${formatBytes(at.bytesTotal)}`;
