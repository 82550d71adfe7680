import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { createIo, type Io } from '../../adapters/fs/io/lanes.ts';

export interface BuiltIo {
  readonly workerPath: string;
  readonly io: Io;
  remove(): Promise<void>;
}

const ROOT = join(import.meta.dirname, '../..');

/** A thread needs JavaScript: bundles it as `npm run build` does, into a temporary folder. */
export async function buildIoWorker(): Promise<BuiltIo> {
  const folder = await mkdtemp(join(tmpdir(), 'imagetank-worker-'));
  const workerPath = join(folder, 'io-worker.mjs');
  // The native hash is found from there as from the daemon.
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  await build({
    entryPoints: [join(ROOT, 'bin/io-worker.ts')],
    outfile: workerPath,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'error',
    external: ['@node-rs/xxhash'],
    banner: { js: 'import{createRequire as __cr}from"node:module";const require=__cr(import.meta.url);' },
  });
  return {
    workerPath,
    io: createIo({ workerPath, idleMs: 100 }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
