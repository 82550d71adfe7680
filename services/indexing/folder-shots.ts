import type { RelativePath } from '../../machines/ids.ts';
import type { PlannedFile } from '../backup/ports.ts';
import { groupsOfFolder, type ShotGroup } from '../library/groups.ts';
import { mediaKind } from '../library/media.ts';
import type { CardPath, DriveStore } from '../media-ports.ts';

/** Looked at in one call. */
const FILES_AT_ONCE = 1024;
/** About 50 MB of memory; of larger folders each file has its own day. */
export const MAX_FOLDER_FILES = 100_000;

/** The shots of one folder of a drive. */
export interface FolderShots {
  readonly path: RelativePath;
  /** Null for what is no media, and for what came later. */
  readonly groupOf: (path: RelativePath) => ShotGroup<PlannedFile> | null;
  readonly find: (file: CardPath) => PlannedFile | null;
}

/** All media of one folder, whoever knows of them. Throws `DriveError`. */
export async function shotsOfFolder(
  path: RelativePath,
  store: Pick<DriveStore, 'list' | 'statAll'>,
): Promise<FolderShots> {
  const names = (await store.list(path)).filter((name) => mediaKind(name) !== null);
  const paths = names.map((name) => `${path}/${name}` as RelativePath);
  const files = new Map<RelativePath, PlannedFile>();
  const looked = paths.length > MAX_FOLDER_FILES ? [] : paths;
  for (let from = 0; from < looked.length; from += FILES_AT_ONCE) {
    const some = looked.slice(from, from + FILES_AT_ONCE);
    for (const [at, found] of (await store.statAll(some)).entries()) {
      const own = some[at];
      if (found === null || own === undefined) continue;
      const { sizeBytes, mtimeMs } = found;
      files.set(own, { kind: 'file', path: own, sizeBytes, mtimeMs, index: from + at });
    }
  }
  const groups = new Map<RelativePath, ShotGroup<PlannedFile>>();
  for (const group of groupsOfFolder([...files.values()])) {
    for (const member of group.members) groups.set(member.path, group);
  }
  return {
    path,
    groupOf: (file) => groups.get(file) ?? null,
    find: (file) => files.get(file.path) ?? null,
  };
}
