import type { Fact } from '../machines/facts.ts';
import { type RelativePath, relativePath } from '../machines/ids.ts';
import type { Drive } from '../machines/media.ts';
import type { IndexWork } from './appliance.ts';
import { attachedStores } from './attached-drives.ts';
import type { Places } from './devices/ports.ts';
import { UserError } from './errors.ts';
import { filesOf, indexFolder } from './library/index-folder.ts';
import { IndexTally } from './library/index-tally.ts';
import { DRIVE_ROOTS } from './manifest/names.ts';
import type { DriveStore } from './media-ports.ts';
import type { Store } from './ports.ts';
import type { Runtime } from './runtime/runtime.ts';
import { withAdvice } from './verify/advice.ts';
import { Meter } from './verify/meter.ts';
import { Pace } from './verify/pace.ts';
import type { Traffic, VerifyRun } from './verify/run.ts';
import type { Verifications } from './verify/verifications.ts';

const OWN_FOLDER = '.imagetank';

export interface IndexingParts {
  readonly runtime: Pick<Runtime, 'state' | 'expectToRecord'>;
  readonly store: Pick<Store, 'catalogue'>;
  readonly places: Pick<Places, 'realPath' | 'mountsBelow'>;
  readonly openDrive: (drive: Drive) => Promise<DriveStore>;
  readonly emit: (fact: Fact) => Promise<void>;
  readonly clock: VerifyRun['clock'];
  readonly verifications: Pick<Verifications, 'on'>;
  /** A running backup goes first. */
  readonly backups: Traffic;
  readonly sealFolder: (store: DriveStore, root: RelativePath) => Promise<readonly RelativePath[]>;
}

/** `library index`: photos that lie on an adopted drive already become copies, where they are. */
export class Indexing {
  readonly #parts: IndexingParts;

  constructor(parts: IndexingParts) {
    this.#parts = parts;
  }

  /** Safe to be stopped and asked again: what was read is known then. Throws `UserError` 64, 66, 74, 75, 77. */
  async *index(dir: string, rateBytesPerSecond: number | null, left?: AbortSignal): IndexWork {
    this.#parts.runtime.expectToRecord();
    const path = await this.#realPath(dir);
    const store = await this.#driveOf(path);
    const order = { drives: [store.drive], name: path, left };
    yield* this.#parts.verifications.on(order, (stop) =>
      withAdvice(this.#index(store, path, { rateBytesPerSecond, stop }), 'index it once more'),
    );
  }

  async *#index(
    store: DriveStore,
    path: string,
    { rateBytesPerSecond, stop }: Pick<VerifyRun, 'rateBytesPerSecond' | 'stop'>,
  ): IndexWork {
    const { emit, clock, backups, sealFolder } = this.#parts;
    const { catalogue } = this.#parts.store;
    const { label, path: root } = store.drive;
    const folder = relativePath(path.slice(root.length + 1));
    const pace = new Pace({ clock, rateBytesPerSecond, backups, stop });
    const assertOnDrive = () => this.#assertOnDrive(path, root);
    await assertOnDrive();
    const total = await totals(store, folder, stop);
    const meter = new Meter(clock, { total, done: { files: 0, bytes: 0 }, drive: label, continued: null });
    yield { progress: meter.now(backups.isBusy()) };
    const tally = new IndexTally();
    for await (const indexed of indexFolder({ store, folder, catalogue, emit, pace, assertOnDrive })) {
      tally.add(indexed);
      meter.addFile();
      meter.setBytes(tally.bytes);
      if (meter.isDue) yield { progress: meter.now(backups.isBusy()) };
    }
    const manifests = await sealFolder(store, historyOf(folder));
    yield { progress: meter.now(false) };
    yield { result: tally.result({ drive: label, folder, manifests }) };
  }

  async #realPath(dir: string): Promise<string> {
    return this.#parts.places.realPath(dir).catch((error: unknown) => {
      throw new UserError('no-folder', 66, `${dir} is no folder`, 'name a folder that is there', error);
    });
  }

  async #driveOf(path: string): Promise<DriveStore> {
    const stores = await attachedStores(this.#parts.runtime.state, this.#parts.openDrive);
    const at = [...stores.values()].find(({ drive }) => drive.path === path);
    if (at !== undefined) {
      const hint = `name a folder on it: imagetank library index ${path}/DIR`;
      throw new UserError('whole-drive', 64, `${path} is the whole drive`, hint);
    }
    const on = [...stores.values()].find(({ drive }) => path.startsWith(`${drive.path}/`));
    if (on === undefined) {
      const hint = `adopt the drive or folder that it lies on first: imagetank drive adopt ${path.slice(0, Math.max(1, path.lastIndexOf('/')))}`;
      throw new UserError('not-adopted', 77, `${path} lies on no adopted drive that is attached`, hint);
    }
    if (path.startsWith(`${on.drive.path}/${OWN_FOLDER}`)) {
      throw new UserError('own-folder', 64, `${path} is imagetank’s own`, 'name a folder with photos');
    }
    return on;
  }

  /** A card that is mounted below a drive's folder would be taken for its own copy, and then be erased. */
  async #assertOnDrive(path: string, root: string): Promise<void> {
    const isInTheWay = (point: string) =>
      point === path || path.startsWith(`${point}/`) || point.startsWith(`${path}/`);
    const foreign = (await this.#parts.places.mountsBelow(root)).find(isInTheWay);
    if (foreign === undefined) return;
    const message = `${foreign}: something else is mounted there, it is not on the drive`;
    throw new UserError('foreign-mount', 64, message, 'unmount it, or name a folder beside it');
  }
}

/** Ours where it lies below one of our roots; else the folder has its own. */
const historyOf = (folder: RelativePath): RelativePath =>
  DRIVE_ROOTS.find((root) => folder === root || folder.startsWith(`${root}/`)) ?? folder;

async function totals(store: DriveStore, folder: RelativePath, stop: AbortSignal) {
  let files = 0;
  let bytes = 0;
  for await (const { sizeBytes } of filesOf(store, folder)) {
    stop.throwIfAborted();
    files += 1;
    bytes += sizeBytes;
  }
  return { files, bytes };
}
