import { type RelativePath, relativePath } from '../../machines/ids.ts';

/** Folder of a history below its root, ASC MHL v2.0 section 4. */
export const ASCMHL_FOLDER = 'ascmhl';
export const CHAIN_FILE = 'ascmhl_chain.xml';

/** The histories of an adopted drive, `contract.md` section 4. */
export const DRIVE_ROOTS: readonly RelativePath[] = [relativePath('Photos'), relativePath('Other')];

/** True for what a seal of the drive lists; other folders have histories of their own. */
export const isBelowRoots = (path: RelativePath): boolean =>
  DRIVE_ROOTS.some((root) => path.startsWith(`${root}/`));

/** Facts of every backup and the seals, one JSON a line. */
export const DRIVE_JOURNAL = relativePath('.imagetank/journal.jsonl');
/** Id of the drive, written when it is adopted. */
export const DRIVE_IDENTITY = relativePath('.imagetank/drive.json');

/** Joins below a root; a root of null is the folder itself. Throws `RangeError` when the result climbs. */
export function below(root: RelativePath | null, name: string): RelativePath {
  return relativePath(root === null ? name : `${root}/${name}`);
}

export const ascmhlOf = (root: RelativePath | null): RelativePath => below(root, ASCMHL_FOLDER);
export const chainOf = (root: RelativePath | null): RelativePath => below(ascmhlOf(root), CHAIN_FILE);

/** Leaves room in a file name of 255 bytes for number and date, at 4 bytes a character. */
const MAX_ROOT_NAME_CHARS = 50;

/** `0001_Photos_2026-11-21_041037Z.mhl`, with the last folder of the root; `at` is ISO 8601 UTC. */
export function generationName(sequence: number, root: string, at: string): string {
  const rootName = [...(root.split('/').at(-1) ?? '')].slice(0, MAX_ROOT_NAME_CHARS).join('');
  const [day = '', time = ''] = new Date(at).toISOString().split('T');
  return `${String(sequence).padStart(4, '0')}_${rootName}_${day}_${time.slice(0, 8).replaceAll(':', '')}Z.mhl`;
}

/** The number in the name of a generation, null for any other file. */
export function sequenceOf(name: string): number | null {
  const digits = /^(\d{4,9})_.*\.mhl$/s.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** Folders with histories of their own, deepest first. */
export function indexedRoots(generations: Iterable<RelativePath>): readonly RelativePath[] {
  const others = [...generations].filter((path) => !isBelowRoots(path));
  const roots = others.map((path) => path.split('/').slice(0, -2));
  const deepestFirst = roots.sort((a, b) => b.length - a.length).map((parts) => parts.join('/'));
  return [...new Set(deepestFirst)] as RelativePath[];
}
