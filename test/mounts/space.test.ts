import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { SpaceMeter } from '../../adapters/mounts/space.ts';

interface Question {
  readonly path: string;
  readonly answer: (value: { bavail: number; blocks: number; bsize: number }) => void;
  readonly fail: () => void;
}

function bench() {
  const clock = new VirtualClock();
  const asked: Question[] = [];
  const meter = new SpaceMeter({
    statfs: (path) =>
      new Promise((answer, reject) => {
        asked.push({ path, answer, fail: () => reject(new Error('EIO')) });
      }),
    setTimer: (delayMs, run) => clock.setTimer(delayMs, run),
  });
  return { clock, asked, meter };
}

const ANSWER = { bavail: 10, blocks: 100, bsize: 4096 };

describe('the space of a file system', () => {
  it('is what this process may use, and all', async () => {
    const { clock, asked, meter } = bench();
    const space = meter.of('/media/a');
    asked[0]?.answer(ANSWER);
    expect(await space).toEqual({ freeBytes: 40_960, sizeBytes: 409_600 });
    expect(clock.armed).toBe(0);
  });

  it('is unknown when it cannot be told', async () => {
    const { asked, meter } = bench();
    const space = meter.of('/media/a');
    asked[0]?.fail();
    expect(await space).toBeNull();
  });

  it('is unknown after 1 s, and a file system that hangs is not asked a second time', async () => {
    const { clock, asked, meter } = bench();
    const first = meter.of('/media/a');
    clock.advance(1_000);
    expect(await first).toBeNull();
    expect(await meter.of('/media/a')).toBeNull();
    expect(asked).toHaveLength(1);
    const other = meter.of('/media/b');
    asked[1]?.answer(ANSWER);
    expect(await other).not.toBeNull();
  });

  it('is asked for again once the late answer came', async () => {
    const { clock, asked, meter } = bench();
    const first = meter.of('/media/a');
    clock.advance(1_000);
    await first;
    asked[0]?.answer(ANSWER);
    await new Promise((resolve) => setImmediate(resolve));
    const second = meter.of('/media/a');
    asked[1]?.answer(ANSWER);
    expect(await second).not.toBeNull();
  });

  it('waits for the whole second', async () => {
    const { clock, asked, meter } = bench();
    const space = meter.of('/media/a');
    clock.advance(999);
    asked[0]?.answer(ANSWER);
    expect(await space).not.toBeNull();
  });

  it('of this machine is told', async () => {
    expect((await new SpaceMeter().of('/'))?.sizeBytes).toBeGreaterThan(0);
    expect(await new SpaceMeter().of('/nonexistent')).toBeNull();
  });
});
