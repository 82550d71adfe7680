import { Buffer } from 'node:buffer';
import { CardError } from '../../services/errors.ts';
import type { CardReader, DriveStore, IncomingFile, ReadBack } from '../../services/media-ports.ts';

/**
 * The calls for many files, made of the calls for one: for memories, and for a real port whose single calls a test
 * replaced, so that its fault is met on every way.
 */
type One<Port, Keys extends keyof Port> = Pick<Port, Keys>;

export function startsByOpening(cards: One<CardReader, 'open'>): One<CardReader, 'readStarts'> {
  return {
    async readStarts(root, files, maxBytes) {
      const read = files.map(async (file) => {
        try {
          const handle = await cards.open(root, file);
          const { sizeBytes, mtimeMs, file: from } = handle;
          try {
            const buffer = Buffer.alloc(maxBytes);
            const bytes = buffer.subarray(0, await handle.read(buffer, 0));
            const steady = !(await handle.changed()) && bytes.length === Math.min(maxBytes, sizeBytes);
            return { sizeBytes, mtimeMs, file: from, bytes, steady };
          } finally {
            await handle.close();
          }
        } catch (error) {
          if (error instanceof CardError) return error;
          throw error;
        }
      });
      return { files: await Promise.all(read), release: () => undefined };
    },
  };
}

export function filesOneByOne(
  store: One<DriveStore, 'createIncoming'>,
): One<DriveStore, 'writeAll' | 'flushAll' | 'readBackAll' | 'placeAll'> {
  return {
    async writeAll(files) {
      const done: IncomingFile[] = [];
      try {
        for (const { bytes, mtimeMs } of files) {
          const part = await store.createIncoming();
          done.push(part);
          await part.write(bytes);
          await part.flush(mtimeMs);
        }
        return done;
      } catch (error) {
        for (const part of done) await part.discard();
        throw error;
      }
    },
    flushAll: async () => undefined,
    async readBackAll(files) {
      const results: ReadBack[] = [];
      for (const part of files) results.push(await part.readBack());
      return results;
    },
    async placeAll(moves) {
      const ends: ('placed' | 'taken')[] = [];
      for (const { file, to } of moves) ends.push(await file.place(to));
      return ends;
    },
  };
}

export function statsOneByOne(store: One<DriveStore, 'stat'>): One<DriveStore, 'statAll'> {
  return { statAll: async (paths) => Promise.all(paths.map((path) => store.stat(path))) };
}
