import type { Fact } from '../../machines/facts.ts';
import { driveId } from '../../machines/ids.ts';

/** A drive that the journal knows; a folder when a path is given. */
export function adopted(id: string, uuid: string | null, folder: string | null = null): Fact {
  const drive = {
    id: driveId(id),
    label: `label-${id}`,
    uuid,
    path: folder ?? `/media/${id}`,
    kind: folder === null ? ('volume' as const) : ('folder' as const),
    sizeBytes: 1,
    fsType: 'ext4',
    hardware: null,
    adopted: true,
    writable: true,
  };
  return { type: 'DriveAdopted', drive };
}
