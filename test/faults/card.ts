import { createHash } from 'node:crypto';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface TestFile {
  readonly path: string;
  readonly bytes: number;
  /** Another file's content under this name. */
  readonly contentOf?: string;
}

const SHOTS = 'DCIM/100TEST';

/**
 * Twenty files with one of each kind: pairs that stay together, a video of several blocks with its sidecar, files that
 * are no photos, empty ones, a name that needs care, and a twin, which is a duplicate of what was placed before it.
 */
export const CARD: readonly TestFile[] = [
  { path: `${SHOTS}/IMG_0001.CR2`, bytes: 300_000 },
  { path: `${SHOTS}/IMG_0001.JPG`, bytes: 90_000 },
  { path: `${SHOTS}/IMG_0002.JPG`, bytes: 0 },
  { path: `${SHOTS}/IMG_0003.JPG`, bytes: 120_000 },
  { path: `${SHOTS}/IMG_0009.JPG`, bytes: 120_000, contentOf: `${SHOTS}/IMG_0003.JPG` },
  { path: `${SHOTS}/IMG_0010.JPG`, bytes: 4095 },
  { path: `${SHOTS}/IMG_0011.JPG`, bytes: 4096 },
  { path: `${SHOTS}/IMG_0012.JPG`, bytes: 4097 },
  { path: `${SHOTS}/IMG_0013.JPG`, bytes: 20_000 },
  { path: `${SHOTS}/IMG_0014.JPG`, bytes: 1 },
  { path: `${SHOTS}/IMG_0014.XMP`, bytes: 700 },
  { path: `${SHOTS}/MVI_0004.MP4`, bytes: 2_500_000 },
  { path: `${SHOTS}/MVI_0004.THM`, bytes: 4000 },
  { path: `${SHOTS}/Grün im Schnee.JPG`, bytes: 60_000 },
  { path: 'DCIM/101TEST/IMG_0020.JPG', bytes: 65_536 },
  { path: 'DCIM/101TEST/IMG_0021.JPG', bytes: 65_537 },
  { path: 'DCIM/101TEST/IMG_0022.NEF', bytes: 400_000 },
  { path: 'DCIM/101TEST/IMG_0023.JPG', bytes: 30_000 },
  { path: 'MISC/notes to self.txt', bytes: 2000 },
  { path: 'MISC/settings.dat', bytes: 512 },
];

/** The day on which each file was taken, one a day: the folders on the drive differ. */
const FIRST_DAY_S = Date.UTC(2026, 10, 1, 12) / 1000;
const DAY_S = 86_400;

export function writeCard(root: string, files: readonly TestFile[] = CARD): void {
  for (const { path, bytes, contentOf } of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), contentNamed(contentOf ?? path, bytes));
    const takenS = FIRST_DAY_S + CARD.findIndex((file) => file.path === path) * DAY_S;
    utimesSync(join(root, path), takenS, takenS);
  }
}

/** Always the same bytes, so that two runs can be compared; no two names share a block. */
export function contentNamed(name: string, bytes: number): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at * 64 < bytes; at += 1)
    blocks.push(createHash('sha512').update(`${name}/${at}`).digest());
  return Buffer.concat(blocks).subarray(0, bytes);
}
