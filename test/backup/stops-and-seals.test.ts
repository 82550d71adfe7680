import { describe, expect, test } from 'vitest';
import type { FactOf, FactType } from '../../machines/facts.ts';
import type { StopWhy } from '../../services/backup/job.ts';
import { DriveError } from '../../services/errors.ts';
import type { DriveStore } from '../../services/media-ports.ts';
import { altered, type Order, type World, world } from './world.ts';

/** Asked to shut down as soon as a fact of this kind is recorded; with a list of the drives that were sealed. */
function stopAfter(
  box: World,
  type: FactType,
  why: StopWhy = 'shutdown',
): { readonly order: Order; readonly sealed: string[] } {
  let stopped = false;
  const sealed: string[] = [];
  const order: Order = {
    emit: async (fact) => {
      await box.journal.emit(fact);
      stopped ||= fact.type === type;
    },
    stop: () => (stopped ? why : null),
    seal: async ({ drive }) => {
      sealed.push(drive.label);
    },
  };
  return { order, sealed };
}

describe('a shutdown', () => {
  test('while nothing is left but to verify: nothing more is read back or placed', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'content');
    const { order, sealed } = stopAfter(box, 'BackupFlushed');
    const read: string[] = [];
    const drive = altered(box.drive, {
      createIncoming: async () => {
        const incoming = await box.drive.createIncoming();
        return altered(incoming, {
          readBack: () => {
            read.push(incoming.path);
            return incoming.readBack();
          },
        });
      },
    });
    expect(await box.backup({ ...order, drives: [drive] })).toMatchObject({
      type: 'BackupInterrupted',
      reason: 'shutdown',
    });
    expect({ read, sealed, there: await box.onDrive() }).toEqual({ read: [], sealed: [], there: {} });
  });

  test('before the seal: no seal, and the next backup makes up for it', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'content');
    const { order, sealed } = stopAfter(box, 'BackupVerified');
    expect(await box.backup(order)).toMatchObject({
      type: 'BackupInterrupted',
      totals: { copied: 1 },
      drives: [{ outcome: 'interrupted', files: 1 }],
    });
    expect(sealed).toEqual([]);
    expect(await box.backup({ seal: order.seal! })).toMatchObject({ type: 'BackupFinished' });
    expect(sealed).toEqual(['TANK']);
  });

  test('in the middle of a card that is known: the rest waits', async () => {
    const box = await world();
    box.asVolume();
    for (let n = 0; n < 600; n += 1) await box.put(`IMG_${n}.JPG`, `content ${n}`);
    await box.backup();
    const { order } = stopAfter(box, 'FilesSettled');
    expect(await box.backup(order)).toMatchObject({ type: 'BackupInterrupted', totals: { duplicates: 256 } });
  });
});

describe('weak power', () => {
  test.each([
    'BackupPlanned',
    'FilesSettled',
    'BackupFlushed',
    'BackupVerified',
  ] as const)('after %s: interrupted for that reason, and the next backup brings the rest', async (type) => {
    const box = await world();
    for (let n = 0; n < 70; n += 1) await box.put(`IMG_${n}.JPG`, `content ${n}`);
    const { order } = stopAfter(box, type, 'weak-power');
    expect(await box.backup(order)).toMatchObject({
      type: 'BackupInterrupted',
      reason: 'weak-power',
      drives: [{ outcome: 'interrupted', reason: 'weak-power' }],
    });
    const { totals, ...end } = (await box.backup()) as FactOf<'BackupFinished'>;
    expect(end).toMatchObject({ type: 'BackupFinished' });
    expect(totals).toMatchObject({ files: 70, failed: 0 });
    expect(Object.keys(await box.onDrive())).toHaveLength(70);
  });
});

describe('a seal', () => {
  const sealing = (sealed: string[]): Order => ({
    seal: async ({ drive }) => {
      sealed.push(drive.label);
    },
  });
  const failing = (store: DriveStore, change: Partial<DriveStore>): DriveStore => altered(store, change);

  test('is written once a drive, also when nothing was copied', async () => {
    const box = await world();
    await box.addDrive('SECOND');
    const sealed: string[] = [];
    await box.backup(sealing(sealed));
    expect(sealed).toEqual(['TANK', 'SECOND']);
  });

  test('is not tried on a drive that was lost, whatever it has by then', async () => {
    const box = await world();
    for (let n = 0; n < 300; n += 1) await box.put(`IMG_${n}.JPG`, `content ${n}`);
    const sealed: string[] = [];
    let batches = 0;
    const settle: DriveStore['settle'] = async (placed) => {
      batches += 1;
      if (batches > 1) throw new DriveError('drive-lost', 'unplugged');
      await box.drive.settle(placed);
    };
    const end = await box.backup({ ...sealing(sealed), drives: [failing(box.drive, { settle })] });
    expect(end).toMatchObject({ reason: 'drive-lost', totals: { copied: 256 } });
    expect(sealed).toEqual([]);
  });

  test('is not tried on a full drive that took nothing', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'content');
    const sealed: string[] = [];
    await box.backup({ ...sealing(sealed), drives: [failing(box.drive, { freeBytes: async () => 0 })] });
    expect(sealed).toEqual([]);
  });

  test('is written when a file failed: the others are there', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'content');
    await box.put('IMG_2.JPG', 'longer content');
    const sealed: string[] = [];
    const rules = { ...box.drive.rules, maxFileBytes: 10 };
    const end = await box.backup({ ...sealing(sealed), drives: [failing(box.drive, { rules })] });
    expect(end).toMatchObject({ type: 'BackupFailed', reason: 'file-too-large' });
    expect(sealed).toEqual(['TANK']);
  });

  test('comes before the whole file system is synced', async () => {
    const box = await world();
    const log: string[] = [];
    const drive = failing(box.drive, {
      sync: async () => {
        log.push('sync');
      },
    });
    await box.backup({ ...sealing(log), drives: [drive] });
    expect(log).toEqual(['TANK', 'sync']);
  });
});
