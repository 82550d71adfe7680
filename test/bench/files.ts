/** Files of a folder, read whole but never held whole. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

const PIECE = Buffer.allocUnsafe(1024 * 1024);

/** Puts every file below a folder into the page cache. */
export function warm(folder: string): void {
  for (const path of filesBelow(folder)) for (const _ of piecesOf(path));
}

/** SHA-256 of every file below a folder, sorted: two folders with the same hold the same, whatever the names. */
export function contentsBelow(folder: string, leaveOut: ReadonlySet<string> = new Set()): readonly string[] {
  return [...filesBelow(folder, leaveOut)].map(hashOf).sort();
}

function* filesBelow(folder: string, leaveOut: ReadonlySet<string> = new Set()): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !leaveOut.has(entry.name)) yield* filesBelow(path, leaveOut);
    else if (entry.isFile()) yield path;
  }
}

function hashOf(path: string): string {
  const hash = createHash('sha256');
  for (const piece of piecesOf(path)) hash.update(piece);
  return hash.digest('hex');
}

function* piecesOf(path: string): Generator<Buffer> {
  const fd = openSync(path, 'r');
  try {
    for (let read = readSync(fd, PIECE); read > 0; read = readSync(fd, PIECE)) yield PIECE.subarray(0, read);
  } finally {
    closeSync(fd);
  }
}
