import { closeSync, ftruncateSync, openSync } from 'node:fs';

/** A sparse file: it takes no room until something is written. */
export function blank(path: string, bytes: number): void {
  const file = openSync(path, 'w');
  ftruncateSync(file, bytes);
  closeSync(file);
}
