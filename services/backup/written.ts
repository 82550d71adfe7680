import { isDriveError } from '../errors.ts';
import type { DriveStore, IncomingFile, ReadBack } from '../ports.ts';
import { type Content, keyOf } from './content.ts';
import type { DriveContext } from './drive-context.ts';
import type { PlannedFile } from './plan.ts';
import { FileProblem } from './problems.ts';
import type { Source } from './source.ts';

/** A file of the card in `.imagetank/incoming/`, flushed. */
export interface Written {
  readonly file: PlannedFile;
  readonly content: Content;
  readonly incoming: IncomingFile;
}

/** Copies one file into `incoming/`. Leaves nothing there when it throws `FileProblem`, `DriveError` or `Stopped`. */
export async function write(file: PlannedFile, store: DriveStore, source: Source): Promise<Written> {
  return source.attempt(async () => {
    const incoming = await store.createIncoming();
    try {
      const content = await source.read(file, (block) => incoming.write(block));
      await incoming.flush(content.mtimeMs);
      return { file, content, incoming };
    } catch (error) {
      await incoming.discard();
      if (isDriveError(error) && error.reason === 'file-too-large') {
        throw new FileProblem('file-too-large', `${file.path}: ${error.message}`, false, error);
      }
      throw error;
    }
  });
}

/**
 * Reads a written file back from the medium and holds it against what was read from the card. What differs is copied
 * again once; the second time it is a `FileProblem` `verify-mismatch`, because a drive or cable that does it twice
 * will do it again. Leaves nothing in `incoming/` when it throws.
 */
export async function verify(
  written: Written,
  { store, source, onReadBack }: Pick<DriveContext, 'store' | 'source' | 'onReadBack'>,
): Promise<Written> {
  if (await reads(written, onReadBack)) return written;
  await written.incoming.discard();
  const again = await write(written.file, store, source).catch((error: unknown) => {
    // The card gave it once: what is wrong is the drive, even when the card is gone by now.
    if (error instanceof FileProblem) throw mismatch(written, error);
    throw error;
  });
  if (await reads(again, onReadBack)) return again;
  await again.incoming.discard();
  throw mismatch(written);
}

async function reads(
  { content, incoming }: Written,
  onReadBack: (result: ReadBack) => void,
): Promise<boolean> {
  try {
    const result = await incoming.readBack();
    onReadBack(result);
    return keyOf(result) === keyOf(content);
  } catch (error) {
    await incoming.discard();
    throw error;
  }
}

const mismatch = ({ file }: Written, cause?: unknown): FileProblem =>
  new FileProblem(
    'verify-mismatch',
    `${file.path}: what was read back differs from what was written`,
    false,
    cause,
  );
