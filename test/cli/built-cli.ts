import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { createHttpServer } from '../../adapters/http/server.ts';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import type { Appliance } from '../../services/appliance.ts';
import { Doorman } from '../access/kit.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** As in package.json: some packages of CommonJS call `require`. */
const BANNER = 'import{createRequire as __cr}from"node:module";const require=__cr(import.meta.url);';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  /** Resolves when standard output holds the text. */
  readonly printed: (text: string) => Promise<void>;
  readonly ended: Promise<Ended>;
}

/** The command line as it ships, in a folder of its own; the daemon and the demo are replaced by a script. */
export class BuiltCli {
  readonly dir = mkdtempSync(join(tmpdir(), 'imagetank-cli-'));
  metafile: Metafile | null = null;

  async build(): Promise<void> {
    const result = await build({
      entryPoints: [join(ROOT, 'bin/imagetank.ts')],
      bundle: true,
      splitting: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      outdir: join(this.dir, 'build'),
      metafile: true,
      external: ['@photostructure/sqlite', '@node-rs/xxhash', 'usb', '@viz-js/viz'],
      banner: { js: BANNER },
      logLevel: 'error',
      plugins: [
        {
          name: 'scripted-daemon',
          setup(builder) {
            const path = join(ROOT, 'test/cli/scripted-daemon.ts');
            builder.onResolve({ filter: /^\.\.\/(daemon|demo)\.ts$/ }, () => ({ path }));
          },
        },
      ],
    });
    this.metafile = result.metafile;
    writeFileSync(join(this.dir, 'package.json'), '{"type":"module"}');
    symlinkSync(join(ROOT, 'node_modules'), join(this.dir, 'node_modules'));
  }

  get entry(): string {
    return join(this.dir, 'build/imagetank.js');
  }

  /** Files that are loaded before anything is imported on demand, from an entry or chunk on. */
  inputsOf(output: string): string[] {
    const outputs = this.metafile?.outputs ?? {};
    const seen = new Set<string>();
    const visit = (name: string) => {
      if (seen.has(name)) return;
      seen.add(name);
      for (const { path, kind } of outputs[name]?.imports ?? []) if (kind === 'import-statement') visit(path);
    };
    const start = Object.keys(outputs).find((name) => outputs[name]?.entryPoint?.endsWith(output));
    if (start === undefined) throw new Error(`no chunk of ${output}`);
    visit(start);
    return [...seen].flatMap((name) => Object.keys(outputs[name]?.inputs ?? {}));
  }

  start(
    args: readonly string[],
    options: { cwd?: string; env?: Record<string, string>; state?: string } = {},
  ): Started {
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: this.dir,
      TZ: 'UTC',
      ...(options.state === undefined ? {} : { IMAGETANK_STATE: options.state }),
      ...options.env,
    };
    const child = spawn(process.execPath, [this.entry, ...args], {
      cwd: options.cwd ?? this.dir,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    const ended = new Promise<Ended>((done) => child.once('close', (code) => done({ code, stdout, stderr })));
    const printed = (text: string) =>
      new Promise<void>((done, fail) => {
        const look = () => stdout.includes(text) && done();
        look();
        child.stdout.on('data', look);
        child.once('close', () => fail(new Error(`ended without ${text}: ${stdout}${stderr}`)));
      });
    return { child, printed, ended };
  }

  run(args: readonly string[], options: { cwd?: string; env?: Record<string, string>; state?: string } = {}) {
    return this.start(args, options).ended;
  }

  readFile(name: string): string {
    return readFileSync(join(this.dir, name), 'utf8');
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** An appliance served on a real socket in a state folder of its own. */
export async function serve(appliance: Appliance) {
  const state = mkdtempSync(join(tmpdir(), 'imagetank-state-'));
  const door = new Doorman();
  const server = createHttpServer({
    appliance,
    access: door.access,
    version: '0.1.0',
    clock: new VirtualClock(),
  });
  await server.listenSocket(join(state, 'imagetank.sock'));
  return {
    state,
    server,
    door,
    async stop() {
      await server.close();
      rmSync(state, { recursive: true, force: true });
    },
  };
}
