/** A machine in memory: volumes that come and go, folders, drive.json files. Passes the same contract as the real one. */
import { BehaviorSubject, combineLatest, map, merge, Subject } from 'rxjs';
import type { Fact } from '../../machines/facts.ts';
import type { DeviceSettings } from '../../services/devices/classify.ts';
import { DeviceService } from '../../services/devices/device-service.ts';
import { DriveBook } from '../../services/devices/drive-book.ts';
import { overlap } from '../../services/devices/place.ts';
import type {
  BlockVolume,
  DeviceListing,
  DriveIdentities,
  DriveIdentity,
  MountAnswer,
  MountedVolume,
  Mounter,
  MountTrouble,
  Places,
} from '../../services/devices/ports.ts';
import type { DeviceServiceParts } from '../../services/devices/service-parts.ts';
import { messageOf } from '../../services/errors.ts';
import type { Volume } from '../../services/ports.ts';

export const SETTINGS: DeviceSettings = { auto: 'dcim', cards: [], cardMaxBytes: null, drives: [] };

export interface Content {
  readonly identity?: DriveIdentity | 'broken' | 'damaged';
  readonly camera?: boolean;
  readonly readOnly?: boolean;
  readonly unreadable?: boolean;
  readonly hangs?: boolean;
}

const ROOT_VOLUME: Volume = {
  path: '/',
  label: 'rootfs',
  uuid: 'root-uuid',
  device: '/dev/mmcblk0p2',
  sizeBytes: 32e9,
  fsType: 'ext4',
  hardware: null,
  readOnly: false,
  system: true,
};

let mounts = 100;

export function volume(name: string, more: Partial<MountedVolume> = {}): MountedVolume {
  mounts += 1;
  return {
    mountId: mounts,
    block: null,
    path: `/media/${name}`,
    label: name,
    uuid: `uuid-${name}`,
    device: `/dev/${name}`,
    sizeBytes: 64e9,
    fsType: 'exfat',
    hardware: null,
    readOnly: false,
    system: false,
    ...more,
  };
}

let disks = 0;

/** A partition of a disk that was just plugged in. */
export function block(name: string, more: Partial<BlockVolume> = {}): BlockVolume {
  disks += 1;
  const hardware = {
    node: `/dev/${name}`,
    partition: 1,
    bus: 'usb',
    port: '1-1.4',
    vendor: 'Generic',
    product: 'Reader',
    serial: '0001',
  };
  return {
    key: `${name}#${disks}`,
    label: name.toUpperCase(),
    uuid: `uuid-${name}`,
    fsType: 'exfat',
    sizeBytes: 64e9,
    readOnly: false,
    system: false,
    inUse: false,
    removable: true,
    hardware,
    ...more,
  };
}

export const identity = (id: string, uuid: string | null): DriveIdentity => ({
  format: 1,
  id,
  uuid,
  label: 'a drive',
  adoptedAt: '2026-11-21T00:00:00.000Z',
});

/** Where the helper mounts a volume: another insertion has another folder. */
export const mountPoint = (key: string): string => `/media/imagetank/${key.replace('#', '-')}`;

export class MemoryMachine implements Places, DriveIdentities {
  readonly volumes$ = new BehaviorSubject<readonly MountedVolume[]>([]);
  readonly blocks$ = new BehaviorSubject<readonly BlockVolume[]>([]);
  readonly announced$ = new BehaviorSubject<readonly string[]>([]);
  readonly together$ = new Subject<DeviceListing>();
  readonly listing$ = merge(
    combineLatest([this.announced$, this.blocks$, this.volumes$]).pipe(
      map(([announced, blocks, mounts]): DeviceListing => ({ announced, blocks, mounts })),
    ),
    this.together$,
  );
  /** What the helper was asked, and what is mounted by it. */
  readonly mountCalls: string[] = [];
  readonly mounted = new Map<string, 'card' | 'drive'>();
  /** Every volume that was ever mounted writable. */
  readonly drives: string[] = [];
  /** The helper mounts, and this process does not see it: another mount namespace, or it was let go of meanwhile. */
  isBlind = false;
  readonly media = new Map<string, Content>();
  trouble: { readonly [Verb in keyof Mounter]?: MountTrouble } = {};
  readonly contents = new Map<string, Content>();
  /** Bind mounts: where one is, and of what. */
  readonly bound = new Map<string, string>();
  readonly writes: string[] = [];
  writeError: Error | null = null;
  readonly timers = new Set<() => void>();
  looks = 0;
  #ids = 0;

