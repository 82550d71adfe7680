import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { randomIds } from '../../adapters/node/ids.ts';
import { createSystemClock } from '../../adapters/node/system-clock.ts';
import { clockContract } from '../contracts/clock.contract.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

clockContract('the system’s', async () => {
  const clock = createSystemClock();
  return {
    clock,
    pass: async (ms) => {
      const until = clock.monoMs() + ms;
      while (clock.monoMs() < until) await new Promise((resolve) => setTimeout(resolve, 1));
    },
    cleanUp: async () => undefined,
  };
});

describe('the system clock', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagetank-clock-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('takes the boot from the kernel', async () => {
    const bootIdPath = join(dir, 'boot_id');
    await writeFile(bootIdPath, '8b3c5cf4-0000-4000-8000-1d2f7d7c9f10\n');
    expect(createSystemClock({ bootIdPath }).stamp().bootId).toBe('8b3c5cf4-0000-4000-8000-1d2f7d7c9f10');
  });

  it.each(['missing', 'empty'])('makes up a boot of its own where the kernel’s is %s', async (name) => {
    await writeFile(join(dir, 'empty'), '');
    const bootIdPath = join(dir, name);
    const [one, two] = [createSystemClock({ bootIdPath }), createSystemClock({ bootIdPath })];
    expect(one.stamp().bootId).toMatch(UUID);
    expect(one.stamp().bootId).not.toBe(two.stamp().bootId);
  });

  it('trusts the wall time from the moment that systemd-timesyncd has set it, for this boot', async () => {
    const syncedPath = join(dir, 'synchronized');
    const clock = createSystemClock({ syncedPath });
    expect(clock.stamp().clock).toBe('unsynced');
    await writeFile(syncedPath, '');
    expect(clock.stamp().clock).toBe('synced');
    await rm(syncedPath);
    expect(clock.stamp().clock).toBe('synced');
  });

  describe('with timers of a test', () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'hrtime'] });
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    it('waits 60 days, more than one timer of Node can', () => {
      const days = 24 * 60 * 60 * 1000;
      const run = vi.fn();
      createSystemClock().setTimer(60 * days, run);
      vi.advanceTimersByTime(60 * days - 1);
      expect(run).not.toHaveBeenCalled();
      vi.advanceTimersByTime(2);
      expect(run).toHaveBeenCalledTimes(1);
    });

    it('disarms a timer that was armed again meanwhile', () => {
      const days = 24 * 60 * 60 * 1000;
      const run = vi.fn();
      const disarm = createSystemClock().setTimer(60 * days, run);
      vi.advanceTimersByTime(50 * days);
      disarm();
      vi.advanceTimersByTime(50 * days);
      expect(run).not.toHaveBeenCalled();
    });
  });
});

describe('random ids', () => {
  it('are version 4 UUIDs, each another', () => {
    const ids = Array.from({ length: 100 }, () => randomIds.uuid());
    expect(new Set(ids).size).toBe(100);
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
