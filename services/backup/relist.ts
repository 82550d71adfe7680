import { isCardError, messageOf } from '../errors.ts';
import type { CardReader, ScannedFile } from '../ports.ts';
import type { CardPlan } from './plan.ts';
import { FileProblem, Stopped } from './problems.ts';
import type { Source } from './source.ts';

/**
 * Lists the card once more, when its last byte was read: what appeared or changed since the plan is on no drive.
 * Null when there is no such file. Throws `Stopped` when the card is gone.
 */
export async function changedSince(
  plan: CardPlan,
  cards: CardReader,
  root: string,
  source: Source,
): Promise<FileProblem | null> {
  const planned = new Map<string, string>();
  for (const { members } of plan.groups())
    for (const file of members) planned.set(nameOf(file), stateOf(file));
  try {
    for await (const entry of cards.scan(root)) {
      source.check();
      if (entry.kind !== 'file' || planned.get(nameOf(entry)) === stateOf(entry)) continue;
      const what = planned.has(nameOf(entry)) ? 'changed' : 'appeared';
      return new FileProblem('file-changed', `${entry.path} ${what} while the card was backed up`, false);
    }
  } catch (error) {
    if (!isCardError(error)) throw error;
    throw new Stopped('card-removed', messageOf(error), error);
  }
  if (await cards.isPresent(root)) return null;
  throw new Stopped('card-removed', `${root} went away before its last listing`);
}

const nameOf = ({ path, pathBase64 }: ScannedFile) => `${path}\n${pathBase64 ?? ''}`;
const stateOf = ({ sizeBytes, mtimeMs }: ScannedFile) => `${sizeBytes} ${mtimeMs}`;
