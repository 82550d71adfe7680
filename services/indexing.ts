import type { Observable } from 'rxjs';
import { contextOf } from '../machines/decide.ts';
import type { Fact } from '../machines/facts.ts';
import type { DriveId, RelativePath } from '../machines/ids.ts';
import type { Drive } from '../machines/media.ts';
import { type IndexOptions, type IndexWork, PLAIN_INDEX } from './appliance.ts';
import { attachedStores } from './attached-drives.ts';
import type { DriveView } from './devices/place.ts';
import type { Places } from './devices/ports.ts';
import type { BatchParts } from './indexing/batch.ts';
import { indexFolder } from './indexing/index-folder.ts';
import { assertNoDriveAbove, historyFor, survey } from './indexing/survey.ts';
import { IndexTally } from './indexing/tally.ts';
import { Touched } from './indexing/touched.ts';
import type { TwinParts } from './indexing/twins.ts';
import { assertNothingMounted, type Where, whereIs } from './indexing/where.ts';
import { DRIVE_ROOTS, indexedRoots } from './manifest/names.ts';
import { oneAtATime } from './manifest/one-at-a-time.ts';
import type { DriveStore } from './media-ports.ts';
import type { Store } from './ports.ts';
import type { Runtime } from './runtime/runtime.ts';
import { withAdvice } from './verify/advice.ts';
import { driveReader } from './verify/drive-reader.ts';
import { Meter } from './verify/meter.ts';
import type { OpenFolder } from './verify/ports.ts';
import type { Traffic, VerifyRun } from './verify/run.ts';
import type { Verifications } from './verify/verifications.ts';

export interface IndexingParts extends Pick<BatchParts, 'emit' | 'metadata' | 'numberIn' | 'dayStarts'> {
  readonly runtime: Pick<Runtime, 'state' | 'expectToRecord'>;
  readonly store: Pick<Store, 'catalogue' | 'shelf'>;
  readonly places: Pick<Places, 'realPath' | 'isFolder' | 'mountsBelow'>;
  /** Knows what the drive's manifests claim when it resolves. */
  readonly openLearned: (drive: Drive) => Promise<DriveStore>;
  readonly openFolder: OpenFolder;
  /** Each fact once it is durable. */
  readonly facts$: Observable<Fact>;
  /** Every drive that was ever adopted and not forgotten, as it was then. */
  readonly drives: () => readonly Drive[];
  /** Drives that are attached now, adopted or not. */
  readonly shown: () => readonly Pick<DriveView, 'path' | 'adopted'>[];
  readonly fileAt: TwinParts['fileAt'];
  readonly clock: VerifyRun['clock'];
  readonly verifications: Pick<Verifications, 'on'>;
  /** A running backup goes first. */
  readonly backups: Traffic;
  /** The box's counter goes on behind this number. */
  readonly met: (number: number) => void;
  readonly sealFolder: (store: DriveStore, root: RelativePath) => Promise<readonly RelativePath[]>;
}

/** `library index`: photos that lie on an adopted drive already become copies, where they are. */
export class Indexing {
  readonly #parts: IndexingParts;
  readonly #inTurn = oneAtATime<'record'>();

  constructor(parts: IndexingParts) {
    this.#parts = parts;
  }

  /** Safe to be stopped and asked again: what was read is known then. Throws `UserError` 64, 65, 66, 74, 75, 77. */
  async *index(dir: string, options: IndexOptions = PLAIN_INDEX, left?: AbortSignal): IndexWork {
    const { runtime, places, openLearned, verifications } = this.#parts;
    if (!options.dryRun) runtime.expectToRecord();
    const stores = await attachedStores(runtime.state, openLearned);
    const others = this.#parts.shown().flatMap(({ path, adopted }) => (adopted ? [] : [path]));
    const where = await whereIs(dir, places, stores.values(), others);
    const again = `imagetank library index ${dir}`;
    const order = { drives: [where.store.drive], name: where.path, left, again };
    yield* verifications.on(order, (stop) =>
      withAdvice(this.#index(where, options, stop), 'index it once more', 'Index a folder further down.'),
    );
  }

  async *#index(where: Where, options: IndexOptions, stop: AbortSignal): IndexWork {
    const { clock, backups, places, sealFolder } = this.#parts;
    const { store, folder } = where;
    const assertOnDrive = () => assertNothingMounted(where, places);
    await assertOnDrive();
    await assertNoDriveAbove(store, folder);
    const { roots, ...total } = await survey(store, folder, stop);
    const { label } = store.drive;
    const meter = new Meter(clock, { total, done: { files: 0, bytes: 0 }, drive: label, continued: null });
    yield { progress: meter.now(backups.isBusy()) };
    const tally = new IndexTally();
    const touched = new Touched(store.drive.id);
    const following = this.#parts.facts$.subscribe((fact) => touched.follow(fact));
    const run = { clock, backups, stop, rateBytesPerSecond: options.rateBytesPerSecond };
    const job = { ...this.#job(where), assertOnDrive, roots, tally, touched, run, isDryRun: options.dryRun };
    try {
      for await (const { files, bytes, waiting } of indexFolder(job)) {
        meter.set(files, bytes);
        if (meter.isDue) yield { progress: meter.now(waiting) };
      }
    } finally {
      following.unsubscribe();
    }
    const root = historyFor(folder, { roots });
    // After a kill between the manifest and its fact everything is listed, and nobody knows of the manifest.
    const remembered = indexedRoots(this.#parts.store.catalogue.sealedGenerations(store.drive.id));
    const isKnown = DRIVE_ROOTS.includes(root) || remembered.includes(root);
    const isSealed = options.dryRun || (tally.unlisted === 0 && isKnown);
    const manifests = isSealed ? [] : await sealFolder(store, root);
    yield { progress: meter.now(false) };
    yield { result: tally.result({ drive: label, folder, files: total.files, manifests }) };
  }

  #job({ store, folder }: Where) {
    const { emit, metadata, numberIn, dayStarts, met, fileAt, openFolder } = this.#parts;
    const { catalogue, shelf } = this.#parts.store;
    return {
      ...{ store, folder, catalogue, shelf, emit, metadata, numberIn, dayStarts, met },
      reader: driveReader(store, openFolder),
      twins: { catalogue, fileAt, drives: () => this.#drives() },
      alone: <Result>(work: () => Promise<Result>) => this.#inTurn('record', work),
    };
  }

  /** Where each one lies: of a folder that was taken out the files are still there. */
  #drives(): ReadonlyMap<DriveId, Drive> {
    const attached = contextOf(this.#parts.runtime.state).drives;
    return new Map([...this.#parts.drives(), ...attached].map((drive) => [drive.id, drive]));
  }
}
