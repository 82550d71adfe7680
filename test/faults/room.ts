import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { quickFolder } from '../backup/world.ts';

export interface Size {
  readonly bytes: number;
  /** How many files and folders there can be. */
  readonly inodes: number;
}

/** A mounted file system of a given size, and how it gets more room. */
export interface Room {
  readonly path: string;
  /** Its medium; there is none below a tmpfs. */
  readonly image: string;
  remove(): void;
}

export type RoomKind = 'tmpfs' | 'ext4';

/** Why there can be no such room here, or null. */
export function whyNoRoom(kind: RoomKind): string | null {
  if (process.getuid?.() !== 0) return `${kind} of a given size: only root may mount`;
  try {
    openRoom(kind, { bytes: 4 * MB, inodes: 100 }).remove();
    return null;
  } catch (error) {
    return `${kind} of a given size: ${String(error).split('\n')[0]}`;
  }
}

export const MB = 1024 * 1024;

export function openRoom(kind: RoomKind, { bytes, inodes }: Size): Room {
  const folder = mkdtempSync(join(quickFolder(), 'imagetank-room-'));
  const path = join(folder, 'room');
  const image = join(folder, 'image');
  try {
    run('mkdir', [path]);
    if (kind === 'tmpfs')
      run('mount', ['-t', 'tmpfs', '-o', `size=${bytes},nr_inodes=${inodes}`, 'none', path]);
    else {
      writeFileSync(image, '');
      truncateSync(image, bytes);
      run('mkfs.ext4', ['-q', '-m', '0', '-N', String(inodes), '-O', '^has_journal', image]);
      run('mount', ['-o', 'loop', image, path]);
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return { path, image, remove: () => unmount(path, folder) };
}

function unmount(path: string, folder: string): void {
  // Lazily: a file that somebody holds must not keep the mount for ever.
  if (existsSync(path)) run('umount', ['-l', path]);
  rmSync(folder, { recursive: true, force: true });
}

const run = (program: string, args: readonly string[]): string =>
  execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000, encoding: 'utf8' });
