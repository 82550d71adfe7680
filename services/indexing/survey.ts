import type { RelativePath } from '../../machines/ids.ts';
import { OWN_FOLDER } from '../drive-folders.ts';
import { UserError } from '../errors.ts';
import { isManifest } from '../manifest/card-history.ts';
import { ASCMHL_FOLDER, DRIVE_ROOTS } from '../manifest/names.ts';
import type { DriveStore } from '../media-ports.ts';
import { isOfLibrary } from './listing.ts';

/** Every card of a long shoot may carry its own; as many as `verify` reads. */
const MAX_HISTORIES = 10_000;

/** What there is to do, before anything is read. */
export interface Survey {
  readonly files: number;
  readonly bytes: number;
  /** Of histories that may list files of the folder, deepest first; null is the top of the drive. */
  readonly roots: readonly (RelativePath | null)[];
}

/**
 * Counts what lies in a folder and finds the histories that tell of it. Throws `DriveError`, the reason of `stop`, and
 * `UserError` 64 where another drive lies in the folder: a photo would be a copy on both, and is one.
 */
export async function survey(store: DriveStore, folder: RelativePath, stop: AbortSignal): Promise<Survey> {
  let [files, bytes] = [0, 0];
  const inside = new Set<RelativePath>();
  for await (const entry of store.scan(folder)) {
    stop.throwIfAborted();
    const { path } = entry;
    if (isIdentity(path)) throw driveWithin(path);
    if (isManifest(path)) inside.add(rootOf(path));
    if (inside.size > MAX_HISTORIES) throw tooMany();
    if (entry.kind !== 'file' || !isOfLibrary(entry)) continue;
    files += 1;
    bytes += entry.sizeBytes;
  }
  const depth = (path: RelativePath): number => path.split('/').length;
  const deepestFirst = [...inside].sort((a, b) => depth(b) - depth(a));
  const above = await historiesAbove(store, folder);
  return {
    files,
    bytes,
    roots: [...deepestFirst, ...above.filter((root) => root === null || !inside.has(root))],
  };
}

/** The drive's own folders from this one up to its top, deepest first, without the top. */
function upwards(folder: RelativePath): readonly RelativePath[] {
  const parts = folder.split('/');
  return parts.map((_, at) => parts.slice(0, parts.length - at).join('/') as RelativePath);
}

async function historiesAbove(
  store: DriveStore,
  folder: RelativePath,
): Promise<readonly (RelativePath | null)[]> {
  const found: (RelativePath | null)[] = [];
  for (const root of [...upwards(folder), null]) {
    const at = (root === null ? ASCMHL_FOLDER : `${root}/${ASCMHL_FOLDER}`) as RelativePath;
    if ((await store.list(at)).some((name) => isManifest(`${at}/${name}` as RelativePath))) found.push(root);
  }
  return found;
}

/**
 * The history that gets what is new: ours below `Photos` and `Other`; else the nearest one at or above the folder, whoever
 * began it; else the folder's own.
 */
export function historyFor(folder: RelativePath, { roots }: Pick<Survey, 'roots'>): RelativePath {
  const ours = DRIVE_ROOTS.find((root) => folder === root || folder.startsWith(`${root}/`));
  return ours ?? upwards(folder).find((root) => roots.includes(root)) ?? folder;
}

/** Throws `UserError` 64 when the folder lies in another drive, adopted by anybody, that lies on this one. */
export async function assertNoDriveAbove(store: DriveStore, folder: RelativePath): Promise<void> {
  for (const above of upwards(folder)) {
    const path = `${above}/${OWN_FOLDER}/drive.json` as RelativePath;
    if ((await store.stat(path)) !== null) throw driveWithin(path);
  }
}

const isIdentity = (path: RelativePath): boolean => path.endsWith(`/${OWN_FOLDER}/drive.json`);

function driveWithin(identity: RelativePath): UserError {
  const at = identity.slice(0, -`/${OWN_FOLDER}/drive.json`.length);
  const message = `${at} is a drive of its own: what lies there would count as two copies`;
  return new UserError('drive-within', 64, message, 'name a folder beside it');
}

const rootOf = (manifest: RelativePath): RelativePath =>
  manifest.split('/').slice(0, -2).join('/') as RelativePath;

function tooMany(): UserError {
  const message = `more than ${MAX_HISTORIES} ASC MHL histories`;
  return new UserError('too-many-histories', 65, message, 'index the folders below one by one');
}
