import { existsSync } from 'node:fs';
import { getPriority } from 'node:os';
import { basename, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { yieldToMainThread } from '../../adapters/node/priority.ts';

test.skipIf(!existsSync('/proc/thread-self'))('only the calling thread becomes nicer', async () => {
  const script = join(import.meta.dirname, '../../adapters/node/priority.ts');
  const built = await build({
    entryPoints: [script],
    bundle: true,
    format: 'cjs',
    platform: 'node',
    write: false,
  });
  const worker = new Worker(
    `${built.outputFiles[0]?.text}
    module.exports.yieldToMainThread();
    const os = require('node:os');
    const own = Number(require('node:path').basename(require('node:fs').readlinkSync('/proc/thread-self')));
    require('node:worker_threads').parentPort.postMessage({ own: os.getPriority(own), main: os.getPriority(process.pid) });`,
    { eval: true },
  );
  const before = getPriority(process.pid);
  const nice = await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await worker.terminate();
  expect(nice).toEqual({ own: Math.max(5, before), main: before });
});

test('where the system does not name its threads nothing happens', () => {
  const before = getPriority();
  yieldToMainThread('/proc/nothing-here');
  yieldToMainThread(`/proc/self/${basename('exe')}`);
  expect(getPriority()).toBe(before);
});
