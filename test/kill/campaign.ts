import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Far above what a run takes; a daemon that hangs is a failure, not a wait. */
const MAX_RUN_MS = 30_000;
const MAX_OUTPUT_CHARS = 1_000_000;
/** Packages that cannot be bundled, as in the script `build`. */
const NATIVE = ['@photostructure/sqlite', '@node-rs/xxhash', 'usb', '@viz-js/viz'];

export interface Ended {
  readonly signal: NodeJS.Signals | null;
  readonly code: number | null;
  /** Points that the run came by; empty when it was killed. */
  readonly points: readonly string[];
  readonly errors: string;
}

/** The daemon as a program of its own: a process that is killed cannot be the one that tests. */
export class Program {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'imagetank-kill-')));

  async build(): Promise<void> {
    const source = join(import.meta.dirname, '../..');
    symlinkSync(join(source, 'node_modules'), join(this.folder, 'node_modules'));
    await build({
      entryPoints: [join(source, 'test/kill/daemon.ts'), join(source, 'bin/exif-worker.ts')],
      // Side by side, because that is where the daemon looks for its worker.
      entryNames: '[name]',
      outdir: this.folder,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      logLevel: 'error',
      external: NATIVE,
      banner: { js: 'import{createRequire as __cr}from"node:module";const require=__cr(import.meta.url);' },
    });
  }

  /** Runs the daemon on `root` until its light was green `once` or `twice`, or until it is killed at a point. */
  run(root: string, order: string): Promise<Ended> {
    return runToEnd([join(this.folder, 'daemon.js'), root, order]);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function runToEnd(args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: MAX_RUN_MS });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(0, MAX_OUTPUT_CHARS);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(0, MAX_OUTPUT_CHARS);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code, signal) => {
      const points = output === '' ? [] : (JSON.parse(output) as string[]);
      resolve({ code, signal, points, errors });
    });
  });
}
