import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openDriveFile } from '../../adapters/fs/drive-file.ts';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { driveId, relativePath } from '../../machines/ids.ts';
import type { Photo } from '../../services/library/ports.ts';
import { Originals, type OriginalsParts } from '../../services/pictures/originals.ts';
import { Selections } from '../../services/pictures/selections.ts';
import { Throttle } from '../../services/throttle.ts';
import { countedIds } from '../access/kit.ts';

export const DRIVE = driveId('d-1');

/** Sixteen digits and a size. */
export const idOf = (n: number, sizeBytes: number) => `${String(n).padStart(16, '0')}-${sizeBytes}`;

export function photoOf(
  id: string,
  name: string,
  to: string,
  copy: Partial<Photo['copies'][number]> = {},
): Photo {
  const verified = { state: 'verified', verifiedFrom: 'medium', counts: true } as const;
  return {
    id,
    name,
    xxh64: id.slice(0, 16),
    sizeBytes: Number(id.slice(17)),
    day: '2026-11-21',
    dayFrom: 'capture',
    takenAt: '2026-11-21T14:03:59.120',
    zone: null,
    camera: null,
    cards: [],
    backups: [],
    copies: [{ driveId: DRIVE, to: relativePath(to), ...verified, ...copy }],
    verifiedCopies: 1,
  };
}

/** A drive in a folder of its own, and photos on it. */
export class Wall {
  readonly folder = mkdtempSync(join(tmpdir(), 'imagetank-wall-'));
  readonly clock = new VirtualClock();
  readonly photos = new Map<string, Photo>();
  busy = false;
  attached = [{ id: DRIVE, path: this.folder }];
  /** How often each file was read from. */
  readonly reads = new Map<string, number>();
  /** Files that are open now. */
  open = 0;
  readonly throttle = new Throttle({ clock: this.clock, isBusy: () => this.busy });
  readonly originals: Originals;
  readonly selections: Selections;

  constructor(parts: Partial<OriginalsParts> = {}) {
    this.originals = new Originals({
      shelf: { photo: (id) => this.photos.get(id) ?? null },
      drives: () => this.attached,
      open: async (root, path) => {
        const file = await openDriveFile(root, path);
        if (file === null) return null;
        this.open += 1;
        const close = async () => {
          this.open -= 1;
          await file.close();
        };
        const read: typeof file.read = (buffer, position) => {
          this.reads.set(path, (this.reads.get(path) ?? 0) + 1);
          return file.read(buffer, position);
        };
        return { ...file, read, close };
      },
      throttle: this.throttle,
      ...parts,
    });
    this.selections = new Selections({ originals: this.originals, clock: this.clock, ids: countedIds() });
  }

  /** Puts a photo on the drive; returns its id. */
  async hang(name: string, content: Buffer | string, to = `Photos/${name}`): Promise<string> {
    const bytes = Buffer.from(content);
    const id = idOf(this.photos.size + 1, bytes.length);
    await mkdir(dirname(join(this.folder, to)), { recursive: true });
    writeFileSync(join(this.folder, to), bytes);
    this.photos.set(id, photoOf(id, name, to));
    return id;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
