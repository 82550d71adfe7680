import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { children } from '../../adapters/node/children.ts';
import type { Command } from '../../services/board/ports.ts';

const POLL = { interval: 10, timeout: 20_000 };
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'imagetank-children-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const alive = (pid: number) => {
  try {
    // A zombie is as good as gone: some containers have nobody who buries.
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

function start(...command: Command) {
  let said = '';
  const exits: string[] = [];
  const child = children().start(command, {
    output: (bytes) => {
      said += Buffer.from(bytes).toString();
    },
    exit: (why) => exits.push(why),
  });
  return { child, said: () => said, exits };
}

describe('a child', () => {
  test('is heard, and its end is told once with its last words', async () => {
    const { said, exits } = start('sh', '-c', 'echo one; echo first >&2; echo no such line >&2; exit 3');
    await expect.poll(() => exits, POLL).toEqual(['no such line']);
    expect(said()).toBe('one\n');
  });

  test('without last words tells how it ended', async () => {
    const { exits } = start('sh', '-c', 'exit 3');
    await expect.poll(() => exits, POLL).toEqual(['sh ended with 3']);
  });

  test('that is not installed ends with that reason', async () => {
    const { child, exits } = start('no-such-tool-of-ours');
    await expect
      .poll(() => exits, POLL)
      .toEqual([expect.stringMatching(/no-such-tool-of-ours.*No such file/)]);
    child.kill();
    expect(exits).toHaveLength(1);
  });

  test('has no input, no variables of ours and the PATH of the system', async () => {
    const { said, exits } = start('sh', '-c', 'read -r x; echo "[$x] $PATH $HOME"');
    await expect.poll(() => exits, POLL).toHaveLength(1);
    expect(said()).toBe('[] /usr/sbin:/usr/bin:/sbin:/bin \n');
  });

  test('is killed with all that it started', async () => {
    const { child, said, exits } = start('sh', '-c', 'sleep 1000 & echo $!; wait');
    await expect.poll(said, POLL).toMatch(/\n/);
    const grandchild = Number(said());
    child.kill();
    await expect.poll(() => exits, POLL).toEqual(['sh ended with SIGKILL']);
    await expect.poll(() => alive(grandchild), POLL).toBe(false);
    child.kill();
  });

  test('that ends leaves nothing running: it would hold its line', async () => {
    const { said, exits } = start('sh', '-c', 'sleep 1000 & echo $!');
    await expect.poll(() => exits, POLL).toHaveLength(1);
    await expect.poll(() => alive(Number(said())), POLL).toBe(false);
  });

  test('says any amount on standard error, and only the end of it is kept', async () => {
    const { exits } = start('sh', '-c', 'yes ab | head -c 1000000 >&2; printf "%5000d" 1 | tr " " x >&2');
    await expect.poll(() => exits, POLL).toHaveLength(1);
    expect(exits[0]?.length).toBeLessThanOrEqual(2048);
  });

  test('ends when the daemon is killed: a line that it holds would go on promising something', async () => {
    const bundle = join(dir, 'daemon.mjs');
    const entry = fileURLToPath(new URL('../../adapters/node/children.ts', import.meta.url));
    await build({ entryPoints: [entry], bundle: true, platform: 'node', format: 'esm', outfile: bundle });
    const script = join(dir, 'main.mjs');
    const ears = '{ output: (bytes) => process.stdout.write(bytes), exit: () => undefined }';
    writeFileSync(
      script,
      `import { children } from './daemon.mjs';\nchildren().start(['sh', '-c', 'echo $$; exec sleep 1000'], ${ears});\n`,
    );
    const daemon = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await new Promise<number>((resolve) => {
      daemon.stdout.once('data', (bytes: Buffer) => resolve(Number(bytes.toString())));
    });
    expect(alive(pid)).toBe(true);
    daemon.kill('SIGKILL');
    await expect.poll(() => alive(pid), POLL).toBe(false);
  });
});

describe('a question', () => {
  const { run } = children();

  test('is answered with standard output', async () => {
    expect(await run(['sh', '-c', 'echo yes; echo no >&2'])).toBe('yes\n');
  });

  test.each<[string, Command]>([
    ['missing', ['no-such-tool-of-ours']],
    ['failing', ['sh', '-c', 'echo yes; exit 1']],
    ['talking too much', ['head', '-c', '300000', '/dev/zero']],
  ])('to a program that is %s has no answer', async (_, command) => {
    expect(await run(command)).toBeNull();
  });
});

test('setpriv, which these programs run under, is the one of util-linux', () => {
  expect(execFileSync('setpriv', ['--help'], { encoding: 'utf8' })).toContain('--pdeathsig');
});
