import { createHash } from 'node:crypto';
import type { Files } from './disk.ts';

/** Start of an image and of its application segment (JPEG, ITU-T T.81, table B.1). */
const JPEG_START = Buffer.from([0xff, 0xd8, 0xff, 0xe1]);

/** A camera's folder with photos whose bytes are noise, the same for the same seed: no two files are alike. */
export function photos(
  count: number,
  bytes: number,
  { folder = 'DCIM/100CANON', seed = 'a' }: { folder?: string; seed?: string } = {},
): Files {
  const files: Record<string, Buffer> = {};
  for (let number = 1; number <= count; number += 1) {
    const name = `${folder}/IMG_${String(number).padStart(4, '0')}.JPG`;
    files[name] = Buffer.concat([JPEG_START, noise(`${seed}/${name}`, bytes - JPEG_START.length)]);
  }
  return files;
}

function noise(seed: string, bytes: number): Buffer {
  return createHash('shake256', { outputLength: bytes }).update(seed).digest();
}

export const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
