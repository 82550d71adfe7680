import type { FileOnDrive } from '../../machines/facts.ts';
import type { RelativePath } from '../../machines/ids.ts';
import { DriveError } from '../errors.ts';
import { dayOfMtime, folderOf, isDay, needsDay } from '../library/layout.ts';
import { mediaKind } from '../library/media.ts';
import { plainName } from '../library/names.ts';
import { type Batch, onDrive, type Settled } from './batch.ts';
import type { Lane } from './lane.ts';
import { type Placed, placeGroup } from './placement.ts';
import { isFileProblem } from './problems.ts';
import { verify, type Written } from './written.ts';

/**
 * Reads a batch back from the medium, places it, makes it durable and only then records it: `FilesSettled` is the
 * acknowledgement. Throws `DriveError` and `Stopped`; what was placed by then is found again by the next backup.
 */
export async function settleBatch(batch: Batch, lane: Lane): Promise<void> {
  if (batch.isEmpty) return;
  for (const group of batch.groups) await verifyGroup(group, batch, lane);
  const shelved: { readonly group: readonly Written[]; readonly folder: RelativePath }[] = [];
  for (const group of batch.groups) {
    if (group.length > 0) shelved.push({ group, folder: await folderFor(group, lane) });
  }
  const placed = await lane.shelf.run(async () => {
    const all: Placed[] = [];
    for (const { group, folder } of shelved) all.push(...(await placeGroup(group, folder, lane, lane.shelf)));
    await lane.store.settle(all.map(({ to }) => to));
    return all;
  });
  await record(batch, placed, lane);
}

async function verifyGroup(group: Written[], batch: Batch, lane: Lane): Promise<void> {
  for (const written of [...group]) {
    lane.source.check();
    const at = group.indexOf(written);
    try {
      group[at] = await verify(written, lane);
    } catch (error) {
      if (!isFileProblem(error)) throw error;
      group.splice(at, 1);
      batch.fail(written.file, error);
    }
  }
}

async function folderFor(group: readonly Written[], lane: Lane): Promise<RelativePath> {
  const shot = { members: group.map(({ file }) => file) };
  const day = needsDay(shot, lane.shelving.layout) ? await dayOf(group, lane) : '';
  return folderOf(shot, lane.shelving, day);
}

/** One day for the whole group, so that it stays together: what the first picture in it says, else the leader's time. */
async function dayOf(group: readonly Written[], { metadata }: Lane): Promise<string> {
  for (const { file, incoming } of group) {
    const kind = mediaKind(plainName(file));
    if (kind !== 'raw' && kind !== 'photo') continue;
    const [time] = await metadata.captureTimes([incoming.path]);
    if (time !== undefined && time !== null && isDay(time.day)) return time.day;
  }
  return dayOfMtime(group[0]?.content.mtimeMs ?? 0);
}

async function record(batch: Batch, placed: readonly Placed[], lane: Lane): Promise<void> {
  const { job, store, report, tally, meter } = lane;
  const copied: Settled<FileOnDrive>[] = [];
  const duplicates = [...batch.duplicates];
  const fresh = new Set<RelativePath>();
  for (const each of placed) {
    const outcome = { index: each.written.file.index, outcome: await describe(each, lane) };
    // Two empty files of one name in one batch end as one.
    (fresh.has(each.to) || isRecorded(each, lane) ? duplicates : copied).push(outcome);
    fresh.add(each.to);
  }
  const outcomes = <T>(settled: readonly Settled<T>[]): T[] => settled.map(({ outcome }) => outcome);
  await lane.emit({
    type: 'FilesSettled',
    backupId: job.backupId,
    cardId: job.card.id,
    driveId: store.drive.id,
    verifiedFrom: report.verifiedFrom,
    copied: outcomes(copied),
    duplicates: outcomes(duplicates),
    failed: outcomes(batch.failed),
  });
  for (const { index } of copied) tally.copied(index);
  for (const { index } of duplicates) tally.duplicate(index);
  for (const { index, outcome } of batch.failed) {
    tally.failed(index);
    report.fileFailed(outcome);
    meter.fileDone(0);
  }
  for (const { outcome } of [...copied, ...duplicates]) {
    report.holds(outcome.sizeBytes);
    meter.fileDone(outcome.sizeBytes);
  }
}

async function describe({ written, to }: Placed, { store }: Lane): Promise<FileOnDrive> {
  const found = await store.stat(to);
  if (found === null || found.sizeBytes !== written.content.sizeBytes) {
    throw new DriveError('drive-failing', `${to}: was placed a moment ago and is not there as written`);
  }
  return onDrive(written, { to, toMtimeMs: found.mtimeMs });
}

/** Found under its name, and the catalogue knew of it: nothing was copied. Otherwise an earlier run placed it. */
function isRecorded({ adopted, to }: Placed, { catalogue, store }: Lane): boolean {
  return adopted && catalogue.copyAt(store.drive.id, to) !== null;
}
