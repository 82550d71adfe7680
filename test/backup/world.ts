import { Buffer } from 'node:buffer';
import { accessSync, constants } from 'node:fs';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from 'vitest';
import { createCardReader } from '../../adapters/fs/card-reader.ts';
import { openDriveStore } from '../../adapters/fs/drive-store.ts';
import { writeDriveIdentity } from '../../adapters/fs/identity.ts';
import { memoryPlan } from '../../adapters/memory/memory-plan.ts';
import type { Fact } from '../../machines/facts.ts';
import { backupId, cardId, driveId } from '../../machines/ids.ts';
import type { Card, Drive } from '../../machines/media.ts';
import type { BackupDeps, BackupJob } from '../../services/backup/job.ts';
import { Counter } from '../../services/backup/numbering.ts';
import { Reservations } from '../../services/backup/reservations.ts';
import { runBackup } from '../../services/backup/run-backup.ts';
import { Shelves } from '../../services/backup/shelf.ts';
import type { CardReader, DriveStore } from '../../services/media-ports.ts';
import { dayInContent } from '../metadata/day-in-content.ts';
import { filesOneByOne, startsByOpening, statsOneByOne } from '../ports/one-by-one.ts';
import { Journal } from './journal.ts';

/** Nothing here depends on power cuts, so memory will do where there is some: thousands of fsyncs are slow. */
export function quickFolder(): string {
  try {
    accessSync('/dev/shm', constants.W_OK);
    return '/dev/shm';
  } catch {
    return tmpdir();
  }
}

const undos: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const undo of undos.splice(0)) await undo();
});

/** 10:00 UTC of the day that most files of these tests are from. */
export const NOON = Date.UTC(2026, 10, 21, 10);
export const DAY = 'Photos/2026/2026-11-21';

export interface Order extends Partial<BackupJob>, Partial<BackupDeps> {}

/** One card, one or more drives in real folders, and a journal. */
export class World {
  readonly root: string;
  readonly journal = new Journal();
  readonly shelves = new Shelves();
  readonly reservations = new Reservations();
  readonly counter = new Counter(this.journal.catalogue);
  readonly cards: CardReader = createCardReader();
  readonly drives: DriveStore[] = [];
  card: Card;
  #backups = 0;

  constructor(root: string) {
    this.root = root;
    this.card = {
      id: cardId(join(root, 'card')),
      label: 'SD1',
      uuid: null,
      path: join(root, 'card'),
      kind: 'folder',
      sizeBytes: null,
      fsType: null,
      hardware: null,
      readOnly: true,
    };
  }

  /** The same folder as a volume that is known again by its UUID. */
  asVolume(uuid: string | null = '3A4F-1B2C'): void {
    this.card = { ...this.card, id: cardId(`${uuid}+1000`), uuid, kind: 'volume' };
  }

  async insert(label: string, card: Partial<Card> = {}): Promise<void> {
    const path = join(this.root, label);
    await mkdir(path, { recursive: true });
    this.card = { ...this.card, id: cardId(path), label, path, ...card };
  }

  async put(path: string | Buffer, content: string | Buffer = String(path), mtimeMs = NOON): Promise<void> {
    const full = Buffer.concat([Buffer.from(`${this.card.path}/`), Buffer.from(path)]);
    await mkdir(Buffer.from(full.subarray(0, full.lastIndexOf(0x2f))), { recursive: true });
    await writeFile(full, content);
    await utimes(full, mtimeMs / 1000, mtimeMs / 1000);
  }

  /** A long file without a block on the card but for its first words. */
  async putLong(path: string, content: string, sizeBytes: number, mtimeMs = NOON): Promise<void> {
    const full = join(this.card.path, path);
    await writeFile(full, content);
    await truncate(full, sizeBytes);
    await utimes(full, mtimeMs / 1000, mtimeMs / 1000);
  }

