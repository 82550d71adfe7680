import type { RelativePath } from '../../machines/ids.ts';
import { DriveError, messageOf } from '../errors.ts';
import { HASH_FORMATS, type HashFormat } from '../manifest/mhl-reader.ts';
import { DRIVE_IDENTITY, DRIVE_ROOTS } from '../manifest/names.ts';
import type { DriveStore } from '../media-ports.ts';
import type { FolderReader, OpenFolder } from './ports.ts';

const XXH64: ReadonlySet<HashFormat> = new Set<HashFormat>(['xxh64']);
const OTHERS: ReadonlySet<HashFormat> = new Set(HASH_FORMATS.filter((format) => !XXH64.has(format)));

/**
 * An adopted drive as something to verify: what lies below the roots of its histories, by XXH64. With `openFolder` also
 * what other tools listed in other formats only, and a second format beside XXH64.
 */
export function driveReader(
  store: DriveStore,
  openFolder?: OpenFolder,
  roots: readonly RelativePath[] = DRIVE_ROOTS,
): FolderReader {
  let folder: Promise<FolderReader> | null = null;
  const inFolder = (open: OpenFolder): Promise<FolderReader> => {
    folder ??= open(store.drive.path).catch((error: unknown) => {
      throw new DriveError('drive-lost', `${store.drive.path}: ${messageOf(error)}`, error);
    });
    return folder;
  };
  return {
    formats: XXH64,
    ...(openFolder === undefined ? {} : { lastFormats: OTHERS }),
    list: (path) => store.list(path),
    stat: (path) => store.stat(path),
    readText: (path) => store.readText(path),
    async *walk() {
      for (const root of outermost(roots)) yield* store.walk(root);
    },
    async hash(path, format, afterBlock, also = null) {
      // The store reads in XXH64 alone, and a second reading takes as long as the first.
      if ((format !== 'xxh64' || also !== null) && openFolder !== undefined) {
        return (await inFolder(openFolder)).hash(path, format, afterBlock, also);
      }
      const { xxh64, sizeBytes } = await store.readBack(path, afterBlock);
      return { value: xxh64, sizeBytes };
    },
    async isPresent() {
      const identity = await store.readText(DRIVE_IDENTITY);
      return identity?.includes(store.drive.id) === true;
    },
  };
}

/** What lies below one of them is met once. */
const outermost = (roots: readonly RelativePath[]): readonly RelativePath[] =>
  roots.filter((root) => !roots.some((other) => root.startsWith(`${other}/`)));
