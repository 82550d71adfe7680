import { describe, expect, it } from 'vitest';
import { MAX_REPORTED, PathList, Progress } from '../../services/verify/tally.ts';

describe('a list of paths for a result', () => {
  it('names what it was given', () => {
    const list = new PathList();
    list.add('a');
    list.add('b');
    expect([list.count, list.toJSON()]).toEqual([2, ['a', 'b']]);
  });

  it('counts everything and names a bounded number', () => {
    const list = new PathList();
    for (let index = 0; index < MAX_REPORTED + 5; index += 1) list.add(`${index}`);
    expect(list.count).toBe(MAX_REPORTED + 5);
    expect(list.toJSON()).toHaveLength(MAX_REPORTED + 1);
    expect(list.toJSON().at(-1)).toBe('… and 5 more');
  });
});

describe('progress', () => {
  it('speaks every 64 files or 64 MiB', () => {
    const progress = new Progress(1000, 1e9);
    const said = (): number => [...progress.messages()].length;
    for (let file = 0; file < 63; file += 1) progress.add(1);
    expect(said()).toBe(0);
    progress.add(1);
    expect(said()).toBe(1);
    expect(said()).toBe(0);
    progress.add(64 * 1024 * 1024);
    expect(said()).toBe(1);
  });

  it('never says more than the total', () => {
    const progress = new Progress(1, 10);
    progress.add(8);
    progress.add(8);
    expect(progress.now()).toEqual({ filesDone: 1, filesTotal: 1, bytesDone: 10, bytesTotal: 10 });
  });
});
