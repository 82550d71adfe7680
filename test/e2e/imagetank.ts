import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built program: `npm test` builds it first. */
export const PROGRAM = fileURLToPath(new URL('../../.build/imagetank.js', import.meta.url));
export const CARDS = fileURLToPath(new URL('../cards/', import.meta.url));

export interface Answer {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** A state folder of its own, and the program as a user runs it. */
export class Desk {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'imagetank-e2e-')));
  readonly state = join(this.root, 'state');
  #daemon: ChildProcess | null = null;
  daemonOutput = '';

  constructor() {
    if (!existsSync(PROGRAM)) throw new Error('the program is not built: npm run build');
  }

  folder(name: string, files: Readonly<Record<string, string | Buffer>> = {}): string {
    const path = join(this.root, name);
    mkdirSync(path, { recursive: true });
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(join(path, file, '..'), { recursive: true });
      writeFileSync(join(path, file), content);
    }
    return path;
  }

  /** Runs one command to its end. */
  run(...args: readonly string[]): Promise<Answer> {
    return this.runWith({}, ...args);
  }

  runWith(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Answer> {
    return new Promise((resolve) => {
      const options = { env: { ...process.env, IMAGETANK_STATE: this.state, ...env }, cwd: this.root };
      execFile(process.execPath, [PROGRAM, ...args], options, (error, out, text) => {
        resolve({ code: error === null ? 0 : Number(error.code), out, error: text });
      });
    });
  }

  async json<Shape>(...args: readonly string[]): Promise<Shape> {
    const { out } = await this.run(...args, '--json');
    return JSON.parse(out) as Shape;
  }

  /** Starts the daemon and resolves when it listens. */
  async start(...args: readonly string[]): Promise<ChildProcess> {
    const child = spawn(process.execPath, [PROGRAM, 'run', '--board', 'sim', ...args], {
      // Its name is not told on the network of this machine.
      env: { ...process.env, IMAGETANK_STATE: this.state, IMAGETANK_MDNS: 'false' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#daemon = child;
    this.daemonOutput = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        this.daemonOutput += chunk.toString();
        if (this.daemonOutput.includes('listening on')) resolve();
      });
      child.once('exit', (code) => reject(new Error(`the daemon ended with ${code}: ${this.daemonOutput}`)));
    });
    return child;
  }

  /** Exit code of the daemon. */
  ended(child: ChildProcess): Promise<number | null> {
    if (child.exitCode !== null) return Promise.resolve(child.exitCode);
    return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  }

  async clear(): Promise<void> {
    const child = this.#daemon;
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('exit', resolve));
    }
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Path below the folder → SHA-256, of every regular file. */
export function hashesBelow(folder: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    found.set(relative(folder, path), createHash('sha256').update(readFileSync(path)).digest('hex'));
  }
  return found;
}

/** What lies below Photos/ and Other/ but for the manifests. */
export function photosOn(drive: string): ReadonlyMap<string, string> {
  const all = [...hashesBelow(drive)];
  return new Map(all.filter(([path]) => /^(Photos|Other)\//.test(path) && !path.includes('ascmhl/')));
}
