import { expect, test } from 'vitest';
import { difference, EMPTY_WORLD } from '../../services/devices/world.ts';

test('a device that was refused is told to be gone, and only then', () => {
  const refused = { ...EMPTY_WORLD, unreadable: new Map([['mount 7', '/dev/sdz1']]) };
  expect(difference(EMPTY_WORLD, refused)).toEqual([
    { type: 'CardRefused', device: '/dev/sdz1', reason: 'card-unreadable', detail: '' },
  ]);
  expect(difference(refused, refused)).toEqual([]);
  expect(difference(refused, EMPTY_WORLD)).toEqual([{ type: 'DeviceDetached', device: '/dev/sdz1' }]);
});
