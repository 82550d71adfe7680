import { existsSync } from 'node:fs';

const PROGRAM = '/usr/bin/exiftool';

/** False, and one line that says so, on a machine without it: then tests that need the real one are skipped. */
export function hasExiftool(): boolean {
  if (existsSync(PROGRAM)) return true;
  console.warn('exiftool is not installed (apt-get install libimage-exiftool-perl): its tests are skipped');
  return false;
}
