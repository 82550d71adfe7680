import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

export interface BuiltWorker {
  readonly workerPath: string;
  remove(): Promise<void>;
}

/** The child needs JavaScript: bundles it as `npm run build` does, into a temporary folder. */
export async function buildExifWorker(): Promise<BuiltWorker> {
  const folder = await mkdtemp(join(tmpdir(), 'imagetank-worker-'));
  const workerPath = join(folder, 'exif-worker.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, '../../bin/exif-worker.ts')],
    outfile: workerPath,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'error',
    banner: { js: 'import{createRequire as __cr}from"node:module";const require=__cr(import.meta.url);' },
  });
  return { workerPath, remove: () => rm(folder, { recursive: true }) };
}
