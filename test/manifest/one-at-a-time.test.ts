import { describe, expect, it } from 'vitest';
import { oneAtATime } from '../../services/manifest/one-at-a-time.ts';

describe('one at a time', () => {
  it('lets work on one thing wait for what came before, on another go on', async () => {
    const story: string[] = [];
    const run = oneAtATime<string>();
    let finish = (): void => undefined;
    const first = run('D', async () => {
      story.push('first begins');
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      story.push('first ends');
    });
    const second = run('D', async () => story.push('second'));
    await run('E', async () => story.push('other'));
    expect(story).toEqual(['first begins', 'other']);
    finish();
    await Promise.all([first, second]);
    expect(story).toEqual(['first begins', 'other', 'first ends', 'second']);
  });

  it('gives each caller its own end, and goes on after a failure', async () => {
    const run = oneAtATime<string>();
    const first = run('D', () => Promise.reject(new Error('drive lost')));
    const second = run('D', async () => 'sealed');
    await expect(first).rejects.toThrow('drive lost');
    expect(await second).toBe('sealed');
  });
});
