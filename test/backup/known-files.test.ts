import { Buffer } from 'node:buffer';
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Fact } from '../../machines/facts.ts';
import { CardError } from '../../services/errors.ts';
import { altered, DAY, NOON, type Order, type World, world } from './world.ts';

const HEAD = 64 * 1024;
const BIG = Buffer.alloc(200_000, 'photo');

/** Backs up and says how many bytes of the card were read. */
async function bytesRead(box: World, order: Order = {}): Promise<number> {
  let bytes = 0;
  const cards = altered(box.cards, {
    open: async (root, file) => {
      const handle = await box.cards.open(root, file);
      return altered(handle, {
        read: async (buffer, position) => {
          const count = await handle.read(buffer, position);
          bytes += count;
          return count;
        },
      });
    },
  });
  await box.backup({ cards, ...order });
  return bytes;
}

async function backedUp(): Promise<World> {
  const box = await world();
  box.asVolume();
  await box.put('IMG_1.JPG', BIG);
  await box.backup();
  return box;
}

const duplicates = (box: World): Fact | undefined => box.journal.of('FilesSettled').at(-1);

test('of a known file only the first 64 KiB are read', async () => {
  const box = await backedUp();
  expect(await bytesRead(box)).toBe(HEAD);
  expect(box.journal.last()).toMatchObject({ type: 'BackupFinished', totals: { copied: 0, duplicates: 1 } });
  const first = box.journal.of('FilesSettled')[0]?.copied[0];
  expect(duplicates(box)).toMatchObject({ copied: [], duplicates: [first] });
});

test('a folder can hold anything and is always read in full', async () => {
  const box = await world();
  await box.put('IMG_1.JPG', BIG);
  await box.backup();
  expect(await bytesRead(box)).toBe(BIG.length);
});

test('a volume without UUID is always read in full', async () => {
  const box = await world();
  box.asVolume(null);
  await box.put('IMG_1.JPG', BIG);
  await box.backup();
  expect(await bytesRead(box)).toBe(BIG.length);
});

test('another card with the same file is read in full', async () => {
  const box = await backedUp();
  box.asVolume('OTHER-1');
  expect(await bytesRead(box)).toBe(BIG.length);
});

test('a name that is not UTF-8 is read in full, because two of them may look alike', async () => {
  const box = await world();
  box.asVolume();
  await box.put(Buffer.from([0xe9, 0x2e, 0x4a, 0x50, 0x47]), BIG);
  await box.backup();
  expect(await bytesRead(box)).toBe(BIG.length);
});

test('nor is it taken for a file whose real name is what the other one only looks like', async () => {
  const box = await world();
  box.asVolume();
  await box.put('\ufffd.JPG', BIG);
  await box.backup();
  const twin = Buffer.from(BIG);
  twin.write('another end', BIG.length - 20);
  await box.put(Buffer.from([0xe9, 0x2e, 0x4a, 0x50, 0x47]), twin);
  expect(await box.backup()).toMatchObject({ type: 'BackupFinished', totals: { copied: 1, duplicates: 1 } });
  expect(Object.values(await box.onDrive())).toContain(twin.toString('latin1'));
});

test('another time on the card: read in full', async () => {
  const box = await backedUp();
  await box.put('IMG_1.JPG', BIG, NOON + 2000);
  expect(await bytesRead(box)).toBe(BIG.length);
});

test('a file that grew behind its head, under the same time, is read in full', async () => {
  const box = await backedUp();
  const longer = Buffer.concat([BIG, Buffer.from('more')]);
  await box.put('IMG_1.JPG', longer);
  expect(await bytesRead(box)).toBe(longer.length);
  expect(box.journal.last()).toMatchObject({ totals: { copied: 1 } });
});

test('another head under the same size and time: it is another photo', async () => {
  const box = await backedUp();
  const other = Buffer.from(BIG);
  other.write('another');
  await box.put('IMG_1.JPG', other);
  await box.backup();
  expect(Object.keys(await box.onDrive())).toEqual([`${DAY}/IMG_1.JPG`, `${DAY}/IMG_1_2.JPG`]);
});

