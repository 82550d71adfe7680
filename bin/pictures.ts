import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDriveFile } from '../adapters/fs/drive-file.ts';
import { FsPictureCache } from '../adapters/fs/picture-cache.ts';
import { randomIds } from '../adapters/node/ids.ts';
import { openNodeWorker } from '../adapters/node/worker.ts';
import { createPictureMaker } from '../adapters/sharp/picture-maker.ts';
import type { ShownDrive } from '../services/control/devices.ts';
import { Originals } from '../services/pictures/originals.ts';
import { Pictures } from '../services/pictures/pictures.ts';
import type { PictureMaker } from '../services/pictures/ports.ts';
import { Selections } from '../services/pictures/selections.ts';
import type { Clock, Store } from '../services/ports.ts';
import type { Runtime } from '../services/runtime/runtime.ts';
import type { Throttle } from '../services/throttle.ts';

/** Beside the program: `npm run build` bundles both into one folder. */
const PICTURE_WORKER = fileURLToPath(new URL('./picture-worker.js', import.meta.url));

interface GalleryParts {
  readonly stateDir: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly runtime: Runtime;
  /** A copy is made. */
  readonly isBusy: () => boolean;
  readonly throttle: Throttle;
  /** Without those that are being let go. */
  readonly attached: () => readonly ShownDrive[];
  /** Stands in for the real ones. */
  readonly maker?: PictureMaker | undefined;
}

/** What shows photos: nothing of it runs before somebody asks for a picture. */
export function createGallery({ stateDir, store, clock, runtime, ...parts }: GalleryParts) {
  const { shelf, catalogue } = store;
  const { isBusy, throttle, attached, maker } = parts;
  const drives = () =>
    attached().flatMap(({ id, path, adopted }) => (id !== null && adopted ? [{ id, path }] : []));
  const originals = new Originals({ shelf, drives, open: openDriveFile, throttle });
  const pictures = new Pictures({
    ...{ shelf, catalogue, drives, isBusy },
    cache: new FsPictureCache({ folder: join(stateDir, 'pictures') }),
    maker: maker ?? createPictureMaker({ open: openNodeWorker, workerPath: PICTURE_WORKER }),
  });
  const selections = new Selections({ originals, clock, ids: randomIds });
  const yielding = runtime.decided$.subscribe(() => {
    if (isBusy()) void pictures.interrupt();
  });
  /** Resolves when nothing is open on any drive. */
  const stop = async () => {
    yielding.unsubscribe();
    await Promise.all([pictures.stop(), originals.stop()]);
  };
  /** Before a drive is unmounted that `attached` does not name any more. */
  const letGo = async (path: string) => {
    await Promise.all([pictures.interrupt(), originals.letGo(path)]);
  };
  return { pictures, originals, selections, letGo, stop };
}
