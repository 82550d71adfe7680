import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, readFileSync, statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { release } from 'node:os';
import { dirname } from 'node:path';

/** lsblk waits for a dying disk; the doctor does not. */
const PROGRAM_DEADLINE_MS = 5000;
const SOCKET_DEADLINE_MS = 2000;

/** Whether somebody could listen at a TCP port. */
export type PortAnswer = 'free' | 'taken' | 'not-permitted';
export type SocketAnswer = 'answers' | 'nobody' | 'not-permitted';

/** What the doctor can find out about a machine; tests hand in another machine. */
export interface Probes {
  readonly nodeVersion: string;
  /** First line of what a program prints; null when it cannot be run. */
  program(name: string, args: readonly string[]): Promise<string | null>;
  exists(path: string): boolean;
  /** Text of a small file; null when it is not there or may not be read. */
  read(path: string): string | null;
  /** Names in a folder; none when it is not there. */
  list(folder: string): readonly string[];
  /** Whether the kernel can mount such a file system, now or by a module. */
  kernelHas(fileSystem: string): boolean;
  writable(path: string): boolean;
  /** Room on the disk of a path or of the nearest folder above it that exists; null when it cannot be told. */
  freeBytes(path: string): number | null;
  /** Null when SQLite loads; else why not. */
  sqliteProblem(): string | null;
  socket(path: string): Promise<SocketAnswer>;
  /** On all addresses; nobody listens there afterwards. */
  port(port: number): Promise<PortAnswer>;
  /** Whether this process is in a group; null when the machine has no such group. */
  inGroup(name: string): boolean | null;
  /** Machine and operating system; null when that cannot be told in time. */
  machine(): Promise<string | null>;
}

export function systemProbes(): Probes {
  return {
    nodeVersion: process.versions.node,
    program: firstLine,
    exists: existsSync,
    read,
    list: (folder) => (existsSync(folder) ? readdirSync(folder) : []),
    kernelHas,
    writable: (path) => {
      try {
        accessSync(path, constants.W_OK | constants.X_OK);
        return true;
      } catch {
        return false;
      }
    },
    freeBytes,
    sqliteProblem,
    socket: askSocket,
    port: tryPort,
    inGroup,
    machine,
  };
}

function firstLine(name: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const options = { timeout: PROGRAM_DEADLINE_MS, maxBuffer: 64 * 1024, killSignal: 'SIGKILL' } as const;
    execFile(name, [...args], options, (error, stdout) => {
      resolve(error === null ? (stdout.split('\n')[0] ?? '') : null);
    });
  });
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** `/proc/filesystems` lists what is loaded; modules are named by their file (modules.dep(5), modules.builtin). */
function kernelHas(fileSystem: string): boolean {
  const modules = `/lib/modules/${release()}`;
  const loaded = new RegExp(`^(nodev)?\\t${fileSystem}$`, 'm');
  const module = new RegExp(`/${fileSystem}\\.ko(\\.[a-z]+)?(:|$)`, 'm');
  if (loaded.test(read('/proc/filesystems') ?? '')) return true;
  return ['modules.dep', 'modules.builtin'].some((name) => module.test(read(`${modules}/${name}`) ?? ''));
}

function freeBytes(path: string): number | null {
  let at = path;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  try {
    const { bavail, bsize } = statfsSync(at);
    return bavail * bsize;
  } catch {
    return null;
  }
}

function sqliteProblem(): string | null {
  const require = createRequire(import.meta.url);
  let why = '';
  for (const name of ['node:sqlite', '@photostructure/sqlite']) {
    try {
      require(name);
      return null;
    } catch (error) {
      why = (error as Error).message.split('\n')[0] ?? '';
    }
  }
  return why;
}

function askSocket(path: string): Promise<SocketAnswer> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (answer: SocketAnswer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(SOCKET_DEADLINE_MS, () => end('nobody'));
    socket.once('connect', () => end('answers'));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end(error.code === 'EACCES' ? 'not-permitted' : 'nobody'),
    );
  });
}

function tryPort(port: number): Promise<PortAnswer> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EADDRINUSE' ? 'taken' : 'not-permitted'),
    );
    server.listen({ port }, () => server.close(() => resolve('free')));
  });
}

function inGroup(name: string): boolean | null {
  try {
    const line = readFileSync('/etc/group', 'utf8')
      .split('\n')
      .find((entry) => entry.startsWith(`${name}:`));
    if (line === undefined) return null;
    return process.getuid?.() === 0 || process.getgroups?.().includes(Number(line.split(':')[2])) === true;
  } catch {
    return null;
  }
}

async function machine(): Promise<string | null> {
  try {
    // It spawns programs and costs a tenth of a second to load: only here, only now.
    const { default: information } = await import('systeminformation');
    const [box, os] = await Promise.all([information.system(), information.osInfo()]);
    const parts = [box.manufacturer, box.model, os.distro, os.release, os.arch, `kernel ${os.kernel}`];
    return parts.filter((part) => part !== '' && part !== '-').join(' ');
  } catch {
    return null;
  }
}
