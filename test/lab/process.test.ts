import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isAlive } from './alive.ts';
import { run, start } from './process.ts';

const ended = (child: ReturnType<typeof start>) => new Promise((resolve) => child.once('close', resolve));

describe('a program', () => {
  it('gives what it printed', async () => {
    expect(await run('cat', [], { input: 'a b' })).toBe('a b');
  });

  it('that fails is an error with its command and its last words', async () => {
    await expect(run('sh', ['-c', 'echo why >&2; exit 3'])).rejects.toThrow(/ended with 3\nwhy/);
  });

  it('that is not installed is an error', async () => {
    await expect(run('no-such-program', [])).rejects.toThrow('no-such-program');
  });

  it('that takes too long is ended', async () => {
    await expect(run('sleep', ['600'], { timeoutMs: 50 })).rejects.toThrow('SIGTERM');
  });

  it('that says too much does not fill the memory: the end is kept', async () => {
    const out = await run('sh', ['-c', 'head -c 3000000 /dev/zero | tr "\\0" x; echo end']);
    expect(out.length).toBeLessThanOrEqual(1 << 20);
    expect(out.endsWith('xend\n')).toBe(true);
  });

  it('finds the tools of the administrator and speaks English', async () => {
    expect(await run('sh', ['-c', 'echo "$LC_ALL $PATH"'])).toMatch(/^C .*:\/usr\/sbin:\/sbin\n$/);
  });

  it('may print into a file', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'lab-process-'));
    try {
      expect(await run('echo', ['hello'], { outputFile: join(dir, 'out') })).toBe('');
      expect(readFileSync(join(dir, 'out'), 'utf8')).toBe('hello\n');
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('does not outlive the one who started it', async () => {
    // The kernel's promise that `start` relies on: the parent is killed, and cannot tidy up.
    const parent = start('sh', ['-c', 'setpriv --pdeathsig KILL sleep 600 & echo $!; wait'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const pid = await new Promise<number>((resolve) => {
      parent.stdout?.once('data', (said: Buffer) => resolve(Number(said.toString())));
    });
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await ended(parent);
    while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('a process number', () => {
  it('is of somebody or of nobody', () => {
    expect(isAlive(process.pid)).toBe(true);
    expect([0, -1, Number.NaN, 4194399].map(isAlive)).toEqual([false, false, false, false]);
  });
});
