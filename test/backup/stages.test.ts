import { expect, test } from 'vitest';
import type { StopWhy } from '../../services/backup/job.ts';
import type { DriveStore } from '../../services/media-ports.ts';
import { altered, type World, world } from './world.ts';

const BATCH = 256;
/** More than anything here takes that is not waiting for something. */
const TURNS = 3000;

async function filled(batches: number): Promise<World> {
  const box = await world();
  for (let n = 0; n < batches * BATCH; n += 1) await box.put(`IMG_${10_000 + n}.JPG`, `content ${n}`);
  return box;
}

/** False when it does not come true however long one waits. */
async function comesTrue(condition: () => boolean): Promise<boolean> {
  for (let turn = 0; turn < TURNS && !condition(); turn += 1) {
    await new Promise((wake) => setImmediate(wake));
  }
  return condition();
}

test('a batch is flushed while the one before it is read back, and placed while later ones are on their way', async () => {
  const box = await filled(4);
  const begun = { flushed: 0, readBack: 0, settled: 0 };
  const overlaps: boolean[] = [];
  const drive = altered<DriveStore>(box.drive, {
    flushAll: (files) => {
      begun.flushed += 1;
      return box.drive.flushAll(files);
    },
    readBackAll: async (files, afterBlock) => {
      begun.readBack += 1;
      if (begun.readBack === 1) overlaps.push(await comesTrue(() => begun.flushed === 2));
      return box.drive.readBackAll(files, afterBlock);
    },
    settle: async (placed) => {
      begun.settled += 1;
      if (begun.settled === 1) {
        overlaps.push(await comesTrue(() => begun.readBack >= 2 && begun.flushed >= 3));
      }
      return box.drive.settle(placed);
    },
  });
  expect(await box.backup({ drives: [drive] })).toMatchObject({ type: 'BackupFinished' });
  expect(overlaps).toEqual([true, true]);
});

test('no more than four batches are on their way, and the card is read one chunk ahead', async () => {
  const box = await filled(7);
  let flushed = 0;
  let read = 0;
  let held: readonly number[] = [];
  const drive = altered<DriveStore>(box.drive, {
    flushAll: (files) => {
      flushed += 1;
      return box.drive.flushAll(files);
    },
    settle: async (placed) => {
      if (held.length === 0) {
        await comesTrue(() => false);
        held = [flushed, read];
      }
      return box.drive.settle(placed);
    },
  });
  const cards = altered(box.cards, {
    readStarts: (root, files, maxBytes) => {
      read += files.length;
      return box.cards.readStarts(root, files, maxBytes);
    },
  });
  await box.backup({ drives: [drive], cards });
  const [flushes = 0, files = 0] = held;
  expect(flushes).toBe(3);
  // The fourth is gathered, and one chunk of the fifth is read.
  expect(files).toBeGreaterThan(4 * BATCH);
  expect(files).toBeLessThanOrEqual(4 * BATCH + 64);
});

test.each([0, 1, 3, 9])('after a stop at chunk %i no memory of the card is kept', async (at) => {
  const box = await filled(3);
  let why: StopWhy | null = null;
  let taken = 0;
  let released = 0;
  const cards = altered(box.cards, {
    readStarts: async (root, files, maxBytes) => {
      if (taken === at) why = 'card-removed';
      taken += 1;
      const starts = await box.cards.readStarts(root, files, maxBytes);
      let isHeld = true;
      return {
        ...starts,
        release: () => {
          if (isHeld) released += 1;
          isHeld = false;
          starts.release();
        },
      };
    },
  });
  expect(await box.backup({ cards, stop: () => why })).toMatchObject({ type: 'BackupInterrupted' });
  expect(taken).toBeGreaterThan(at);
  expect(released).toBe(taken);
});
