import type { FactOf } from '../../machines/facts.ts';
import type { FileOnDrive } from '../../machines/media.ts';
import { localTime, timeOfMtime } from './days.ts';
import { groupsOfFolder } from './groups.ts';
import { fileName } from './names.ts';
import { datingMember } from './shot.ts';

const DAY_MS = 86_400_000;

/**
 * Who told the day of a file that does not say itself when it was taken: `name` of the file of its shot that does, null
 * where the record knows only that it was another one. Null for the file itself, and where the record does not tell.
 */
export function dayBy(
  { copied, duplicates }: Pick<FactOf<'FilesSettled'>, 'copied' | 'duplicates'>,
  file: FileOnDrive,
): { readonly name: string | null } | null {
  if (localTime(file.capture?.at) !== null) return null;
  const folder = folderOf(file);
  const beside = [...copied, ...duplicates].filter((other) => folderOf(other) === folder);
  const scanned = beside.map((other) => ({ kind: 'file' as const, ...other }));
  const shot = groupsOfFolder(scanned).find(({ members }) => members.some(({ path }) => path === file.path));
  const members = (shot?.members ?? []).map(({ path, capture = null }) => ({
    name: fileName(path),
    capture,
  }));
  const dating = datingMember(members);
  if (dating !== null) return { name: dating.name };
  return isAnothers(file) ? { name: null } : null;
}

const folderOf = ({ path }: FileOnDrive): string => path.slice(0, path.length - fileName(path).length);

/** The day before that of its own time may be its own (`day_starts`); any other is not. */
function isAnothers({ day, mtimeMs }: FileOnDrive): boolean {
  if (day === undefined) return false;
  return ![mtimeMs, mtimeMs - DAY_MS].some((ms) => timeOfMtime(ms).slice(0, 10) === day);
}
