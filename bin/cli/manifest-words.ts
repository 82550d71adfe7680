import type { ManifestProblemShape } from '../../services/work-shapes.ts';

const HELD: Readonly<Record<ManifestProblemShape['held'], string>> = {
  nothing: 'this manifest was not used, no file was held against it',
  part: 'this manifest was used in part, not every file was held against it',
  all: 'no manifest was left out for that',
};

/** For people, by path. The details may hold anything: escape them. */
export const manifestWords = (problems: readonly ManifestProblemShape[] = []): ReadonlyMap<string, string> =>
  new Map(problems.map(({ path, detail, held }) => [path, `${HELD[held]}: ${detail}`]));
