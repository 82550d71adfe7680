import { afterEach, describe, expect, test } from 'vitest';
import { Tools } from '../../adapters/health/tools.ts';

const made: Tools[] = [];
const toolsOf = (deadlineMs?: number, graceMs?: number) => {
  const tools = new Tools(deadlineMs, graceMs);
  made.push(tools);
  return tools;
};
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
afterEach(async () => {
  for (const tools of made.splice(0)) await tools.stop();
});

describe('a program', () => {
  test('answers, in plain English and without our environment', async () => {
    const run = toolsOf().run('sh', ['-c', 'echo "$LC_ALL $HOME|$1"', 'sh', 'a b; c']);
    expect(await run).toBe('C.UTF-8 |a b; c\n');
  });

  test('that puts its answer into the exit status answers too', async () => {
    expect(await toolsOf().run('sh', ['-c', 'echo failing; exit 8'])).toBe('failing\n');
  });

  test.each([
    ['is missing', 'imagetank-no-such-program', []],
    ['is killed', 'sh', ['-c', 'echo half; kill -9 $$']],
    ['says too much', 'sh', ['-c', 'head -c 2000000 /dev/zero']],
  ])('that %s has no answer', async (_, file, args) => {
    expect(await toolsOf().run(file, args)).toBeNull();
  });

  test('that takes too long is told to end', async () => {
    expect(await toolsOf(20).run('sleep', ['60'])).toBeNull();
  });

  test('that does not listen is killed', async () => {
    // What ignores a signal goes on doing so as another program.
    expect(await toolsOf(100, 20).run('sh', ['-c', 'trap "" TERM; exec sleep 60'])).toBeNull();
  });

  test('that leaves a child behind which holds its output is not waited for', async () => {
    const left = 'trap "" TERM; sleep 3 & wait';
    expect(await toolsOf(100, 20).run('sh', ['-c', left])).toBeNull();
  }, 2500);

  test('ends with whoever asked, and none is started afterwards', async () => {
    const tools = toolsOf();
    const answer = tools.run('sh', ['-c', 'echo $$; exec sleep 60']);
    await tools.stop();
    const text = await answer;
    expect(text === null || !isAlive(Number(text))).toBe(true);
    expect(await tools.run('echo', ['late'])).toBeNull();
  });
});
