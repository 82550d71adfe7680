import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseTrace, type SystemCall } from './trace.ts';

/** Far above what a run takes; a daemon that hangs is a finding, not a wait. */
const MAX_RUN_MS = 30_000;
const MAX_OUTPUT_CHARS = 100_000;
/** One file thread: with more of them no two runs would count alike. */
const ENV = { ...process.env, UV_THREADPOOL_SIZE: '1' };

/** The bundle's own folder, when this module is in it. */
export const BUNDLE = import.meta.dirname;

/** What the daemon said last. */
export interface LastWords {
  readonly light: string;
  readonly outcome: 'none' | 'Finished' | 'Failed' | 'Interrupted';
  readonly reason: string | null;
}

export interface Ended {
  readonly signal: NodeJS.Signals | null;
  readonly code: number | null;
  /** Null when it was killed or crashed. */
  readonly words: LastWords | null;
  readonly errors: string;
  /** It had to be ended by us. */
  readonly hung: boolean;
}

/** What the program gets. */
export interface Order {
  /** Default `driver`, which backs up a card. */
  readonly program?: 'driver' | 'inbox-driver' | 'tus-driver';
  readonly root: string;
  /** How often, of `driver`; the boot's id, of the others. */
  readonly times: string;
  /** Names of folders in the root. */
  readonly drives: readonly string[];
}

/** Why `strace` cannot inject anything here, or null. */
export function whyNoStrace(): string | null {
  const tried = spawnSync('strace', ['-qq', '-f', '-e', 'trace=none', 'true'], { encoding: 'utf8' });
  if (tried.error !== undefined) return 'strace is not installed (apt-get install strace)';
  return tried.status === 0 ? null : `strace may not trace here: ${tried.stderr.trim()}`;
}

export function run(order: Order): Promise<Ended> {
  return runToEnd(process.execPath, command(order));
}

/** Killed at the start of the `count`-th such call of any one thread. */
export function runKilled(order: Order, call: string, count: number): Promise<Ended> {
  // Without `--seccomp-bpf`: strace 6.1 injects no signals with it.
  return runInjected(order, call, `signal=SIGKILL:when=${count}`, []);
}

/** `fault` as strace wants it: `error=EIO:when=7+`. */
export function runFailing(order: Order, call: string, fault: string): Promise<Ended> {
  return runInjected(order, call, fault, ['--seccomp-bpf']);
}

function runInjected(order: Order, call: string, fault: string, how: readonly string[]): Promise<Ended> {
  const options = [
    '-f',
    '-qq',
    ...how,
    '-o',
    '/dev/null',
    '-e',
    `trace=${call}`,
    '-e',
    `inject=${call}:${fault}`,
  ];
  return runToEnd('strace', [...options, process.execPath, ...command(order)]);
}

/** A run without faults, and what it asked of the system. */
export async function runTraced(
  order: Order,
  calls: readonly string[],
): Promise<Ended & { readonly calls: readonly SystemCall[] }> {
  const log = join(order.root, 'trace');
  // `?`: not every machine has each call.
  const trace = `trace=${calls.map((call) => `?${call}`).join(',')}`;
  const options = ['-f', '-qq', '-y', '--seccomp-bpf', '-s', '4096', '-o', log, '-e', trace];
  const ended = await runToEnd('strace', [...options, process.execPath, ...command(order)]);
  const text = readFileSync(log, 'latin1');
  rmSync(log);
  return { ...ended, calls: parseTrace(text) };
}

const command = ({ program = 'driver', root, times, drives }: Order): string[] => [
  join(BUNDLE, `${program}.js`),
  root,
  times,
  ...drives,
];

function runToEnd(program: string, args: readonly string[]): Promise<Ended> {
  // A group of its own: strace that is killed would leave the daemon running.
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: ENV, detached: true });
  const output = collect(child.stdout);
  const errors = collect(child.stderr);
  let hung = false;
  const deadline = setTimeout(() => {
    hung = true;
    killGroup(child);
  }, MAX_RUN_MS);
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code, signal) => {
      clearTimeout(deadline);
      resolve({ code, signal, words: wordsOf(output()), errors: errors(), hung });
    });
  });
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended this very moment.
  }
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (more: string) => {
    text = (text + more).slice(0, MAX_OUTPUT_CHARS);
  });
  return () => text;
}

function wordsOf(output: string): LastWords | null {
  return output.endsWith('}\n') ? (JSON.parse(output) as LastWords) : null;
}
