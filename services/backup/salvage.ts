import type { RelativePath } from '../../machines/ids.ts';
import { driveNames, plainName, splitName } from '../library/names.ts';
import { folderOf, type Naming } from '../library/naming.ts';
import { shotOf } from '../library/shot.ts';
import { ContentHash, keyOf } from './content.ts';
import type { Lane } from './lane.ts';
import { placeGroup } from './placement.ts';
import type { PlannedFile } from './ports.ts';
import { type FileProblem, isFileProblem } from './problems.ts';

/**
 * Keeps what can be read of a file with bad sectors, with zeros for the rest, as `IMG_1.partial.JPG` where the file
 * would lie. It stays a failed file: no manifest and no catalogue knows of the salvage. Null when there is nothing to
 * keep. Throws `DriveError` and `Stopped`.
 */
export async function salvage(
  file: PlannedFile,
  problem: FileProblem,
  lane: Lane,
): Promise<RelativePath | null> {
  if (problem.reason !== 'card-unreadable') return null;
  const { store, source, shelf } = lane;
  const incoming = await store.createIncoming();
  try {
    const hash = new ContentHash(null);
    const lost = await source.salvage(file, async (block) => {
      hash.update(block);
      await incoming.write(block);
    });
    if (lost === null || lost === 0) return null;
    const { sizeBytes, mtimeMs } = file;
    await incoming.flush(mtimeMs);
    // With its gaps it is no file of the card.
    const content = { sizeBytes, mtimeMs, file: '', ...hash.digest() };
    if (keyOf(await incoming.readBack(async () => source.check())) !== keyOf(content)) return null;
    const written = { file: partial(file), content, incoming, isFlushed: true, leaderMtimeMs: mtimeMs };
    const naming = namingOfPart(written.file, file, lane);
    return await shelf.run(async () => {
      const [placed] = await placeGroup({ group: [written], naming, film: null }, lane, shelf);
      if (placed === undefined) return null;
      await store.settle([placed.to]);
      return placed.to;
    });
  } catch (error) {
    if (isFileProblem(error)) return null;
    throw error;
  } finally {
    await incoming.discard();
  }
}

function partial(file: PlannedFile): PlannedFile {
  const { stem, tail } = splitName(plainName(file));
  const { index, kind, sizeBytes, mtimeMs } = file;
  return { index, kind, sizeBytes, mtimeMs, path: `${stem}.partial${tail}` as RelativePath };
}

/** Beside where the file would lie, and with its own name in every layout: it takes no number from the counter. */
function namingOfPart(part: PlannedFile, file: PlannedFile, { shelving }: Lane): Naming {
  const split = [splitName(plainName(part))];
  return {
    folder: folderOf({ members: [file] }, shelving, shotOf(null, file.mtimeMs)),
    isNumbered: false,
    names: (number) => driveNames(split, number, shelving.restricted),
  };
}
