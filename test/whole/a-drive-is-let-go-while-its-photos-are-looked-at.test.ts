import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openNodeWorker } from '../../adapters/node/worker.ts';
import { createPictureMaker } from '../../adapters/sharp/picture-maker.ts';
import type { Composition } from '../../bin/composition.ts';
import type { Original } from '../../services/pictures/originals.ts';
import type { PictureAnswer } from '../../services/pictures/pictures.ts';
import { box, freshBoxEachTest } from '../recordings/fresh-box.ts';
import { buildPictureWorker } from '../sharp/kit.ts';

freshBoxEachTest();

let worker: Awaited<ReturnType<typeof buildPictureWorker>>;
beforeAll(async () => {
  worker = await buildPictureWorker(join(import.meta.dirname, '../sharp/holding-worker.ts'));
});
afterAll(() => worker.remove());

const BYTES = 3_000_000;

/** What holds something below this folder open: the names of the programs, this one as `node`. */
function holders(folder: string): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const isHolding = readdirSync(`/proc/${pid}/fd`).some((fd) =>
        readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith(folder),
      );
      return isHolding ? [readFileSync(`/proc/${pid}/comm`, 'utf8').trim()] : [];
    } catch {
      // No process, or gone meanwhile.
      return [];
    }
  });
}

interface Looking {
  readonly running: Composition;
  readonly drive: string;
  readonly original: Original;
  readonly bytes: AsyncGenerator<Uint8Array>;
  readonly picture: Promise<PictureAnswer>;
}

/** A box with a photo that is downloaded just now, and of which a picture is made that never gets done. */
async function looking(): Promise<Looking> {
  const drive = box.drive('drive');
  const pictureMaker = createPictureMaker({ open: openNodeWorker, workerPath: worker.workerPath });
  const running = await box.start(drive, { pictureMaker }, { port: 8080 });
  await running.control.sim.insert(box.card('SD', { 'IMG_0001.JPG': BYTES }), 'SD');
  const isDone = async () => {
    const { signal, backups } = await running.control.status();
    return signal === 'ready' && backups.some(({ outcome }) => outcome === 'done');
  };
  await expect.poll(isDone, { timeout: 20_000 }).toBe(true);
  const [photo] = running.control.library.photos({ name: 'IMG_0001.JPG' }).photos;
  if (photo === undefined || running.visitors === null) throw new Error('there is nothing to look at');
  const { originals, pictures } = running.visitors.gallery;
  const original = await originals.open(photo.id);
  const bytes = original.read(0, BYTES - 1);
  await bytes.next();
  const picture = pictures.get(photo.id, 'thumb');
  await expect.poll(() => holders(drive), { timeout: 20_000 }).toContain('sleep');
  return { running, drive, original, bytes, picture };
}

test('it is ejected: nothing holds it open, and nothing opens it while it goes', async () => {
  const { running, drive, original, bytes, picture } = await looking();
  await running.control.eject(drive);
  expect(holders(drive)).toEqual([]);
  await expect(bytes.next()).rejects.toThrow();
  expect(await picture).toBe('later');
  await expect(running.visitors?.gallery.originals.open(original.photo.id)).rejects.toMatchObject({
    code: 'photo-away',
  });
});

test('an eject that fails leaves the drive as it was: its photos can be looked at', async () => {
  const { running, drive, original } = await looking();
  const { visitors, control } = running;
  const [shown] = await control.drives();
  const failed = visitors?.without({ id: shown?.id as never, label: 'drive', path: drive }, async () => {
    expect(holders(drive)).toEqual([]);
    await expect(visitors.gallery.originals.open(original.photo.id)).rejects.toThrow('no drive');
    await expect(visitors.uploads.create(null, 1, 'filename YQ==')).rejects.toMatchObject({
      code: 'no-drive-for-uploads',
    });
    throw new Error('busy');
  });
  await expect(failed).rejects.toThrow('busy');
  await (await visitors?.gallery.originals.open(original.photo.id))?.close();
  await expect(visitors?.uploads.create(null, 1, 'filename YQ==')).resolves.toMatchObject({ offset: 0 });
});

test('the power goes: when the light says so nothing holds it open', async () => {
  const { running, drive, picture } = await looking();
  const atOff: (readonly string[])[] = [];
  running.control.lights$.subscribe(({ signal }) => {
    if (signal === 'off') atOff.push(holders(drive));
  });
  await running.control.power('poweroff');
  await box.ended();
  expect(atOff).toEqual([[]]);
  expect(await picture).toBe('later');
});
