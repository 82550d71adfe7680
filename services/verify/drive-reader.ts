import { DRIVE_IDENTITY, DRIVE_ROOTS } from '../manifest/names.ts';
import type { DriveStore } from '../ports.ts';
import type { FolderReader } from './ports.ts';

/** An adopted drive as something to verify: what lies below the roots of its histories, by XXH64. */
export function driveReader(store: DriveStore): FolderReader {
  return {
    formats: new Set(['xxh64']),
    list: (folder) => store.list(folder),
    stat: (path) => store.stat(path),
    readText: (path) => store.readText(path),
    async *walk() {
      for (const root of DRIVE_ROOTS) yield* store.walk(root);
    },
    async hash(path, _format, afterBlock) {
      const { xxh64, sizeBytes } = await store.readBack(path, afterBlock);
      return { value: xxh64, sizeBytes };
    },
    async isPresent() {
      const identity = await store.readText(DRIVE_IDENTITY);
      return identity?.includes(store.drive.id) === true;
    },
  };
}
