import { renderExplanation } from '../../adapters/terminal/explain.ts';
import { UserError } from '../../services/errors.ts';
import type { Action, Options } from './cli.ts';
import { withLibrary } from './library-source.ts';

export const explain: Action = async (cli, [name = ''], options) => {
  const limit = limitOf(options);
  const question = {
    name,
    card: textOf(options, 'card'),
    day: textOf(options, 'day'),
    ...(limit === null ? {} : { limit }),
  };
  const answer = await withLibrary(cli, (library) => library.explain(question));
  cli.answer(answer, () => renderExplanation(answer));
  if (answer.more > 0)
    cli.remark(`${answer.more} more of this name: narrow with --card or --day, or raise --limit`);
  return 0;
};

const textOf = (options: Options, key: string): string | null => {
  const value = options[key];
  return typeof value === 'string' ? value : null;
};

function limitOf({ limit }: Options): number | null {
  if (limit === undefined) return null;
  const count = Number(limit);
  if (Number.isInteger(count) && count >= 1 && count <= 100) return count;
  throw new UserError('usage', 64, `--limit ${String(limit)}: no such number`, 'give one from 1 to 100');
}
