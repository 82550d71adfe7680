import { describe, expect, it } from 'vitest';
import { inOrder, inTurn, scenariosOf } from './scenario.ts';

const FILES = ['/x/b-card-is-pulled.scenario.js', '/x/a-card-is-copied.scenario.js', '/x/chunk-1.js'];
const names = (pattern?: string) => scenariosOf(FILES, pattern).map(({ name }) => name);

describe('scenarios', () => {
  it('are the files with that ending, named by their sentence', () => {
    expect(names()).toEqual(['a card is copied', 'b card is pulled']);
  });

  it('are chosen by their sentence or the name of their file, in any case', () => {
    expect(names('CARD IS P')).toEqual(['b card is pulled']);
    expect(names('card-is-copied')).toEqual(['a card is copied']);
    expect(names('nothing')).toEqual([]);
  });
});

describe('the order of scenarios', () => {
  const all = ['a', 'b', 'c', 'twenty cards', 'd', 'e'].map((name) => ({ name, file: name }));
  const order = (day: number, time: 'short' | 'enough' = 'enough') =>
    inOrder(all, day * 86_400_000, time).map(({ name }) => name);

  it('has the longest first, and the others in another order each day', () => {
    expect(order(0)).toEqual(['twenty cards', 'a', 'b', 'c', 'd', 'e']);
    expect(order(1)).toEqual(['twenty cards', 'b', 'c', 'd', 'e', 'a']);
    expect(new Set([0, 1, 2, 3, 4].map((day) => order(day)[1])).size).toBe(5);
    expect(inOrder([], 5, 'short')).toEqual([]);
  });

  it('has the longest last where they may find no time', () => {
    expect(order(1, 'short')).toEqual(['b', 'c', 'd', 'e', 'a', 'twenty cards']);
  });
});

describe('work in turn', () => {
  const record = async (jobs: number, answer: (item: number) => 'go-on' | 'stop') => {
    const begun: number[] = [];
    let running = 0;
    let most = 0;
    await inTurn([1, 2, 3, 4, 5], jobs, async (item) => {
      begun.push(item);
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return answer(item);
    });
    return { begun, most };
  };

  it('does everything, so many at a time', async () => {
    expect(await record(2, () => 'go-on')).toEqual({ begun: [1, 2, 3, 4, 5], most: 2 });
  });

  it('begins nothing new after a stop', async () => {
    expect((await record(1, (item) => (item === 2 ? 'stop' : 'go-on'))).begun).toEqual([1, 2]);
  });
});
