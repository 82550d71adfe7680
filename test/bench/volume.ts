import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { undoable } from './undo.ts';

/** Tables of the file system beside the files themselves. */
const OVERHEAD = 1.05;
const OVERHEAD_BYTES = 64 * 1024 * 1024;

/**
 * A card with a UUID of its own: a file with ext4 in it, as a loop device past the page cache of the file below, so
 * that what is read from it is counted once. Only root can make one.
 */
export class VolumeCard {
  /** Where it is mounted, read-only but while it is written. */
  readonly path: string;
  readonly #image: string;
  #device = '';
  readonly #undone: (() => void)[] = [];

  constructor(root: string, label: string) {
    this.path = join(root, 'volumes', label);
    this.#image = join(root, `${label}.img`);
  }

  make(bytes: number): void {
    mkdirSync(this.path, { recursive: true });
    writeFileSync(this.#image, '', { flag: 'wx' });
    this.#undone.push(undoable(() => rmSync(this.#image, { force: true })));
    truncateSync(this.#image, Math.ceil(bytes * OVERHEAD) + OVERHEAD_BYTES);
    command('mkfs.ext4', '-q', '-F', '-L', basename(this.path), this.#image);
    this.#device = command('losetup', '--show', '--find', '--direct-io=on', this.#image).trim();
    const device = this.#device;
    this.#undone.push(undoable(() => void command('losetup', '--detach', device)));
    this.#mount('ro');
  }

  /** Another computer or the camera has it meanwhile. */
  write(fill: (path: string) => void): void {
    this.#unmount();
    this.#mount('rw');
    // No camera makes it, and no contender needs to copy it.
    rmSync(join(this.path, 'lost+found'), { recursive: true, force: true });
    fill(this.path);
    this.#unmount();
    this.#mount('ro');
  }

  remove(): void {
    for (let undo = this.#undone.pop(); undo !== undefined; undo = this.#undone.pop()) undo();
  }

  #mount(how: 'ro' | 'rw'): void {
    command('mount', '-o', `${how},nosuid,nodev,noexec,noatime`, this.#device, this.path);
    this.#undone.push(undoable(() => void command('umount', this.path)));
  }

  #unmount(): void {
    this.#undone.pop()?.();
  }
}

function command(name: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(name, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
  return stdout;
}