  readonly clock = {
    stamp: () => ({ at: '2026-11-21T10:00:00.000Z', clock: 'synced', monoMs: 1, bootId: 'boot' }) as const,
    setTimer: (_delayMs: number, run: () => void) => {
      this.timers.add(run);
      return () => void this.timers.delete(run);
    },
  };
  readonly ids = {
    uuid: () => {
      this.#ids += 1;
      return `id-${this.#ids}`;
    },
  };

  /** One listing of all three at once. */
  at(announced: readonly string[], blocks: readonly BlockVolume[], mounts: readonly MountedVolume[]): void {
    this.together$.next({ announced, blocks, mounts });
  }

  plug(one: BlockVolume, content: Content = {}): BlockVolume {
    this.media.set(one.key, content);
    this.blocks$.next([...this.blocks$.value, one]);
    return one;
  }

  /** The mount stands on, as it does on a real machine. */
  pull(one: BlockVolume): void {
    this.media.delete(one.key);
    this.contents.delete(mountPoint(one.key));
    this.blocks$.next(this.blocks$.value.filter((other) => other !== one));
  }

  readonly helper: Mounter = {
    mountCard: async ({ key }) => this.#mount('mountCard', key, 'card'),
    mountDrive: async ({ key }) => this.#mount('mountDrive', key, 'drive'),
    unmount: async ({ key }) => this.#unmount(key),
  };

  #unmount(key: string): MountAnswer {
    this.mountCalls.push(`unmount ${key}`);
    const trouble = this.trouble.unmount;
    if (trouble !== undefined) return { ok: false, trouble, detail: '' };
    this.mounted.delete(key);
    const content = this.contents.get(mountPoint(key));
    if (content !== undefined && this.media.has(key)) this.media.set(key, { ...content, readOnly: false });
    this.contents.delete(mountPoint(key));
    return { ok: true, path: mountPoint(key) };
  }

  #mount(verb: 'mountCard' | 'mountDrive', key: string, as: 'card' | 'drive'): MountAnswer {
    this.mountCalls.push(`${verb} ${key}`);
    const trouble = this.trouble[verb];
    if (trouble !== undefined) {
      // A card is unmounted before it is mounted as a drive.
      if (as === 'drive') this.contents.delete(mountPoint(key));
      return { ok: false, trouble, detail: 'sudo fsck.exfat -p /dev/sda1' };
    }
    const medium = this.contents.get(mountPoint(key)) ?? this.media.get(key);
    if (medium === undefined) return { ok: false, trouble: 'gone', detail: '' };
    // A drive that is mounted is left as it is when it is asked for as a card.
    const before = this.mounted.get(key);
    if (before === as || before === 'drive') return { ok: true, path: mountPoint(key) };
    if (as === 'drive') this.drives.push(key);
    this.mounted.set(key, as);
    this.contents.set(mountPoint(key), {
      ...medium,
      readOnly: as === 'card' || this.media.get(key)?.readOnly === true,
    });
    return { ok: true, path: mountPoint(key) };
  }

  folder(path: string, content: Content = {}): string {
    this.contents.set(path, content);
    return path;
  }

  mount(one: MountedVolume, content: Content = {}): MountedVolume {
    this.contents.set(one.path, content);
    this.volumes$.next([...this.volumes$.value, one]);
    return one;
  }

  unmount(one: MountedVolume): void {
    this.contents.delete(one.path);
    this.volumes$.next(this.volumes$.value.filter((other) => other !== one));
  }

  async realPath(path: string): Promise<string> {
    const real = path.replace('/link/', '/home/');
    if (!this.contents.has(real)) throw new Error(`ENOENT: ${path}`);
    return real;
  }
  async aliases(path: string): Promise<readonly string[]> {
    return [
      path,
      ...[...this.bound].flatMap(([to, from]) => (path.startsWith(to) ? [path.replace(to, from)] : [])),
    ];
  }
  async isFolder(path: string): Promise<boolean> {
    return this.contents.has(path) && !path.endsWith('.jpg');
  }
  async cameraFolders(root: string): Promise<boolean> {
    this.looks += 1;
    const content = this.#content(root);
    if (content.hangs) await new Promise(() => undefined);
    return content.camera ?? false;
  }
  async writable(root: string): Promise<boolean> {
    return !this.#content(root).readOnly;
  }
  async volumeOf(path: string): Promise<Volume> {
    if (!this.contents.has(path)) throw new Error(`ENOENT: ${path}`);
    const [ours] = [...this.mounted.keys()].filter((key) => mountPoint(key) === path);
    if (ours !== undefined && !this.isBlind) {
      return { ...ROOT_VOLUME, path, device: `/dev/${ours.split('#')[0]}`, system: false };
    }
    const inside = this.volumes$.value.filter((one) => overlap(path, one.path) && path.startsWith(one.path));
    const { mountId: _, block: __, ...rest } = { mountId: 0, block: null, ...(inside.at(-1) ?? ROOT_VOLUME) };
    return rest;
  }
  async isMounted(mountId: number): Promise<boolean> {
    return this.volumes$.value.some((one) => one.mountId === mountId);
  }
  async mountsBelow(folder: string): Promise<readonly string[]> {
    return [...this.bound.keys()].filter((point) => point.startsWith(`${folder}/`));
  }
  /** By node; a device that is not here was never written to. */
  readonly written = new Map<string, number | null>();

  async sectorsWritten(node: string): Promise<number | null> {
    return this.written.get(node) ?? 0;
  }
  async space() {
    return { freeBytes: 1, sizeBytes: 2 };
  }
  async read(root: string): Promise<DriveIdentity | 'damaged' | null> {
    // A folder above those that were named.
    if (!this.contents.has(root) && [...this.contents.keys()].some((path) => overlap(root, path)))
      return null;
    const found = this.#content(root).identity ?? null;
    if (found === 'broken') throw new Error('EIO');
    return found;
  }
  async write(root: string, written: DriveIdentity): Promise<void> {
    if (this.writeError !== null) throw this.writeError;
    const content = this.#content(root);
    if (content.identity !== undefined) throw new Error('there is one already');
    this.writes.push(root);
    this.contents.set(root, { ...content, identity: written });
  }

  #content(path: string): Content {
    const content = this.contents.get(path);
    if (content === undefined) throw new Error(`ENOENT: ${path}`);
    if (content.unreadable) throw new Error(`EACCES: ${path}`);
    return content;
  }
}

