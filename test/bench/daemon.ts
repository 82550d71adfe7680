import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LightLine } from '../../services/shapes.ts';
import type { ProbeReport } from './probe.ts';
import { type Ended, follow, run } from './processes.ts';

/** Beside this file once it is bundled into `.build/`. */
export const PROGRAM = fileURLToPath(new URL('../imagetank.js', import.meta.url));
const PROBE = new URL('./probe.js', import.meta.url).href;

/** Generously over the 10 s in which the daemon promises to stop; then the benchmark fails, and kills it. */
const STOP_MS = 30_000;

export interface DaemonOptions {
  readonly probe: boolean;
  /** Folder below which mounted volumes are cards; what else is plugged into this machine is not to be backed up. */
  readonly volumes?: string;
  /** Of the network; default: none. */
  readonly port?: number;
}

/** The built daemon as a child, on the simulated board, with a state folder of its own and no other configuration. */
export class BenchDaemon {
  readonly startToReadyMs: number;
  readonly #child: ChildProcess;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(child: ChildProcess, env: NodeJS.ProcessEnv, startToReadyMs: number) {
    this.#child = child;
    this.#env = env;
    this.startToReadyMs = startToReadyMs;
  }

  /** Resolves at its first `ready`, `waiting` or `attention` light: from then on it answers. */
  static async start(state: string, { probe, volumes, port }: DaemonOptions): Promise<BenchDaemon> {
    if (!existsSync(PROGRAM)) throw new Error('the program is not built: npm run build');
    mkdirSync(state, { recursive: true });
    const config = join(state, 'bench.toml');
    const roots = JSON.stringify([volumes ?? join(state, 'no-volumes')]);
    writeFileSync(config, `auto = "off"\nroots = ${roots}\n`);
    // Its name is not told on the network of this machine.
    const env = { ...process.env, IMAGETANK_STATE: state, IMAGETANK_MDNS: 'false' };
    const args = [PROGRAM, 'run', '--board', 'sim', '--json', '--quiet', '--config', config];
    if (port !== undefined) args.push('--port', String(port));
    const startMs = performance.now();
    const child = follow(
      spawn(process.execPath, [...(probe ? ['--import', PROBE] : []), ...args], {
        env,
        stdio: ['ignore', 'pipe', 'inherit', ...(probe ? (['ipc'] as const) : [])],
      }),
    );
    await firstReady(child);
    return new BenchDaemon(child, env, performance.now() - startMs);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  command(...args: readonly string[]): Promise<Ended> {
    return run(process.execPath, [PROGRAM, ...args], this.#env);
  }

  beginProbe(): void {
    this.#child.send('begin');
  }

  async reportProbe(): Promise<ProbeReport> {
    const answer = once(this.#child, 'message');
    this.#child.send('report');
    const [report] = (await answer) as [ProbeReport];
    return report;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    // The probe stops with its channel.
    if (this.#child.connected) this.#child.disconnect();
    this.#child.kill('SIGTERM');
    await once(this.#child, 'exit', { signal: AbortSignal.timeout(STOP_MS) });
  }
}

function firstReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the daemon ended with ${code}`)));
    if (child.stdout === null) return;
    // Read to its end even when nobody waits any more, so that the daemon never finds a full pipe.
    createInterface(child.stdout).on('line', (line) => {
      const { signal } = JSON.parse(line) as LightLine;
      if (signal === 'ready' || signal === 'waiting' || signal === 'attention') resolve();
    });
  });
}
