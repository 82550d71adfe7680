import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { FIRST_RETRY_MS, HEALTHY_MS, KeptChild, LAST_RETRY_MS } from '../../services/board/kept-child.ts';
import type { Command } from '../../services/board/ports.ts';
import { FakeChildren, settled } from './fake-children.ts';

function bench() {
  const children = new FakeChildren();
  const clock = new VirtualClock();
  const warnings: string[] = [];
  const heard: string[] = [];
  const what: { now: Command | string } = { now: ['tool', '1'] };
  let downs = 0;
  const kept = new KeptChild({
    name: 'thing',
    start: children.start,
    command: async () => what.now,
    clock,
    warn: (text) => warnings.push(text),
    output: (bytes) => heard.push(Buffer.from(bytes).toString()),
    down: () => {
      downs += 1;
    },
  });
  const renew = async () => {
    kept.renew();
    await settled();
  };
  const pass = async (ms: number) => {
    clock.advance(ms);
    await settled();
  };
  return { children, clock, warnings, heard, what, kept, renew, pass, downs: () => downs };
}

const commands = (children: FakeChildren) => children.all.map(({ command }) => command[1]);

describe('a kept child', () => {
  test('is started once and heard', async () => {
    const { children, renew, heard } = bench();
    await renew();
    children.say('hello');
    expect([commands(children), heard]).toEqual([['1'], ['hello']]);
  });

  test('is started anew with the newest command, when the old one is gone and not before', async () => {
    const { children, what, kept, renew, warnings, downs } = bench();
    await renew();
    what.now = ['tool', '2'];
    kept.renew();
    expect(children.last.killed).toBe(true);
    expect(children.all).toHaveLength(1);
    what.now = ['tool', '3'];
    await renew();
    expect(commands(children)).toEqual(['1', '3']);
    expect([warnings, downs()]).toEqual([[], 0]);
  });

  test('renewed while its command is made is started with the newer one', async () => {
    const { children, what, kept, renew } = bench();
    kept.renew();
    what.now = ['tool', '2'];
    await renew();
    expect(commands(children)).toEqual(['2']);
  });

  test('that ends is started again with doubling pauses, and told once', async () => {
    const { children, renew, pass, warnings, downs } = bench();
    await renew();
    for (let pause = FIRST_RETRY_MS; pause < LAST_RETRY_MS; pause *= 2) {
      await children.end('tool: no such line');
      await pass(pause - 1);
      const before = children.all.length;
      await pass(1);
      expect(children.all.length).toBe(before + 1);
    }
    await children.end();
    await pass(LAST_RETRY_MS - 1);
    const before = children.all.length;
    await pass(1);
    expect(children.all.length).toBe(before + 1);
    expect(warnings).toEqual(['thing: tool: no such line']);
    expect(downs()).toBe(before);
  });

  test('that ran for a while is news again, and comes back soon', async () => {
    const { children, renew, pass, warnings } = bench();
    await renew();
    for (let times = 0; times < 4; times++) {
      await children.end('first');
      await pass(LAST_RETRY_MS);
    }
    await pass(HEALTHY_MS);
    await children.end('second');
    expect(warnings).toEqual(['thing: first', 'thing: second']);
    const before = children.all.length;
    await pass(FIRST_RETRY_MS);
    expect(children.all.length).toBe(before + 1);
  });

  test('that cannot be started now is tried later', async () => {
    const { children, what, renew, pass, warnings } = bench();
    what.now = 'no such device';
    await renew();
    expect([children.all.length, warnings]).toEqual([0, ['thing: no such device']]);
    what.now = ['tool', '1'];
    await pass(FIRST_RETRY_MS);
    expect(commands(children)).toEqual(['1']);
  });

  test('a change of mind does not wait for the pause', async () => {
    const { children, clock, renew } = bench();
    await renew();
    await children.end();
    expect(clock.armed).toBe(1);
    await renew();
    expect([children.all.length, clock.armed]).toEqual([2, 0]);
  });
});

test('a new wish begins with short pauses again', async () => {
  const { children, renew, pass } = bench();
  await renew();
  for (let times = 0; times < 8; times++) {
    await children.end();
    await pass(LAST_RETRY_MS);
  }
  await renew();
  await children.end();
  const before = children.all.length;
  await pass(FIRST_RETRY_MS);
  expect(children.all.length).toBe(before + 1);
});

describe('a stop', () => {
  test('ends it for good, and resolves when it is gone', async () => {
    const { children, clock, kept, renew, warnings, downs } = bench();
    await renew();
    const stopped = kept.stop();
    expect(children.last.killed).toBe(true);
    await stopped;
    clock.advance(LAST_RETRY_MS);
    await settled();
    expect([children.all.length, clock.armed, warnings, downs()]).toEqual([1, 0, [], 0]);
    await kept.stop();
  });

  test('in a pause, while starting and before anything, starts nothing more', async () => {
    const { children, clock, kept, renew } = bench();
    await kept.stop();
    await renew();
    await children.end();
    await kept.stop();
    clock.advance(LAST_RETRY_MS);
    kept.renew();
    await kept.stop();
    await settled();
    expect(children.all).toHaveLength(1);
  });

  test('what it says afterwards is not heard', async () => {
    const { children, kept, renew, heard } = bench();
    await renew();
    await kept.stop();
    children.say('late');
    expect(heard).toEqual([]);
  });
});
