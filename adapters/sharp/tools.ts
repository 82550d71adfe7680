import { spawn } from 'node:child_process';
import { LIFELINE } from '../../services/worker-ports.ts';

/** The system's tools, and never what somebody's PATH puts before them. */
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
/** A frame of a 4K film takes about 300 MB of address space. */
const MAX_MEMORY_BYTES = 1 << 30;
const MAX_CPU_SECONDS = 20;
/** The largest previews in raw files are JPEGs of 100 megapixels. */
const MAX_OUTPUT_BYTES = 64 << 20;
/** What a tool is told to open: the descriptor that it is handed beside its standard ones. */
export const TOOL_INPUT = '/proc/self/fd/3';

/**
 * Standard output of a program that opens a hostile file, `fd`, as `TOOL_INPUT`; null when it is missing, fails, or goes
 * beyond a limit. prlimit(1) bounds it, and with setpriv(1) the kernel ends it when this process dies.
 */
export function runTool(
  file: string,
  args: readonly string[],
  fd: number,
  timeoutMs: number,
): Promise<Buffer | null> {
  const limits = [
    `--as=${MAX_MEMORY_BYTES}`,
    `--cpu=${MAX_CPU_SECONDS}`,
    `--fsize=${MAX_OUTPUT_BYTES}`,
    '--core=0',
  ];
  const lifeline = process.env[LIFELINE];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'prlimit', ...limits, '--', file, ...args], {
    env: { PATH, LC_ALL: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'ignore', fd, ...(lifeline === undefined ? [] : [Number(lifeline)])],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_OUTPUT_BYTES) child.kill('SIGKILL');
    else chunks.push(chunk);
  });
  return new Promise((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', (code) => resolve(code === 0 ? Buffer.concat(chunks) : null));
  });
}
