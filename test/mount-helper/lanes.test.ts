import { describe, expect, it } from 'vitest';
import { Lanes } from '../../adapters/mount-helper/lanes.ts';

/** Jobs that end when they are told to. */
function bench(places: number) {
  const lanes = new Lanes(places);
  const started: string[] = [];
  const ends = new Map<string, (fails?: boolean) => void>();
  return {
    started,
    run: (lane: string, job: string) =>
      lanes.run(
        lane,
        () =>
          new Promise<string>((resolve, reject) => {
            started.push(job);
            ends.set(job, (fails = false) => (fails ? reject(new Error(job)) : resolve(job)));
          }),
      ),
    async end(job: string, fails = false) {
      ends.get(job)?.(fails);
      await settled();
    },
  };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('Lanes', () => {
  it('runs one after the other in one lane and side by side in others', async () => {
    const { started, run, end } = bench(4);
    const answers = [run('a', 'a1'), run('a', 'a2'), run('b', 'b1')];
    await settled();
    expect(started).toEqual(['a1', 'b1']);
    await end('a1');
    expect(started).toEqual(['a1', 'b1', 'a2']);
    await end('a2');
    await end('b1');
    expect(await Promise.all(answers)).toEqual(['a1', 'a2', 'b1']);
  });

  it('goes on after a job that failed', async () => {
    const { started, run, end } = bench(1);
    const first = run('a', 'a1');
    const second = run('a', 'a2');
    const failure = expect(first).rejects.toThrow('a1');
    await settled();
    await end('a1', true);
    await failure;
    expect(started).toEqual(['a1', 'a2']);
    await end('a2');
    expect(await second).toBe('a2');
  });

  it('has so many places and no more, and hands them on in order', async () => {
    const { started, run, end } = bench(2);
    for (const name of ['a', 'b', 'c', 'd']) void run(name, name);
    await settled();
    expect(started).toEqual(['a', 'b']);
    await end('b');
    expect(started).toEqual(['a', 'b', 'c']);
    await end('a');
    await end('c');
    await end('d');
    void run('e', 'e');
    void run('f', 'f');
    void run('g', 'g');
    await settled();
    expect(started.slice(4)).toEqual(['e', 'f']);
  });

  it('refuses the 33rd that waits for one volume, until one is done', async () => {
    const { run, end } = bench(4);
    const waiting = Array.from({ length: 32 }, (_, i) => run('a', `a${i}`));
    expect(waiting).not.toContain(null);
    expect(run('a', 'one more')).toBeNull();
    expect(run('b', 'another volume')).not.toBeNull();
    await settled();
    await end('a0');
    expect(run('a', 'one more')).not.toBeNull();
  });
});
