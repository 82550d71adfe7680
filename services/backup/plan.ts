import type { FailedFile } from '../../machines/facts.ts';
import type { RelativePath } from '../../machines/ids.ts';
import { isCardError, messageOf } from '../errors.ts';
import { type ShotGroup, shotGroups } from '../library/groups.ts';
import type { CardReader, ScannedFailure, ScannedFile } from '../ports.ts';
import { FileProblem, Stopped } from './problems.ts';
import type { Source } from './source.ts';

/** Ignored entries named in the plan, and how long each may be: a card of links must not make a fact of megabytes. */
const MAX_IGNORED_NAMED = 1000;
const MAX_IGNORED_LENGTH = 255;

export type { PlannedFile } from './ports.ts';

import type { PlannedFile, PlanStore } from './ports.ts';

/**
 * What is on the card, by its first listing: a pulled card lists as empty without an error, so no later listing counts.
 * Every file in it must end copied, duplicate or failed. Held in memory as small records, 25 MB for 50,000
 * files; a streaming plan belongs to a later issue.
 */
export interface CardPlan {
  /** In the order of the scan. */
  groups(): readonly ShotGroup<PlannedFile>[];
  /** Could not even be listed; numbered behind the files. */
  unreadable(): readonly { index: number; outcome: FailedFile }[];
  close(): void;
  /** Both of the above. */
  readonly files: number;
  readonly bytes: number;
  /** The first 1,000. */
  readonly ignored: readonly RelativePath[];
}

/** Lists the whole card once. Throws `Stopped`, and `FileProblem` when not even its root can be listed. */
export async function planCard(
  cards: CardReader,
  root: string,
  source: Source,
  store: PlanStore,
): Promise<CardPlan> {
  const groups: ShotGroup<PlannedFile>[] = [];
  const unreadable: FailedFile[] = [];
  const ignored: RelativePath[] = [];
  let files = 0;
  let bytes = 0;

  async function* planned(): AsyncGenerator<PlannedFile> {
    for await (const entry of cards.scan(root)) {
      source.check();
      if (entry.kind === 'unreadable') unreadable.push(failureOf(entry));
      else if (entry.kind === 'ignored') {
        if (ignored.length < MAX_IGNORED_NAMED && entry.path.length <= MAX_IGNORED_LENGTH)
          ignored.push(entry.path);
      } else {
        bytes += entry.sizeBytes;
        yield { ...entry, index: files++ };
      }
    }
  }

  try {
    for await (const group of shotGroups(planned())) groups.push(group);
  } catch (error) {
    if (!isCardError(error)) throw error;
    if (error.code === 'gone') throw new Stopped('card-removed', messageOf(error), error);
    throw new FileProblem('card-unreadable', messageOf(error), false, error);
  }
  if (!(await cards.isPresent(root)))
    throw new Stopped('card-removed', `${root} went away while it was listed`);
  return {
    groups: () => groups,
    unreadable: () => unreadable.map((outcome, at) => ({ index: files + at, outcome })),
    files: files + unreadable.length,
    bytes,
    ignored,
    close: () => store.close(),
  };
}

function failureOf({ path, pathBase64, detail }: ScannedFailure): FailedFile {
  const failed: FailedFile = { path, reason: 'card-unreadable', detail };
  return pathBase64 === undefined ? failed : { ...failed, pathBase64 };
}
