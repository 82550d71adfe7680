import { isDriveError } from '../errors.ts';
import type { DriveStore, IncomingFile, ReadBack } from '../media-ports.ts';
import { type Content, keyOf } from './content.ts';
import type { DriveContext } from './drive-context.ts';
import type { PlannedFile } from './ports.ts';
import { FileProblem } from './problems.ts';
import type { Source } from './source.ts';

/** A file of the card in `.imagetank/incoming/`. */
export interface Written {
  readonly file: PlannedFile;
  readonly content: Content;
  readonly incoming: IncomingFile;
  /** False for a small file: its batch is flushed in one call. */
  readonly isFlushed: boolean;
  /** Of the first file of its shot group on the card, also where that one could not be copied: it dates them all. */
  readonly leaderMtimeMs: number;
}

/** Copies one file into `incoming/` of one drive. Leaves nothing there when it throws `FileProblem`, `DriveError` or `Stopped`. */
async function write(
  { file, leaderMtimeMs }: Pick<Written, 'file' | 'leaderMtimeMs'>,
  store: DriveStore,
  source: Source,
): Promise<Written> {
  return source.attempt(async () => {
    const incoming = await store.createIncoming();
    try {
      const content = await source.read(file, (block) => incoming.write(block));
      await incoming.flush(content.mtimeMs);
      return { file, content, incoming, isFlushed: true, leaderMtimeMs };
    } catch (error) {
      await incoming.discard();
      throw tooLarge(file, error) ?? error;
    }
  });
}

/** What a drive says of a file that its file system cannot hold is that file's problem alone; null for any other error. */
export function tooLarge(file: PlannedFile, error: unknown): FileProblem | null {
  if (!isDriveError(error) || error.reason !== 'file-too-large') return null;
  return new FileProblem('file-too-large', `${file.path}: ${error.message}`, false, error);
}

export const isIntact = ({ content }: Written, readBack: ReadBack | undefined): boolean =>
  readBack !== undefined && keyOf(readBack) === keyOf(content);

/**
 * Copies a file again that read back differently. The second time it is a `FileProblem` `verify-mismatch`, because a
 * drive or cable that does it twice will do it again. Leaves nothing in `incoming/` when it throws.
 */
export async function writeAgain(
  written: Written,
  { store, source, onReadBack }: Pick<DriveContext, 'store' | 'source' | 'onReadBack'>,
): Promise<Written> {
  await written.incoming.discard();
  const again = await write(written, store, source).catch((error: unknown) => {
    // The card gave it once: what is wrong is the drive, even when the card is gone by now.
    if (error instanceof FileProblem) throw mismatch(written, error);
    throw error;
  });
  try {
    const result = await again.incoming.readBack(async () => source.check());
    onReadBack(result);
    if (isIntact(again, result)) return again;
  } catch (error) {
    await again.incoming.discard();
    throw error;
  }
  await again.incoming.discard();
  throw mismatch(written);
}

const mismatch = ({ file }: Written, cause?: unknown): FileProblem =>
  new FileProblem(
    'verify-mismatch',
    `${file.path}: what was read back differs from what was written`,
    false,
    cause,
  );
