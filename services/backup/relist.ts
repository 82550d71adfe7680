import { isCardError, messageOf } from '../errors.ts';
import { type ShotGroup, shotGroups } from '../library/groups.ts';
import type { CardReader, ScannedFile } from '../media-ports.ts';
import type { CardPlan } from './plan.ts';
import { FileProblem, Stopped } from './problems.ts';
import type { Source } from './source.ts';

/**
 * Lists the card once more, when its last byte was read: what appeared or changed since the plan is on no drive.
 * Null when there is no such file. Throws `Stopped` when the card is gone.
 *
 * Both listings come in one order, so they are held side by side; from the first file that was deleted on, each is
 * looked up by its name.
 */
export async function changedSince(
  plan: CardPlan,
  cards: CardReader,
  root: string,
  source: Source,
): Promise<FileProblem | null> {
  const planned = plan.groups()[Symbol.iterator]();
  try {
    for await (const group of shotGroups(filesNow(cards, root, source))) {
      const { value, done } = planned.next();
      if (done !== true && isSameGroup(value, group)) continue;
      const problem = firstChange(group, plan);
      if (problem !== null) return problem;
    }
  } catch (error) {
    if (!isCardError(error)) throw error;
    throw new Stopped('card-removed', messageOf(error), error);
  }
  if (await cards.isPresent(root)) return null;
  throw new Stopped('card-removed', `${root} went away before its last listing`);
}

async function* filesNow(cards: CardReader, root: string, source: Source): AsyncGenerator<ScannedFile> {
  for await (const entry of cards.scan(root)) {
    source.check();
    if (entry.kind === 'file') yield entry;
  }
}

function firstChange(group: ShotGroup, plan: CardPlan): FileProblem | null {
  for (const file of group.members) {
    const before = plan.find(file);
    if (before !== null && isSame(before, file)) continue;
    const what = before === null ? 'appeared' : 'changed';
    return new FileProblem('file-changed', `${file.path} ${what} while the card was backed up`, false);
  }
  return null;
}

const isSameGroup = (a: ShotGroup, b: ShotGroup): boolean =>
  a.members.length === b.members.length &&
  a.members.every((file, at) => {
    const other = b.members[at];
    return other !== undefined && isSame(file, other);
  });

const isSame = (a: ScannedFile, b: ScannedFile): boolean =>
  a.path === b.path &&
  a.pathBase64 === b.pathBase64 &&
  a.sizeBytes === b.sizeBytes &&
  a.mtimeMs === b.mtimeMs;
