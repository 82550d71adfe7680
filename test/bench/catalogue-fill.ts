import { join } from 'node:path';
import { createSystemClock } from '../../adapters/node/system-clock.ts';
import { openSqliteStore } from '../../adapters/sqlite/sqlite-store.ts';
import { JOURNAL_FILE } from '../../bin/journal.ts';
import type { Fact } from '../../machines/facts.ts';
import { backupId, cardId, type DriveId, relativePath } from '../../machines/ids.ts';
import type { BackupTotals, FileOnDrive } from '../../machines/media.ts';

/** As a backup records them (services/backup/settle.ts). */
const FILES_A_FACT = 128;
const FILES_A_BACKUP = 2048;
/** One transaction each: enough for the speed of batches, and no more memory than that. */
const FILES_A_COMMIT = 20_480;
/** Photos of 1 to 40 MB: none has the size of the files that are copied later, so that all of them are new. */
const LEAST_BYTES = 1_000_000;
const SPREAD_BYTES = 39_000_000;
/** Knuth, The Art of Computer Programming 3, section 6.4: spreads counted numbers over 32 bits. */
const SPREADER = 2_654_435_761;
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(2010, 0, 1, 12);

/** The journal of a box that has backed up so many photos of other cards to this drive over the years. */
export async function fillCatalogue(state: string, driveId: DriveId, photos: number): Promise<void> {
  const store = openSqliteStore(join(state, JOURNAL_FILE));
  const clock = createSystemClock();
  const stamp = clock.stamp();
  try {
    for (let done = 0; done < photos; done += FILES_A_COMMIT) {
      const count = Math.min(FILES_A_COMMIT, photos - done);
      const facts = backupsOf(driveId, done, count);
      await store.log.append([...facts].map((fact) => ({ fact, stamp })));
    }
    if (photos === 0) return;
    // As after each of those backups: else the next one would write all of them into the drive's manifest.
    const sealed = {
      backupId: null,
      driveId,
      seq: store.log.head().seq,
      generations: [],
      extent: 'all',
    } as const;
    await store.log.append([{ fact: { type: 'DriveSealed', ...sealed }, stamp }]);
  } finally {
    store.log.close();
  }
}

function* backupsOf(driveId: DriveId, from: number, count: number): Generator<Fact> {
  for (let first = from; first < from + count; first += FILES_A_BACKUP) {
    yield* oneBackup(driveId, first, Math.min(FILES_A_BACKUP, from + count - first));
  }
}

function* oneBackup(driveId: DriveId, from: number, count: number): Generator<Fact> {
  const ids = { backupId: backupId(`b-${from}`), cardId: cardId(`CARD-${from}+64000000000`) };
  let bytes = 0;
  // Its card gets a label, as each of the hundreds that such a box has seen.
  const drives = [{ driveId, files: count, bytes: 0 }] as const;
  yield { type: 'BackupPlanned', ...ids, label: `CARD-${from}`, files: count, bytes, ignored: [], drives };
  for (let first = from; first < from + count; first += FILES_A_FACT) {
    const length = Math.min(FILES_A_FACT, from + count - first);
    const copied = Array.from({ length }, (_, at) => filledPhoto(first + at));
    bytes += copied.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    yield {
      type: 'FilesSettled',
      ...ids,
      driveId,
      verifiedFrom: 'medium',
      copied,
      duplicates: [],
      failed: [],
    };
  }
  const totals: BackupTotals = { files: count, bytes, copied: count, duplicates: 0, failed: 0 };
  const drive = {
    driveId,
    files: count,
    bytes,
    outcome: 'done',
    reason: null,
    verifiedFrom: 'medium',
  } as const;
  yield { type: 'BackupFinished', ...ids, totals, drives: [drive], trusted: true, enough: true };
}

/** The same for the same number: what is filled in can be asked for. */
export function filledPhoto(number: number): FileOnDrive {
  const spread = (number * SPREADER) % 2 ** 32;
  const hash = spread.toString(16).padStart(8, '0') + number.toString(16).padStart(8, '0');
  const mtimeMs = FIRST_DAY + Math.floor(number / 500) * DAY_MS;
  const day = new Date(mtimeMs).toISOString().slice(0, 10);
  const name = `IMG_${String(number % 10_000).padStart(4, '0')}`;
  return {
    path: relativePath(`DCIM/${100 + (number % 900)}CANON/${name}.JPG`),
    sizeBytes: LEAST_BYTES + (spread % SPREAD_BYTES),
    mtimeMs,
    xxh64: hash,
    headXxh64: hash,
    to: relativePath(`Photos/${day.slice(0, 4)}/${day}/${name}_${number}.JPG`),
    toMtimeMs: mtimeMs,
  };
}
