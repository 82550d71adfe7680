import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { CardError } from '../../services/errors.ts';
import type { CardReader } from '../../services/media-ports.ts';
import { altered, DAY, type World, world } from './world.ts';

const SECTOR = 4096;

/** A card on which these sectors of one file cannot be read. */
function scratched(box: World, name: string, bad: readonly number[]): CardReader {
  return altered(box.cards, {
    open: async (root, file) => {
      const handle = await box.cards.open(root, file);
      if (file.path !== name) return handle;
      return altered(handle, {
        read: async (buffer, position) => {
          const end = Math.min(position + buffer.length, handle.sizeBytes);
          if (bad.some((sector) => sector * SECTOR < end && (sector + 1) * SECTOR > position)) {
            throw new CardError('unreadable', 'EIO');
          }
          return handle.read(buffer, position);
        },
      });
    },
  });
}

async function filled(sectors: number): Promise<{ box: World; content: Buffer }> {
  const box = await world();
  const content = Buffer.alloc(sectors * SECTOR - 100, 'x');
  await box.put('DCIM/IMG_1.JPG', content);
  await box.put('DCIM/IMG_2.JPG', 'whole');
  return { box, content };
}

describe('a file with bad sectors', () => {
  test.each([
    ['small', 5, [2]],
    ['larger than a block', 600, [0, 300, 599]],
  ] as const)('that is %s: what can be read is kept as partial, and the file has failed', async (_, sectors, bad) => {
    const { box, content } = await filled(sectors);
    expect(await box.backup({ cards: scratched(box, 'DCIM/IMG_1.JPG', bad) })).toMatchObject({
      type: 'BackupFailed',
      reason: 'card-unreadable',
      totals: { copied: 1, failed: 1 },
    });
    const expected = Buffer.from(content);
    for (const sector of bad) expected.subarray(sector * SECTOR, (sector + 1) * SECTOR).fill(0);
    expect(await box.onDrive()).toEqual({
      [`${DAY}/IMG_1.partial.JPG`]: expected.toString('latin1'),
      [`${DAY}/IMG_2.JPG`]: 'whole',
    });
    expect(box.journal.of('FilesSettled').flatMap(({ failed }) => failed)).toMatchObject([
      { path: 'DCIM/IMG_1.JPG', reason: 'card-unreadable', salvagedTo: `${DAY}/IMG_1.partial.JPG` },
    ]);
    // Nothing takes it for the photo: neither the catalogue nor a later backup.
    expect(box.journal.catalogue.copyAt(box.drive.drive.id, `${DAY}/IMG_1.partial.JPG` as never)).toBeNull();
    expect(await box.incoming()).toEqual([]);
  });

  test('read again in a better reader, it gets its own name; the partial stays', async () => {
    const { box, content } = await filled(5);
    await box.backup({ cards: scratched(box, 'DCIM/IMG_1.JPG', [1]) });
    expect(await box.backup()).toMatchObject({ type: 'BackupFinished', totals: { copied: 1 } });
    const there = await box.onDrive();
    expect(there[`${DAY}/IMG_1.JPG`]).toBe(content.toString('latin1'));
    expect(Object.keys(there)).toContain(`${DAY}/IMG_1.partial.JPG`);
  });

  test('and again in the same reader: one partial, not two', async () => {
    const { box } = await filled(5);
    const cards = scratched(box, 'DCIM/IMG_1.JPG', [1]);
    await box.backup({ cards });
    await box.backup({ cards });
    expect(Object.keys(await box.onDrive())).toEqual([`${DAY}/IMG_1.partial.JPG`, `${DAY}/IMG_2.JPG`]);
  });

  test('each of two drives gets what can be read', async () => {
    const { box } = await filled(5);
    const second = await box.addDrive('SECOND');
    await box.backup({ cards: scratched(box, 'DCIM/IMG_1.JPG', [1]) });
    expect(await box.onDrive(second)).toEqual(await box.onDrive());
    expect(Object.keys(await box.onDrive())).toContain(`${DAY}/IMG_1.partial.JPG`);
  });

  test('with nothing to be read, or too little, nothing is kept', async () => {
    const { box } = await filled(600);
    for (const bad of [
      Array.from({ length: 600 }, (_, n) => n),
      Array.from({ length: 300 }, (_, n) => 2 * n),
    ]) {
      await box.backup({ cards: scratched(box, 'DCIM/IMG_1.JPG', bad) });
      expect(Object.keys(await box.onDrive())).toEqual([`${DAY}/IMG_2.JPG`]);
    }
    expect(box.journal.of('FilesSettled').flatMap(({ failed }) => failed)[0]).not.toHaveProperty(
      'salvagedTo',
    );
  });
});
