/** Programs that are run, and what /proc says of a process. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Every child that is still running: a benchmark that is broken off leaves none behind. */
const children = new Set<ChildProcess>();

export function follow(child: ChildProcess): ChildProcess {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

export function killChildren(): void {
  for (const child of children) child.kill('SIGKILL');
}

export interface Ended {
  readonly out: string;
  readonly tookMs: number;
  /** Of the program and of what it waited for. */
  readonly cpuSeconds: number;
}

/** Runs a program to its end, and no other beside it. Throws when it does not exit with 0. */
export async function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ended> {
  const cpuBefore = cpuSeconds(process.pid).children;
  const startMs = performance.now();
  const child = follow(spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] }));
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (exit, signal) => resolve(exit ?? signal));
  });
  const tookMs = performance.now() - startMs;
  const out = Buffer.concat(chunks).toString();
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${out.slice(-500)}`);
  return { out, tookMs, cpuSeconds: cpuSeconds(process.pid).children - cpuBefore };
}

export const isInstalled = (command: string): boolean =>
  spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;

/** `USER_HZ`: what /proc counts in, 100 on every Linux that Node runs on (proc_pid_stat(5)). */
const TICKS_PER_SECOND = 100;

/** Time on a processor, in seconds: of a running process, and of the children that it waited for. */
export function cpuSeconds(pid: number): { readonly own: number; readonly children: number } {
  // The name in brackets may hold blanks; utime, stime, cutime and cstime are fields 14 to 17.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11, 15).map(Number);
  return {
    own: (user + system) / TICKS_PER_SECOND,
    children: (childrenUser + childrenSystem) / TICKS_PER_SECOND,
  };
}

/** What the process, its threads and the children that it waited for have made the kernel fetch (proc_pid_io(5)). */
export function fetchedBytes(pid: number): number {
  return Number(/^read_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
}

/** Resident memory of a running process with all its threads: its peak (`VmHWM`), or now (`VmRSS`). */
export function residentBytes(pid: number, which: 'VmHWM' | 'VmRSS'): number {
  const found = new RegExp(`^${which}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1]) * 1024;
}

/** Children of a process that live now; `/proc/…/children` is not in every kernel. */
export function childrenOf(pid: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) > pid)
    .map(Number)
    .filter((child) => parentOf(child) === pid);
}

/** Null when it has ended meanwhile. */
function parentOf(pid: number): number | null {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]);
  } catch {
    return null;
  }
}
