import { describe, expect, it } from 'vitest';
import { driveId } from '../../machines/ids.ts';
import { isSpaceLow, SpaceLevels } from '../../services/devices/space.ts';

const D1 = driveId('d1');
const D2 = driveId('d2');

describe('low space', () => {
  it.each([
    [49, 1000, 0, true],
    [50, 1000, 0, false],
    [199, 1000, 200, true],
    [200, 1000, 200, false],
    [60, 1000, 10, false],
  ])('%i of %i bytes free with a reserve of %i: %s', (free, size, reserve, low) => {
    expect(isSpaceLow(free, size, reserve)).toBe(low);
  });

  it('is said once when it begins and once when it ends, for each drive', () => {
    const levels = new SpaceLevels(100);
    expect(levels.sample(D1, 500, 1000)).toBeNull();
    expect(levels.sample(D1, 90, 1000)).toEqual({
      type: 'SpaceChanged',
      driveId: D1,
      freeBytes: 90,
      low: true,
    });
    expect(levels.sample(D1, 80, 1000)).toBeNull();
    expect(levels.sample(D2, 80, 1000)).toMatchObject({ driveId: D2, low: true });
    expect(levels.sample(D1, 300, 1000)).toMatchObject({ driveId: D1, low: false, freeBytes: 300 });
    expect(levels.sample(D1, 301, 1000)).toBeNull();
  });

  it('goes on from what the journal said before a restart', () => {
    const levels = new SpaceLevels(0, [D1]);
    expect(levels.sample(D1, 0, 1000)).toBeNull();
    expect(levels.sample(D1, 999, 1000)).toMatchObject({ low: false });
  });
});
