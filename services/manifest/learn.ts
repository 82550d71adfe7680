import type { FactOf } from '../../machines/facts.ts';
import type { DriveId, RelativePath } from '../../machines/ids.ts';
import type { LearnedFile } from '../../machines/media.ts';
import type { Catalogue } from '../ports.ts';
import { type HistorySource, type ManifestProblem, openHistory } from './history.ts';
import type { HashFormat } from './mhl-reader.ts';
import { DRIVE_ROOTS } from './names.ts';
import { newestFiles } from './newest.ts';
import { PathSet } from './path-set.ts';

/** One journal commit each: large enough to be cheap, small enough to keep the queue of facts short. */
export const LEARNED_A_FACT = 256;

const XXH64: ReadonlySet<HashFormat> = new Set<HashFormat>(['xxh64']);

export type Learning =
  | { readonly fact: FactOf<'DriveContentLearned'> }
  /** A manifest that vouches for nothing; its files are not learned. */
  | { readonly problem: ManifestProblem };

/**
 * What the manifests on an adopted drive claim and the catalogue does not know: a drive that another imagetank
 * filled, or the drives after the journal was lost. Claims only: a copy is trusted after it was re-read. Entries
 * without XXH64 or without a size are left out; so is every path that the catalogue has a copy for. `numberIn` finds
 * the number of a box's counter in a path.
 */
export async function* learnContent(
  source: HistorySource,
  driveId: DriveId,
  catalogue: Pick<Catalogue, 'copyAt'>,
  numberIn: (to: RelativePath) => number | null = () => null,
): AsyncGenerator<Learning> {
  let files: LearnedFile[] = [];
  const seen = new PathSet();
  for (const root of DRIVE_ROOTS) {
    const history = await openHistory(source, root);
    for await (const { path, sizeBytes, hash } of newestFiles(history, XXH64, seen)) {
      if (hash === null || sizeBytes === null) continue;
      if (catalogue.copyAt(driveId, path) !== null) continue;
      const number = numberIn(path);
      files.push({ to: path, sizeBytes, xxh64: hash.value, ...(number === null ? {} : { number }) });
      if (files.length < LEARNED_A_FACT) continue;
      yield { fact: { type: 'DriveContentLearned', driveId, files } };
      files = [];
    }
    yield* history.problems.map((problem) => ({ problem }));
  }
  if (files.length > 0) yield { fact: { type: 'DriveContentLearned', driveId, files } };
}
