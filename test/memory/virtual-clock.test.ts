import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { clockContract } from '../contracts/clock.contract.ts';

clockContract('virtual', async () => {
  const clock = new VirtualClock();
  return { clock, pass: async (ms) => clock.advance(ms), cleanUp: async () => undefined };
});

describe('VirtualClock', () => {
  it('derives wall time from its start and the time that passed', () => {
    const clock = new VirtualClock({ startAt: '2026-12-31T23:59:59.500Z', startMs: 1000 });
    clock.advance(500);
    expect(clock.stamp()).toEqual({
      at: '2027-01-01T00:00:00.000Z',
      clock: 'synced',
      monoMs: 1500,
      bootId: 'test-boot',
    });
  });

  it('fires in order of due time, and of arming where that is equal, each at its own moment', () => {
    const clock = new VirtualClock({ startMs: 0 });
    const fired: string[] = [];
    const arm = (name: string, delayMs: number) =>
      clock.setTimer(delayMs, () => fired.push(`${name}@${clock.monoMs()}`));
    arm('late', 30);
    arm('early', 10);
    arm('early too', 10);
    clock.advance(29);
    expect(fired).toEqual(['early@10', 'early too@10']);
    clock.advance(1);
    expect(fired).toEqual(['early@10', 'early too@10', 'late@30']);
    expect([clock.armed, clock.fired]).toEqual([0, 3]);
  });

  it('runs what a timer arms within the same advance', () => {
    const clock = new VirtualClock({ startMs: 0 });
    const fired: number[] = [];
    clock.setTimer(10, () => clock.setTimer(10, () => fired.push(clock.monoMs())));
    clock.advance(25);
    expect([fired, clock.monoMs()]).toEqual([[20], 25]);
  });

  it('fires after a stall at the moment it ends, and late where it is told to be', () => {
    const clock = new VirtualClock({ startMs: 0, lateMs: () => 3 });
    const fired: number[] = [];
    clock.setTimer(10, () => fired.push(clock.monoMs(), clock.latenessMs));
    clock.stall(12);
    expect(fired).toEqual([]);
    clock.stall(100);
    expect(fired).toEqual([112, 3]);
  });
});
