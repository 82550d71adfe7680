import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Found, type Handler, list, type Sight, text } from './protocol.ts';

const MOUNT_TIMEOUT_MS = 60_000;
const MAX_FILES = 10_000;

type Xxh64 = (bytes: Buffer) => bigint;

/** `program`: whose native hash is used; JavaScript's own is too slow on an emulated processor. */
export function looking(program = '/opt/imagetank'): Readonly<Record<string, Handler>> {
  let xxh64: Xxh64 | null = null;
  const hash: Xxh64 = (bytes) => {
    xxh64 ??= nativeHash(program);
    return xxh64(bytes);
  };
  return {
    /** What a volume holds for whoever mounts it next: nothing of it is in this machine's memory. */
    look: (message): Sight => {
      const point = text(message, 'point');
      mkdirSync(point, { recursive: true });
      const options = ['-t', text(message, 'fileSystem'), '-o', text(message, 'options')];
      const said = mounting('mount', [...options, text(message, 'device'), point]);
      if (said !== null) return { mounted: false, said };
      try {
        return { mounted: true, files: treeOf(point, list(message, 'paths'), hash) };
      } finally {
        letGo(point);
      }
    },
    tree: (message) => treeOf(text(message, 'path'), list(message, 'paths'), hash),
  };
}

/** The package of this machine's kind: that one alone is installed, the rest of it is in the program's bundle. */
function nativeHash(program: string): Xxh64 {
  const folder = join(program, 'node_modules/@node-rs');
  const name = readdirSync(folder).find((one) => one.startsWith('xxhash-')) ?? 'xxhash';
  return (createRequire(join(program, 'package.json'))(`@node-rs/${name}`) as { xxh64: Xxh64 }).xxh64;
}

/** Throws when it stays: the next volume would be looked for below it. */
function letGo(point: string): void {
  const trouble = mounting('umount', [point]);
  if (trouble !== null) throw new Error(`umount: ${trouble}`);
}

/** Null when it went well. Without udev, mtab and helpers: they are most of the time it takes. */
function mounting(command: 'mount' | 'umount', args: readonly string[]): string | null {
  const { status, stderr, error } = spawnSync(command, ['-i', '-n', ...args], {
    encoding: 'utf8',
    timeout: MOUNT_TIMEOUT_MS,
  });
  return status === 0 ? null : (error?.message ?? stderr.trim());
}

function treeOf(root: string, paths: readonly string[], hash: Xxh64): Found[] {
  const found: Found[] = [];
  for (const path of paths) collect(root, path, hash, found);
  return found;
}

/** What cannot be read is found too, with its error instead of a hash; what is not there is not. */
function collect(root: string, path: string, hash: Xxh64, found: Found[]): void {
  if (found.length >= MAX_FILES) throw new Error(`more than ${MAX_FILES} files`);
  try {
    const absolute = join(root, path);
    if (lstatSync(absolute).isDirectory()) {
      for (const name of readdirSync(absolute)) collect(root, `${path}/${name}`, hash, found);
      return;
    }
    const bytes = readFileSync(absolute);
    const xxh64 = hash(bytes).toString(16).padStart(16, '0');
    found.push({ path, sizeBytes: bytes.length, xxh64, error: null });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code !== 'ENOENT') found.push({ path, sizeBytes: 0, xxh64: null, error: code });
  }
}
