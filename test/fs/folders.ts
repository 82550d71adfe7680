import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';

type Undo = () => unknown;

export interface Cleaner {
  /** Runs after the test, last come first served. */
  after(undo: Undo): void;
  folder(): Promise<string>;
}

/** Temporary folders and mounts of one test file; all gone after each test. */
export function useCleaner(): Cleaner {
  const undos: Undo[] = [];
  afterEach(async () => {
    const ends = [];
    // One that fails, because the test did, must not keep the others from cleaning up.
    for (const undo of undos.splice(0).reverse())
      ends.push(await Promise.allSettled([(async () => undo())()]));
    for (const [end] of ends) if (end?.status === 'rejected') throw end.reason;
  });
  return {
    after: (undo) => undos.push(undo),
    folder: async () => {
      const folder = await realpath(await mkdtemp(join(tmpdir(), 'imagetank-fs-')));
      undos.push(() => rm(folder, { recursive: true, force: true }));
      return folder;
    },
  };
}

/** Throws with what the program said. */
export function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}

const has = (command: string): boolean => spawnSync(command, ['--version']).error === undefined;

/** Why nothing can be mounted here; null where it can. */
export const whyNoMount: string | null = findWhyNoMount();

function findWhyNoMount(): string | null {
  if (process.getuid?.() !== 0) return 'not root';
  const probe = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', tmpdir()]);
  return probe.status === 0 ? null : 'mounting is not allowed';
}

export const whyNoLoop: string | null =
  whyNoMount ??
  (has('mkfs.ext4') && has('losetup') && has('filefrag') ? null : 'no mkfs.ext4, losetup or filefrag') ??
  (spawnSync('losetup', ['--find']).status === 0 ? null : 'no loop device');

export const whyNoLimit: string | null = has('prlimit') ? null : 'no prlimit';
export const whyRoot: string | null = process.getuid?.() === 0 ? 'root may read everything' : null;

/** Says in the output why tests of a group are left out. */
export function told(what: string, why: string | null): boolean {
  if (why !== null) console.log(`skipped: ${what}: ${why}`);
  return why !== null;
}

/** Makes a path below `folder` that is longer than PATH_MAX: no single call can name its end. */
export async function makeTooDeep(clean: Cleaner, folder: string): Promise<void> {
  const tree = Array<string>(10).fill('d'.repeat(250)).join('/');
  await mkdir(join(folder, tree), { recursive: true });
  await mkdir(join(folder, 'lower', tree), { recursive: true });
  await rename(join(folder, 'lower'), join(folder, tree, 'lower'));
  // Node cannot remove it again; coreutils go step by step.
  clean.after(() => run('rm', '-rf', join(folder, 'd'.repeat(250))));
}

/** A file system in memory of a limited size, unmounted after the test. */
export async function mountTmpfs(clean: Cleaner, options: string): Promise<string> {
  const folder = join(await clean.folder(), 'mount');
  await mkdir(folder);
  run('mount', '-t', 'tmpfs', '-o', options, 'none', folder);
  clean.after(() => run('umount', '--lazy', folder));
  return folder;
}

/** ext4 in an image file of `sizeMb`, by way of a loop device, unmounted after the test. */
export async function mountExt4(
  clean: Cleaner,
  sizeMb: number,
  imageFolder?: string,
): Promise<{ readonly folder: string; readonly image: string }> {
  const base = await clean.folder();
  const [image, folder] = [join(imageFolder ?? base, 'ext4.img'), join(base, 'mount')];
  await mkdir(folder);
  run('truncate', '-s', `${sizeMb}M`, image);
  run('mkfs.ext4', '-q', '-F', '-m', '0', '-b', '4096', '-E', 'lazy_itable_init=0,nodiscard', image);
  run('mount', '-o', 'loop', image, folder);
  clean.after(() => run('umount', '--lazy', folder));
  return { folder, image };
}
