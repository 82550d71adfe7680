import { expect, test } from 'vitest';
import { driveId } from '../../machines/ids.ts';
import { difference, EMPTY_WORLD } from '../../services/devices/world.ts';

const refusal = {
  device: '/dev/sdz1',
  reason: 'card-unreadable',
  detail: 'no file system',
  driveId: null,
} as const;

test('a device that was refused is told to be gone, and only then', () => {
  const refused = { ...EMPTY_WORLD, refused: new Map([['sdz1#7', refusal]]) };
  expect(difference(EMPTY_WORLD, refused)).toEqual([
    { type: 'CardRefused', device: '/dev/sdz1', reason: 'card-unreadable', detail: 'no file system' },
  ]);
  expect(difference(refused, refused)).toEqual([]);
  expect(difference(refused, EMPTY_WORLD)).toEqual([{ type: 'DeviceDetached', device: '/dev/sdz1' }]);
});

test('a drive that was refused fails, and is no device that has to go', () => {
  const drive = { ...refusal, reason: 'drive-not-writable', driveId: driveId('d1') } as const;
  const refused = { ...EMPTY_WORLD, refused: new Map([['sdz1#7', drive]]) };
  expect(difference(EMPTY_WORLD, refused)).toEqual([
    { type: 'DriveFailed', driveId: 'd1', reason: 'drive-not-writable', detail: 'no file system' },
  ]);
  expect(difference(refused, EMPTY_WORLD)).toEqual([]);
});
