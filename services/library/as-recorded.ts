import type { DriveStore, Found } from '../media-ports.ts';
import type { Copy } from '../ports.ts';

/** FAT and exFAT keep times to 2 s (contract.md section 4, "Known file"). */
const FAT_TOLERANCE_MS = 2000;
const FAT_TYPES: ReadonlySet<string> = new Set(['vfat', 'msdos', 'fat', 'exfat']);
/** Others keep fewer digits on the medium than in memory (NTFS 100 ns), which show after the next mount. */
const TOLERANCE_MS = 1;

/** Whether a file on a drive has the size and the time that its copy was recorded with; never for one without a time. */
export function isAsRecorded(
  { drive }: Pick<DriveStore, 'drive'>,
  copy: Pick<Copy, 'sizeBytes' | 'toMtimeMs'>,
  found: Found,
): boolean {
  if (copy.toMtimeMs === null || found.sizeBytes !== copy.sizeBytes) return false;
  const toleranceMs = FAT_TYPES.has(drive.fsType ?? '') ? FAT_TOLERANCE_MS : TOLERANCE_MS;
  return Math.abs(found.mtimeMs - copy.toMtimeMs) <= toleranceMs;
}
