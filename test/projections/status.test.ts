import { describe, expect, it } from 'vitest';
import type { Fact, FactOf } from '../../machines/facts.ts';
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

const viewAfter = (...facts: readonly Fact[]): StatusView =>
  facts.reduce<StatusView>(
    (view, fact, second) => foldStatus(view, { fact, at: stampAt(second).at }),
    EMPTY_STATUS_VIEW,
  );
const low = (...facts: readonly Fact[]) =>
  viewAfter(...facts).lowSpace.map(({ driveId: id, since }) => [id, since]);

describe('drives low on space', () => {
  it('are none at first, and none by facts about other things', () => {
    expect(low()).toEqual([]);
    const view = viewAfter(space('D', true));
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

describe('what is wrong with the machine', () => {
  const health = (
    level: FactOf<'HealthChanged'>['level'],
    { check = 'temperature', subject = null }: Partial<FactOf<'HealthChanged'>> = {},
  ): Fact => ({ type: 'HealthChanged', check, subject, level, reading: `now ${level}` });
  const ailments = (...facts: readonly Fact[]) =>
    viewAfter(...facts).ailments.map(({ check, subject, level, since }) => [check, subject, level, since]);

  it('is known from the moment its level began until it is good', () => {
    expect(ailments(pressed(), health('warning'))).toEqual([['temperature', null, 'warning', stampAt(1).at]]);
    expect(ailments(health('warning'), health('bad'))).toEqual([['temperature', null, 'bad', stampAt(1).at]]);
    const [only] = viewAfter(health('bad')).ailments;
    expect(only?.reading).toBe('now bad');
    expect(ailments(health('bad'), health('good'))).toEqual([]);
  });

  it('is known for each check and each disk', () => {
    const disk = (subject: string) => ({ check: 'disk', subject }) as const;
    const facts = [health('bad', disk('D')), health('warning', disk('E')), health('warning')];
    expect(ailments(...facts, health('good', disk('D'))).map(([check, subject]) => [check, subject])).toEqual(
      [
        ['disk', 'E'],
        ['temperature', null],
      ],
    );
  });

  it('is forgotten by a start of the daemon, and does not touch the drives’ space', () => {
    expect(ailments(health('bad'), started())).toEqual([]);
    expect(low(space('D', true), health('bad'))).toEqual([['D', stampAt(0).at]]);
    expect(ailments(health('bad'), space('D', true), space('D', false), detached('D'))).toHaveLength(1);
  });
});
