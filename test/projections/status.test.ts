import { describe, expect, it } from 'vitest';
import type { Fact } from '../../machines/facts.ts';
import { driveId } from '../../machines/ids.ts';
import { EMPTY_STATUS_VIEW, foldStatus, type StatusView } from '../../services/projections/status.ts';
import { forgotten, pressed, stampAt, started } from '../journal/facts.ts';

const space = (drive: string, low: boolean): Fact => ({
  type: 'SpaceChanged',
  driveId: driveId(drive),
  freeBytes: low ? 1 : 1e12,
  low,
});
const detached = (drive: string): Fact => ({ type: 'DriveDetached', driveId: driveId(drive) });

const after = (...facts: readonly Fact[]): StatusView =>
  facts.reduce<StatusView>(
    (view, fact, second) => foldStatus(view, { fact, at: stampAt(second).at }),
    EMPTY_STATUS_VIEW,
  );
const low = (...facts: readonly Fact[]) =>
  after(...facts).lowSpace.map(({ driveId: id, since }) => [id, since]);

describe('drives low on space', () => {
  it('are none at first, and none by facts about other things', () => {
    expect(low()).toEqual([]);
    const view = after(space('D', true));
    expect(foldStatus(view, { fact: pressed(), at: stampAt(9).at })).toBe(view);
  });

  it('are remembered with the moment it began, not that of the latest word', () => {
    expect(low(space('D', true), space('E', true), space('D', true))).toEqual([
      ['E', stampAt(1).at],
      ['D', stampAt(0).at],
    ]);
  });

  it('are no longer when there is room again, and begin anew after that', () => {
    expect(low(space('D', true), space('E', true), space('D', false))).toEqual([['E', stampAt(1).at]]);
    expect(low(space('D', true), space('D', false), space('D', true))).toEqual([['D', stampAt(2).at]]);
  });

  it.each([
    ['detached', detached('D')],
    ['forgotten', forgotten('D')],
  ])('do not count when %s', (_, fact) => {
    expect(low(space('D', true), space('E', true), fact)).toEqual([['E', stampAt(1).at]]);
  });

  it('are unknown after a start', () => {
    expect(low(space('D', true), started())).toEqual([]);
  });
});