export interface Bench {
  readonly machine: MemoryMachine;
  readonly service: DeviceService;
  readonly facts: Fact[];
  readonly warnings: readonly string[];
  /** How the stream of facts broke. */
  readonly broken: readonly string[];
  /** Runs until the service has nothing left to do, then returns the facts since the last call as short words. */
  news(): Promise<readonly string[]>;
}

export function bench(
  given: { settings?: Partial<DeviceSettings>; journal?: readonly Fact[]; machine?: MemoryMachine } & Partial<
    Pick<DeviceServiceParts, 'listing$' | 'review$'>
  > = {},
): Bench {
  const machine = given.machine ?? new MemoryMachine();
  const warnings: string[] = [];
  const service = new DeviceService({
    places: machine,
    identities: machine,
    clock: machine.clock,
    ids: machine.ids,
    settings: { ...SETTINGS, ...given.settings },
    book: DriveBook.from(given.journal ?? []),
    listing$: given.listing$ ?? machine.listing$,
    ...(given.review$ === undefined ? {} : { review$: given.review$ }),
    mounter: machine.helper,
    warn: (text) => warnings.push(text),
  });
  const facts: Fact[] = [];
  const broken: string[] = [];
  service.facts$.subscribe({
    next: (fact) => facts.push(fact),
    error: (error: unknown) => broken.push(messageOf(error)),
  });
  let told = 0;
  const news = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    const fresh = facts.slice(told).map(words);
    told = facts.length;
    return fresh;
  };
  return { machine, service, facts, warnings, broken, news };
}

/** `CardAttached SD1 auto`, `DriveFailed d1 drive-id-clash`: a fact as a person would say it. */
export function words(fact: Fact): string {
  switch (fact.type) {
    case 'CardAttached':
      return `CardAttached ${fact.card.label} ${fact.start}`;
    case 'CardDetached':
      return `CardDetached ${fact.cardId}`;
    case 'DriveAttached':
    case 'DriveAdopted':
      return `${fact.type} ${fact.drive.id}`;
    case 'DriveDetached':
    case 'DriveForgotten':
      return `${fact.type} ${fact.driveId}`;
    case 'DriveFailed':
      return `${fact.type} ${fact.driveId} ${fact.reason}`;
    case 'DeviceAnnounced':
    case 'DeviceSettled':
      return `${fact.type} ${fact.device}`;
    case 'CardRefused':
      return `${fact.type} ${fact.device} ${fact.reason}`;
    default:
      return fact.type;
  }
}
