import { Buffer } from 'node:buffer';
import fs, { type BigIntStats } from 'node:fs';
import type { FoundFile, Sighting } from '../../../services/media-ports.ts';
import { errnoOf, isMissing } from '../errno.ts';
import { type DriveSpec, onDrive } from './on-drive.ts';

const NS_A_MS = 1_000_000n;

/** Null where there is no regular file, or a link leads to it. */
export function sightAll(drive: DriveSpec, paths: readonly string[]): (Sighting | null)[] {
  return onDrive(drive, 'looking', (folders) =>
    paths.map((path) => {
      try {
        return sightingOf(fs.lstatSync(folders.at(Buffer.from(path)), { bigint: true }));
      } catch (error) {
        if (isMissing(error) || errnoOf(error) === 'ELOOP') return null;
        throw error;
      }
    }),
  );
}

/** The kernel's number of a file and of what holds it: XFS and Btrfs use more bits than a number has. */
export const fileKey = ({ dev, ino }: BigIntStats): string => `${dev}:${ino}`;

/** As `lstat` without bigint gives it, so that all who ask agree to the last digit. */
export const mtimeMsOf = ({ mtimeNs }: BigIntStats): number =>
  Number(mtimeNs / NS_A_MS) + Number(mtimeNs % NS_A_MS) / 1e6;

/** Null for what is no regular file. */
export function foundFile(stats: BigIntStats): FoundFile | null {
  if (!stats.isFile()) return null;
  return { sizeBytes: Number(stats.size), mtimeMs: mtimeMsOf(stats), file: fileKey(stats) };
}

function sightingOf(stats: BigIntStats): Sighting | null {
  const found = foundFile(stats);
  if (found === null) return null;
  const { size, mtimeNs, ctimeNs } = stats;
  return { ...found, version: `${found.file}:${size}:${mtimeNs}:${ctimeNs}` };
}
