/**
 * The script with the real mount(8), loop devices and ext4, in a mount namespace of its own and with no more capabilities
 * than its unit leaves it. Only what a loop device cannot be, removable, is pretended: by a folder that stands for `/sys`.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyScript, plug, request, unplug } from './script.ts';

const run = (file: string, ...args: readonly string[]): string =>
  execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

/** Bounding set of `imagetank-mount@.service`. */
const UNIT = ['setpriv', '--no-new-privs', '--bounding-set=-all,+sys_admin,+chown,+dac_override'];

/** Null when loop devices can be mounted in a namespace here, else why not. */
export function whyNoLoops(): string | null {
  if (process.getuid?.() !== 0) return 'not root';
  const script =
    'd=$(mktemp -d) && truncate -s 4M "$d/i" && mkfs.ext4 -q -F "$d/i" && mkdir "$d/m" && mount -o loop "$d/i" "$d/m" && umount "$d/m" && rm -r "$d"';
  try {
    run('unshare', '-m', ...UNIT, 'sh', '-c', `PATH=$PATH:/usr/sbin:/sbin; ${script}`);
    return null;
  } catch (error) {
    return String(error).split('\n').slice(0, 2).join(' ');
  }
}

export interface Loop {
  /** `loop3` */
  readonly name: string;
  readonly number: string;
}

export class RealMachine {
  readonly dir: string;
  readonly #script: string;
  readonly #holder: ChildProcess;
  readonly #loops: Loop[] = [];
  readonly #users: ChildProcess[] = [];

  private constructor(dir: string, holder: ChildProcess) {
    this.dir = dir;
    this.#holder = holder;
    this.#script = copyScript({ dir, constants: { OWNER: 'nobody' } });
  }

  static async start(dir: string): Promise<RealMachine> {
    const args = ['-m', '--propagation', 'private', 'sh', '-c', 'echo ready; exec cat'];
    const holder = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'ignore'] });
    await once(holder.stdout, 'data');
    return new RealMachine(dir, holder);
  }

  /** An image becomes a device, shown as a stick in a USB port. */
  insert(image: string, ...options: readonly string[]): Loop {
    const name = run('losetup', '--find', '--show', ...options, image).replace('/dev/', '');
    const number = readFileSync(`/sys/class/block/${name}/dev`, 'utf8').trim();
    const loop = { name, number };
    this.#loops.push(loop);
    plug(this.dir, loop);
    return loop;
  }

  /** The kernel stops showing it; its mount stays. */
  pull(loop: Loop): void {
    unplug(this.dir, loop);
  }

  /** The answer without its newline and without the folder that stands for the machine. */
  async ask(line: string): Promise<string> {
    const answer = await request([...this.#enter, ...UNIT, this.#script], `${line}\n`);
    return answer.replaceAll(this.dir, '').trimEnd();
  }

  /** Runs a command among the mounts. */
  sh(script: string, ...args: readonly string[]): string {
    const [file = '', ...enter] = this.#enter;
    return run(file, ...enter, 'sh', '-c', script, 'sh', ...args);
  }

  /** A process that keeps a file open until the machine stops. */
  async use(script: string, path: string): Promise<void> {
    const [file = '', ...enter] = this.#enter;
    const stdio = ['pipe', 'pipe', 'ignore'] as const;
    const user = spawn(file, [...enter, 'sh', '-c', `${script}; echo ready; exec cat`, 'sh', path], {
      stdio: [...stdio],
    });
    this.#users.push(user);
    await once(user.stdout as NodeJS.ReadableStream, 'data');
  }

  /** Options of the mount and of its file system, `ro,nosuid,… ro,norecovery`; null when it is not mounted. */
  options(loop: Loop): string | null {
    const point = join(this.dir, 'media/imagetank', loop.name);
    const lines = readFileSync(`/proc/${this.#holder.pid}/mountinfo`, 'utf8').split('\n');
    const fields = lines.map((line) => line.split(' ')).findLast((one) => one[4] === point);
    return fields === undefined ? null : `${fields[5]} ${fields.at(-1)}`;
  }

  /** Mounts end with their namespace, then the devices are free. */
  async stop(): Promise<void> {
    for (const child of [...this.#users, this.#holder]) {
      child.stdin?.end();
      if (child.exitCode === null) await once(child, 'close');
    }
    for (const { name } of this.#loops) run('losetup', '--detach', `/dev/${name}`);
  }

  get #enter(): readonly string[] {
    return ['nsenter', `--mount=/proc/${this.#holder.pid}/ns/mnt`];
  }
}
