import type { Copy } from '../ports.ts';
import type { Lane } from './lane.ts';
import { faultsOf } from './trust.ts';
import { type PlacedFile, sampleIntact } from './wrap-check.ts';

/** Two: with photos of 24 MB there is room for one of this backup's own. */
const OLDEST_FILES = 2;
/** Their owner may have deleted or edited the oldest ones: so many are looked at to find two that were not. */
const OLDEST_LOOKED_AT = 64;
const LOST_A_FACT = 256;

/**
 * Throws `DriveError` when what was good is not any more: the drive wraps around. Nobody knows then which other files
 * of this backup it overwrote: all of them lose their mark, and are read back before they are trusted again.
 */
export async function lookAgain(lane: Lane): Promise<void> {
  const { store, report, onReadBack, onLost, catalogue, job } = lane;
  const mine = report.sample.files;
  if (mine.length === 0) return;
  const broken = await sampleIntact(store, [...(await oldest(lane)), ...mine], onReadBack);
  if (broken === null) return;
  const lost = new Map(broken.lost.map((file) => [file.to, file]));
  for (const { driveId, to } of catalogue.copiesOf({ backupId: job.backupId })) {
    if (driveId === store.drive.id && !lost.has(to)) lost.set(to, { to, why: 'altered' });
  }
  const files = [...lost.values()];
  for (let from = 0; from < files.length; from += LOST_A_FACT)
    await onLost(files.slice(from, from + LOST_A_FACT));
  throw broken.error;
}

/**
 * What lies at the beginning of a drive's folders is what it held first: that is what the end of a full one overwrites.
 * Only what has the size and time that were recorded: deleted or edited by its owner, a file says nothing of the drive.
 */
async function oldest({ store, catalogue }: Lane): Promise<readonly PlacedFile[]> {
  const copies: Copy[] = [];
  for (const copy of catalogue.copiesOf({ driveId: store.drive.id })) {
    if (copies.length === OLDEST_LOOKED_AT) break;
    if (copy.state === 'verified') copies.push(copy);
  }
  const faults = await faultsOf(store, copies);
  return copies
    .filter((_, at) => faults[at] === null)
    .slice(0, OLDEST_FILES)
    .map(({ to, sizeBytes, xxh64 }) => ({ to, sizeBytes, xxh64, headXxh64: null }));
}
