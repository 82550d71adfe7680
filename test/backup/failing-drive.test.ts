import { expect, test } from 'vitest';
import { DriveError } from '../../services/errors.ts';
import { altered, world } from './world.ts';

const failing = (reason: 'drive-failing' | 'drive-full') => async () => {
  throw new DriveError(reason, 'EIO, fsync');
};

test('a drive whose fsync failed is out until it is attached anew: a retry would succeed and prove nothing', async () => {
  const box = await world();
  await box.put('IMG_1.JPG', 'one');
  box.drives[0] = altered(box.drive, { settle: failing('drive-failing') });
  expect(await box.backup()).toMatchObject({ type: 'BackupFailed', reason: 'drive-failing' });
  expect(box.journal.of('DriveFailed')).toEqual([
    { type: 'DriveFailed', driveId: box.drive.drive.id, reason: 'drive-failing', detail: '' },
  ]);
});

test('a full drive is not out', async () => {
  const box = await world();
  await box.put('IMG_1.JPG', 'one');
  box.drives[0] = altered(box.drive, { settle: failing('drive-full') });
  expect(await box.backup()).toMatchObject({ type: 'BackupFailed', reason: 'drive-full' });
  expect(box.journal.of('DriveFailed')).toEqual([]);
});