  async addDrive(label = 'TANK', drive: Partial<Drive> = {}): Promise<DriveStore> {
    const path = join(this.root, 'drives', label);
    const id = `${label}-${this.root}`;
    await mkdir(path, { recursive: true });
    await writeDriveIdentity(path, {
      format: 1,
      id: driveId(id),
      uuid: null,
      label,
      adoptedAt: '2026-11-21T04:30:00.000Z',
    });
    const store = await openDriveStore({
      id: driveId(id),
      label,
      uuid: null,
      path,
      kind: 'folder',
      sizeBytes: null,
      fsType: null,
      hardware: null,
      adopted: true,
      writable: true,
      ...drive,
    });
    this.drives.push(store);
    return store;
  }

  get drive(): DriveStore {
    return this.drives[0]!;
  }

  /** Backs up the card; resolves with the last fact. */
  async backup(order: Order = {}): Promise<Fact> {
    this.#backups += 1;
    const job: BackupJob = {
      backupId: backupId(`20261121-${this.#backups}`),
      card: this.card,
      drives: this.drives,
      unopened: [],
      attached: this.drives.length,
      fit: false,
      layout: 'dated',
      template: '',
      dayStarts: '00:00',
      reserveBytes: 0,
      copies: 'all',
      verify: 'medium',
      hash: null,
      ...order,
    };
    const deps: BackupDeps = {
      cards: this.cards,
      metadata: dayInContent(),
      catalogue: this.journal.catalogue,
      shelves: this.shelves,
      reservations: this.reservations,
      counter: this.counter,
      openPlan: memoryPlan,
      emit: this.journal.emit,
      seal: async () => undefined,
      stop: () => null,
      progress: () => undefined,
      ...order,
    };
    await runBackup(job, deps);
    return this.journal.last();
  }

  /** Path and content of everything below `Photos/` and `Other/`. */
  async onDrive(store: DriveStore = this.drive): Promise<Record<string, string>> {
    const files: [string, string][] = [];
    for (const top of ['Photos', 'Other']) {
      for (const path of await filesBelow(join(store.drive.path, top))) {
        files.push([
          `${top}/${path}`,
          (await readFile(join(store.drive.path, top, path))).toString('latin1'),
        ]);
      }
    }
    return Object.fromEntries(files.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async incoming(store: DriveStore = this.drive): Promise<string[]> {
    return filesBelow(join(store.drive.path, '.imagetank/incoming'));
  }

  /** What a killed process leaves in `incoming/` belongs to nobody: in this process it would still count as its own. */
  async orphanIncoming(store: DriveStore = this.drive): Promise<void> {
    const folder = join(store.drive.path, '.imagetank/incoming');
    for (const name of await filesBelow(folder)) {
      await rename(join(folder, name), join(folder, `orphan-${name}`));
    }
  }

  /** Changes a file on the drive behind imagetank's back. */
  async alter(path: string, content: string, store: DriveStore = this.drive): Promise<void> {
    await mkdir(dirname(join(store.drive.path, path)), { recursive: true });
    await writeFile(join(store.drive.path, path), content);
  }

  async remove(path: string, store: DriveStore = this.drive): Promise<void> {
    await rm(join(store.drive.path, path));
  }
}

/** A world with one drive; gone after the test. */
export async function world(): Promise<World> {
  const root = await realpath(await mkdtemp(join(quickFolder(), 'imagetank-backup-')));
  undos.push(() => rm(root, { recursive: true, force: true }));
  await mkdir(join(root, 'card'));
  const made = new World(root);
  await made.addDrive();
  return made;
}

export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/**
 * A port with some of its calls replaced; the others go to the real one. Its calls for many files are then made of
 * those for one, so that they meet what the test replaced.
 */
export function altered<Port extends object>(port: Port, replaced: Partial<Port>): Port {
  const changes = { ...manyOf({ ...replaced }), ...replaced };
  return new Proxy(port, {
    get: (target, key) => {
      const value: unknown = Reflect.get(key in changes ? changes : target, key);
      return typeof value === 'function' ? value.bind(key in changes ? changes : target) : value;
    },
  });
}

function manyOf(changes: Partial<CardReader & DriveStore>): object {
  const { open, createIncoming, stat } = changes;
  return {
    ...(open === undefined ? {} : startsByOpening({ open })),
    ...(createIncoming === undefined ? {} : filesOneByOne({ createIncoming })),
    ...(stat === undefined ? {} : statsOneByOne({ stat })),
  };
}
