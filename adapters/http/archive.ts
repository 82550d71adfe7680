import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { ArchiveNames } from '../../services/pictures/archive-names.ts';
import type { Original, Originals } from '../../services/pictures/originals.ts';
import type { Selection } from '../../services/pictures/selections.ts';

/** Entries that are made before others have a turn: half a millisecond here. LEDs are to be 10 ms late at most on a Pi. */
const ENTRIES_A_TURN = 25;

/** An archive whose size is known before its first byte: one that breaks off is shorter than was said. */
export interface Archive {
  readonly sizeBytes: number;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Lets go of what is open; safe twice. */
  close(): Promise<void>;
}

/**
 * A ZIP of stored files, ZIP64 where one of them or all together need it (APPNOTE 6.3.10). One is opened when its turn comes;
 * one that cannot be read to its end breaks `bytes` off with an error.
 */
export async function archiveOf({ photos }: Selection, originals: Pick<Originals, 'open'>): Promise<Archive> {
  // Not in memory before somebody wants one.
  const { default: yazl } = await import('yazl');
  const zip = new yazl.ZipFile();
  // Typed by an interface of its own that lacks `destroy`; yazl makes it a PassThrough.
  const output = zip.outputStream as Readable;
  let open: Original | null = null;
  const fail = (error: unknown) => output.destroy(error instanceof Error ? error : new Error(String(error)));
  zip.on('error', fail);
  let begin: () => void = () => undefined;
  const complete = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const openNext = async (id: string): Promise<Readable> => {
    // What fails before the end is told of leaves yazl without an answer to it.
    await complete;
    await open?.close();
    open = await originals.open(id);
    // The client may have gone while it was opened: nobody would close it any more.
    if (output.destroyed) await open.close();
    const { sizeBytes } = open.photo;
    const bytes = sizeBytes === 0 ? [] : open.read(0, sizeBytes - 1);
    return Readable.from(bytes, { objectMode: true, highWaterMark: 1 }).once('error', fail);
  };
  const names = new ArchiveNames();
  for (const [at, photo] of photos.entries()) {
    if (at % ENTRIES_A_TURN === 0) await setImmediate();
    const options = { size: photo.sizeBytes, compress: false, mtime: timeOf(photo), mode: 0o100644 };
    zip.addReadStreamLazy(names.add(photo.name), options, (give) => {
      openNext(photo.id).then((stream) => give(null, stream), fail);
    });
  }
  const sizeBytes = await new Promise<number>((resolve) => {
    // Its types leave out that the size is handed over (yazl's README, "end").
    const told = resolve as () => void;
    zip.end({ forceZip64Format: false, comment: '' }, told);
  });
  begin();
  return {
    sizeBytes,
    bytes: output,
    close: async () => {
      output.destroy();
      await open?.close();
    },
  };
}

/** In the camera's own time, which is what ZIP keeps; 1980 where nobody knows. */
function timeOf({ takenAt, day }: Selection['photos'][number]): Date {
  const time = new Date(takenAt ?? `${day}T00:00:00`);
  return Number.isNaN(time.getTime()) ? new Date(1980, 0, 1) : time;
}
