/** What the benchmark asks of Linux. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const SECTOR_BYTES = 512;

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
}

/** Runs a program to its end. Throws when it does not exit with 0. */
export async function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ended> {
  const startMs = performance.now();
  const child = follow(spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] }));
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (exit, signal) => resolve(exit ?? signal));
  });
  const tookMs = performance.now() - startMs;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`);
  return { out: Buffer.concat(chunks).toString(), tookMs };
}

export const isInstalled = (command: string): boolean =>
  spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;

/** Sectors read from the device below a folder since boot, in bytes; null where the kernel keeps no count of it. */
export function deviceReadBytes(folder: string): number | null {
  const dev = BigInt(statSync(folder).dev);
  // As Linux packs them into st_dev: gnu_dev_major and gnu_dev_minor of sys/sysmacros.h.
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n);
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n);
  // Documentation/admin-guide/iostats.rst: major, minor, name, reads, merged, sectors read.
  const rows = readFileSync('/proc/diskstats', 'utf8')
    .split('\n')
    .map((row) => row.trim().split(/\s+/));
  const row = rows.find((columns) => columns[0] === String(major) && columns[1] === String(minor));
  return row === undefined ? null : Number(row[5]) * SECTOR_BYTES;
}

/** Peak of the resident memory of a running process. */
export function peakRssBytes(pid: number): number {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) * 1024;
}

/** Puts every file of a folder into the page cache, or out of it. */
export async function prepareSource(folder: string, source: 'cold' | 'warm'): Promise<void> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if (source === 'warm') readFileSync(path);
    // POSIX_FADV_DONTNEED for the whole file: needs no root, and leaves the cache of everybody else alone.
    else await run('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none']);
  }
}

/** `USER_HZ`: what /proc counts in, 100 on every Linux that Node runs on (proc_pid_stat(5)). */
const TICKS_PER_SECOND = 100;

/** Time that a running process and the children that it waited for have spent on a processor, in seconds. */
export function cpuSeconds(pid: number): number {
  // The name in brackets may hold blanks; utime, stime, cutime and cstime are fields 14 to 17.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_SECOND;
}