test('a copy that is gone from the drive is copied again', async () => {
  const box = await backedUp();
  await box.remove(`${DAY}/IMG_1.JPG`);
  await box.backup();
  expect(box.journal.last()).toMatchObject({ totals: { copied: 1 } });
  expect(await box.onDrive()).toEqual({ [`${DAY}/IMG_1.JPG`]: BIG.toString('latin1') });
});

test('a copy of another size or time on the drive is looked at again', async () => {
  const box = await backedUp();
  await utimes(join(box.drive.drive.path, `${DAY}/IMG_1.JPG`), NOON / 1000 + 1, NOON / 1000 + 1);
  expect(await bytesRead(box)).toBe(BIG.length);
});

test('on FAT two seconds are the same time', async () => {
  const box = await backedUp();
  const fat = altered(box.drive, { drive: { ...box.drive.drive, fsType: 'vfat' } });
  await utimes(join(box.drive.drive.path, `${DAY}/IMG_1.JPG`), NOON / 1000 + 2, NOON / 1000 + 2);
  expect(await bytesRead(box, { drives: [fat] })).toBe(HEAD);
  await utimes(join(box.drive.drive.path, `${DAY}/IMG_1.JPG`), NOON / 1000 + 3, NOON / 1000 + 3);
  expect(await bytesRead(box, { drives: [fat] })).toBe(BIG.length);
});

test('what was only verified from the cache is read in full by a drive that gives its medium', async () => {
  const box = await world();
  box.asVolume();
  const store = box.drive;
  const cached = altered(store, { rules: { ...store.rules, verifiedFrom: 'cache' } });
  const medium = altered(store, { rules: { ...store.rules, verifiedFrom: 'medium' } });
  await box.put('IMG_1.JPG', BIG);
  await box.backup({ drives: [cached] });
  expect(await bytesRead(box, { drives: [cached] })).toBe(HEAD);
  expect(await bytesRead(box, { drives: [medium] })).toBe(BIG.length);
});

test('another layout: in mirror only the same path counts', async () => {
  const box = await backedUp();
  await box.backup({ layout: 'mirror' });
  expect(box.journal.last()).toMatchObject({ totals: { copied: 1 } });
  expect(await bytesRead(box, { layout: 'mirror' })).toBe(HEAD);
});

test('one unknown member: the whole shot is read', async () => {
  const box = await backedUp();
  await box.put('IMG_1.xmp', 'new');
  expect(await bytesRead(box)).toBe(BIG.length + 3);
});

test('a known file is taken away from the record before its turn: it is read after all', async () => {
  const box = await backedUp();
  const lost = { type: 'CopiesLost', backupId: null, driveId: box.drive.drive.id } as const;
  const end = await box.backup({
    emit: async (fact) => {
      await box.journal.emit(fact);
      // A check that runs beside it finds the copy altered.
      if (fact.type !== 'BackupPlanned') return;
      const { to } = box.journal.of('FilesSettled')[0]!.copied[0]!;
      await box.journal.emit({ ...lost, files: [{ to, why: 'altered' }] });
    },
  });
  expect(end).toMatchObject({ type: 'BackupFinished', totals: { copied: 1, duplicates: 0 } });
});

test('a known file that can no longer be read is a failed file', async () => {
  const box = await backedUp();
  const cards = altered(box.cards, {
    open: async () => {
      throw new CardError('unreadable', 'input/output error');
    },
  });
  expect(await box.backup({ cards })).toMatchObject({ type: 'BackupFailed', reason: 'card-unreadable' });
});

test('a known card that is pulled while its heads are read: interrupted', async () => {
  const box = await backedUp();
  const cards = altered(box.cards, {
    open: async () => {
      throw new CardError('gone', 'no such device');
    },
  });
  expect(await box.backup({ cards })).toMatchObject({ type: 'BackupInterrupted', reason: 'card-removed' });
});

test.each([
  ['size', { sizeBytes: BIG.length + 1 }],
  ['time', { mtimeMs: NOON + 1 }],
] as const)('a file that got another %s since it was listed is not known', async (_, change) => {
  const box = await backedUp();
  let opened = 0;
  const cards = altered(box.cards, {
    open: async (root, file) => {
      opened += 1;
      const handle = await box.cards.open(root, file);
      return opened === 1 ? altered(handle, change) : handle;
    },
  });
  await box.backup({ cards });
  // Once for the head, and again to read it in full.
  expect(opened).toBe(2);
});
