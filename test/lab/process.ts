/** Children of the lab: argument arrays, bounded output, a deadline, and none that outlives the run. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** Of what a program printed; a kernel build or debootstrap says far more than anybody reads. */
const MAX_OUTPUT_BYTES = 1 << 20;
const KILL_AFTER_MS = 5_000;

/** Tools that make file systems are not on everybody's path. */
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

const children = new Set<ChildProcess>();

export interface RunOptions {
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Where standard output goes instead of into memory. */
  readonly outputFile?: string;
}

/** Followed to its end; the kernel kills it when this process dies in any way (`prctl(2)`, PR_SET_PDEATHSIG). */
export function start(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const env = { ...process.env, PATH, LC_ALL: 'C', ...options.env };
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', command, ...args], { ...options, env });
  children.add(child);
  child.once('close', () => children.delete(child));
  return child;
}

export function killChildren(): void {
  for (const child of children) child.kill('SIGKILL');
}

/** Standard output of a program that ended well. Throws with the end of what it printed when it did not. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { input, cwd, env, timeoutMs = 300_000, outputFile } = options;
  const file = outputFile === undefined ? null : openSync(outputFile, 'w');
  const child = start(command, args, {
    stdio: ['pipe', file ?? 'pipe', 'pipe'],
    ...(env === undefined ? {} : { env }),
    ...(cwd === undefined ? {} : { cwd }),
  });
  const out = collect(child.stdout);
  const errors = collect(child.stderr);
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input ?? '');
  const term = setTimeout(() => child.kill('SIGTERM'), timeoutMs);
  const kill = setTimeout(() => child.kill('SIGKILL'), timeoutMs + KILL_AFTER_MS);
  try {
    const ended = await new Promise((resolve, reject) => {
      child.once('error', reject).once('close', (code, signal) => resolve(signal ?? code));
    });
    if (ended === 0) return out();
    throw new Error(`${command} ${args.join(' ')} ended with ${ended}\n${(out() + errors()).slice(-2000)}`);
  } finally {
    clearTimeout(term);
    clearTimeout(kill);
    if (file !== null) closeSync(file);
  }
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (piece: string) => {
    text = (text + piece).slice(-MAX_OUTPUT_BYTES);
  });
  return () => text;
}
