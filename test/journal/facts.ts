import { Buffer } from 'node:buffer';
import type { Fact, FactOf } from '../../machines/facts.ts';
import { backupId, cardId, driveId, relativePath } from '../../machines/ids.ts';
import type { DriveResult, FileOnDrive, PlaceKind, VerifiedFrom } from '../../machines/media.ts';
import type { Stamp, StampedFact } from '../../services/ports.ts';

/** Facts as short as a test can say them. Contents are named by one letter: `content` 'a' always is the same bytes. */

export const stampAt = (second: number): Stamp => ({
  at: new Date(Date.UTC(2026, 10, 21) + second * 1000).toISOString(),
  clock: 'synced',
  monoMs: second * 1000 + 0.25,
  bootId: 'test-boot',
});

/** One second apart, from `start` seconds after midnight. */
export const stamped = (facts: readonly Fact[], start = 0): StampedFact[] =>
  facts.map((fact, index) => ({ fact, stamp: stampAt(start + index) }));

export const xxh64Of = (content: string): string => Buffer.from(content).toString('hex').padStart(16, '0');

export interface FileWords {
  readonly content?: string;
  readonly sizeBytes?: number;
  readonly from?: string;
}

/** A file that lies at `to` on the drive and was read from `from` on the card. */
export function file(
  to: string,
  { content = to, sizeBytes = 10, from = `DCIM/${to}` }: FileWords = {},
): FileOnDrive {
  return {
    path: relativePath(from),
    sizeBytes,
    mtimeMs: 1_700_000_000_123.5,
    xxh64: xxh64Of(content.slice(0, 8)),
    headXxh64: xxh64Of('head'),
    to: relativePath(to),
    toMtimeMs: 1_700_000_000_000,
  };
}

export const started = (): Fact => ({ type: 'DaemonStarted', version: '0.1.0' });
export const pressed = (): Fact => ({ type: 'ButtonPressed' });

export const planned = (
  id: string,
  {
    card = 'A',
    drives = ['D'],
    files = 3,
  }: { card?: string; drives?: readonly string[]; files?: number } = {},
): FactOf<'BackupPlanned'> => ({
  type: 'BackupPlanned',
  backupId: backupId(id),
  cardId: cardId(card),
  label: `label ${card}`,
  files,
  bytes: files * 10,
  ignored: [],
  drives: drives.map((drive) => ({ driveId: driveId(drive), files, bytes: files * 10 })),
});

export interface SettledWords {
  readonly card?: string;
  readonly drive?: string;
  readonly verifiedFrom?: VerifiedFrom;
  readonly copied?: readonly FileOnDrive[];
  readonly duplicates?: readonly FileOnDrive[];
  readonly failed?: readonly string[];
}

export const settled = (
  id: string,
  {
    card = 'A',
    drive = 'D',
    verifiedFrom = 'medium',
    copied = [],
    duplicates = [],
    failed = [],
  }: SettledWords,
): FactOf<'FilesSettled'> => ({
  type: 'FilesSettled',
  backupId: backupId(id),
  cardId: cardId(card),
  driveId: driveId(drive),
  verifiedFrom,
  copied,
  duplicates,
  failed: failed.map((path) => ({ path: relativePath(path), reason: 'card-unreadable', detail: 'EIO' })),
});

export const totals = (copied = 3, duplicates = 0, failed = 0) => ({
  files: copied + duplicates + failed,
  bytes: (copied + duplicates + failed) * 10,
  copied,
  duplicates,
  failed,
});

export const result = (drive: string, outcome: DriveResult['outcome'] = 'done'): DriveResult => ({
  driveId: driveId(drive),
  files: 3,
  bytes: 30,
  outcome,
  reason: outcome === 'done' ? null : 'drive-lost',
  verifiedFrom: 'medium',
});

export const finished = (id: string, card = 'A', trusted = true): Fact => ({
  type: 'BackupFinished',
  backupId: backupId(id),
  cardId: cardId(card),
  totals: totals(),
  drives: [result('D')],
  trusted,
  enough: true,
});

export const failed = (id: string, card = 'A'): Fact => ({
  type: 'BackupFailed',
  backupId: backupId(id),
  cardId: cardId(card),
  reason: 'verify-mismatch',
  detail: 'DCIM/IMG_0001.JPG',
  totals: totals(2, 0, 1),
  drives: [result('D', 'failed')],
});

export const interrupted = (id: string, card = 'A'): Fact => ({
  type: 'BackupInterrupted',
  backupId: backupId(id),
  cardId: cardId(card),
  reason: 'card-removed',
  totals: totals(1),
  drives: [result('D', 'interrupted')],
});

export const learned = (drive: string, ...files: readonly FileOnDrive[]): Fact => ({
  type: 'DriveContentLearned',
  driveId: driveId(drive),
  files: files.map(({ to, sizeBytes, xxh64 }) => ({ to, sizeBytes, xxh64 })),
});

export const lost = (drive: string, ...paths: readonly string[]): Fact => ({
  type: 'CopiesLost',
  backupId: null,
  driveId: driveId(drive),
  files: paths.map((to) => ({ to: relativePath(to), why: 'missing' })),
});

export const sealed = (
  drive: string,
  seq: number,
  generations: readonly string[],
  extent: 'all' | 'added' = 'added',
): Fact => ({
  type: 'DriveSealed',
  backupId: backupId('b1'),
  driveId: driveId(drive),
  seq,
  generations: generations.map((path) => relativePath(path)),
  extent,
});

export const forgotten = (drive: string): Fact => ({ type: 'DriveForgotten', driveId: driveId(drive) });

export const adopted = (drive: string, kind: PlaceKind = 'volume'): FactOf<'DriveAdopted'> => ({
  type: 'DriveAdopted',
  drive: {
    id: driveId(drive),
    label: `drive ${drive}`,
    uuid: null,
    path: `/media/${drive}`,
    kind,
    sizeBytes: null,
    fsType: null,
    adopted: true,
    writable: true,
    hardware: null,
  },
});
