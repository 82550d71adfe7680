import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import type { createExiftoolReader } from '../../adapters/exiftool/exiftool-reader.ts';
import { fakeProgram } from './fake-program.ts';

interface Module {
  readonly createExiftoolReader: typeof createExiftoolReader;
}

test('it works as it is shipped: bundled, with its library in a file of its own', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'imagetank-bundled-'));
  try {
    await build({
      entryPoints: [join(import.meta.dirname, '../../adapters/exiftool/exiftool-reader.ts')],
      outdir: dir,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      minifySyntax: true,
      minifyWhitespace: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      logLevel: 'error',
      banner: { js: 'import{createRequire as __cr}from"node:module";const require=__cr(import.meta.url);' },
    });
    const { program } = await fakeProgram(dir);
    const module = (await import(pathToFileURL(join(dir, 'exiftool-reader.mjs')).href)) as Module;
    const warnings: string[] = [];
    const reader = module.createExiftoolReader({
      program,
      maxMemoryMb: 1e6,
      warn: (text) => warnings.push(text),
    });
    expect(await reader.captures([{ path: '/a', name: 'IMG_1.CR3' }])).toEqual([{ model: 'E775' }]);
    expect(warnings).toEqual([]);
    await reader.stop();
  } finally {
    await rm(dir, { recursive: true });
  }
});
