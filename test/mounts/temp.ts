import { execFileSync } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs with a fresh folder (real path) that is removed afterwards, whatever happens. */
export async function withTemp<Result>(run: (dir: string) => Promise<Result>): Promise<Result> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'imagetank-devices-')));
  try {
    return await run(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

const runs = (file: string, ...args: readonly string[]): string =>
  execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** Real mounts; `unmountAll` belongs into a finally. */
export class RealMounts {
  readonly #points: string[] = [];

  tmpfs(point: string, ...options: readonly string[]): void {
    runs('mount', '-t', 'tmpfs', '-o', ['size=2m', ...options].join(','), 'imagetank-test', point);
    this.#points.push(point);
  }

  /** A fresh ext4 in a file. */
  ext4(image: string, point: string, label: string): void {
    runs('truncate', '-s', '4M', image);
    runs('mkfs.ext4', '-q', '-F', '-L', label, image);
    runs('mount', '-o', 'loop', image, point);
    this.#points.push(point);
  }

  bind(from: string, point: string): void {
    runs('mount', '--bind', from, point);
    this.#points.push(point);
  }

  remountReadOnly(point: string): void {
    runs('mount', '-o', 'remount,ro', point);
  }

  unmount(point: string): void {
    runs('umount', point);
    this.#points.splice(this.#points.lastIndexOf(point), 1);
  }

  unmountAll(): void {
    while (this.#points.length > 0) {
      const point = this.#points.pop() ?? '';
      try {
        runs('umount', point);
      } catch {
        runs('umount', '-l', point);
      }
    }
  }
}

/** Null when mounts can be made here, else why not. */
export function whyNoMounts(kind: 'tmpfs' | 'ext4'): string | null {
  if (process.getuid?.() !== 0) return 'not root';
  const dir = runs('mktemp', '-d').trim();
  const mounts = new RealMounts();
  try {
    const point = join(dir, 'point');
    runs('mkdir', point);
    if (kind === 'tmpfs') mounts.tmpfs(point);
    else mounts.ext4(join(dir, 'image'), point, 'TRY');
    return null;
  } catch (error) {
    return `cannot mount ${kind}: ${String(error).split('\n')[0]}`;
  } finally {
    mounts.unmountAll();
    runs('rm', '-rf', dir);
  }
}
