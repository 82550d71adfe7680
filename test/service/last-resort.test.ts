import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { endAtLast } from '../../bin/last-resort.ts';

test('a process that does not end by itself is told of and killed, after 5 s and not before', () => {
  const said: string[] = [];
  let kills = 0;
  let due: { run: () => void; delayMs: number } | null = null;
  endAtLast((text) => void said.push(text), {
    later: (run, delayMs) => {
      due = { run, delayMs };
    },
    kill: () => {
      kills += 1;
    },
  });
  expect([said, kills, due]).toEqual([[], 0, { run: expect.any(Function), delayMs: 5000 }]);
  (due as unknown as { run: () => void }).run();
  expect(said).toEqual(['something never answered (a drive, the disk of the journal): ending without it']);
  expect(kills).toBe(1);
});

/** Ends by itself, or has a thread that waits in the kernel for somebody who writes into a pipe. */
const program = (lastResort: string, pipe: string | null) => `
  const { Worker } = await import('node:worker_threads');
  const { endAtLast } = await import(${JSON.stringify(lastResort)});
  if (${pipe !== null}) {
    const worker = new Worker("require('node:fs').openSync(" + JSON.stringify(${JSON.stringify(pipe)}) + ")", { eval: true, execArgv: [] });
    await new Promise((resolve) => worker.once('online', resolve));
  }
  endAtLast(() => process.stderr.write('told'), {
    later: (run) => void setTimeout(run, 200).unref(),
    kill: () => process.kill(process.pid, 'SIGKILL'),
  });
`;

test.each([
  ['a thread that is stuck', true, [null, 'SIGKILL'], 'told'],
  ['nothing that keeps it', false, [0, null], ''],
] as const)('a process with %s ends', async (_what, stuck, end, told) => {
  const folder = await mkdtemp(join(tmpdir(), 'imagetank-last-'));
  try {
    const outfile = join(folder, 'last-resort.mjs');
    const entry = fileURLToPath(new URL('../../bin/last-resort.ts', import.meta.url));
    await build({ entryPoints: [entry], outfile, format: 'esm', logLevel: 'error' });
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const code = program(pathToFileURL(outfile).href, stuck ? pipe : null);
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    expect(await once(child, 'close')).toEqual(end);
    expect(said).toBe(told);
  } finally {
    await rm(folder, { recursive: true });
  }
});
