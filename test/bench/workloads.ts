import { randomFillSync } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, utimesSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** One row of the table of `copy-engine.md`. */
export interface Workload {
  readonly id: 'A' | 'B' | 'D';
  readonly title: string;
  readonly files: number;
  readonly fileBytes: number;
  /** Whether the source may lie in the page cache. */
  readonly source: 'cold' | 'warm';
  readonly runs: number;
}

const MB = 1_000_000;
const KB = 1_000;

export const FULL: readonly Workload[] = [
  { id: 'A', title: 'source cold, not throttled', files: 20, fileBytes: 24 * MB, source: 'cold', runs: 5 },
  { id: 'B', title: 'source warm', files: 20, fileBytes: 24 * MB, source: 'warm', runs: 5 },
  { id: 'D', title: 'source warm', files: 50_000, fileBytes: 20 * KB, source: 'warm', runs: 5 },
];

/** For CI: that everything still runs, and an idea of the size. */
export const QUICK: readonly Workload[] = FULL.map((workload) => {
  return { ...workload, files: workload.id === 'D' ? 2000 : 3, runs: 3 };
});

/** As a camera fills its folders. */
const FILES_A_FOLDER = 999;
const FILES_A_DAY = 500;
const FIRST_DAY = Date.UTC(2026, 0, 1, 12);
const DAY_MS = 86_400_000;

/** A card of photos that no hash, hole or compression can shorten; durable, so that no tool pays for its writing. */
export function makeCard(root: string, { files, fileBytes }: Workload): void {
  const bytes = Buffer.allocUnsafe(fileBytes);
  for (let number = 0; number < files; number += 1) {
    const folder = join(root, 'DCIM', `${100 + Math.floor(number / FILES_A_FOLDER)}CANON`);
    if (number % FILES_A_FOLDER === 0) mkdirSync(folder, { recursive: true });
    const taken = new Date(FIRST_DAY + Math.floor(number / FILES_A_DAY) * DAY_MS);
    randomFillSync(bytes);
    jpegHead(taken).copy(bytes);
    writeDurable(join(folder, `IMG_${String(number).padStart(5, '0')}.JPG`), bytes, taken);
  }
}

function writeDurable(path: string, bytes: Buffer, time: Date): void {
  const fd = openSync(path, 'wx');
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  utimesSync(path, time, time);
}

/**
 * The beginning of a photo as far as its day is concerned: JPEG's APP1 with a TIFF of one entry that points to the Exif
 * directory, and that with DateTimeOriginal alone (Exif 2.32, sections 4.5.4 and 4.6.3). The picture is noise.
 */
function jpegHead(taken: Date): Buffer {
  const [day = '', time = ''] = taken.toISOString().slice(0, 19).split('T');
  const text = Buffer.from(`${day.replaceAll('-', ':')} ${time}\0`);
  const tiff = Buffer.concat([
    Buffer.from('II*\0\x08\0\0\0', 'latin1'),
    directory({ tag: 0x8769, type: 4, count: 1, value: 26 }),
    directory({ tag: 0x9003, type: 2, count: text.length, value: 44 }),
    text,
  ]);
  const body = Buffer.concat([Buffer.from('Exif\0\0'), tiff]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(body.length + length.length);
  return Buffer.concat([Buffer.from('ffd8ffe1', 'hex'), length, body, Buffer.from('ffda', 'hex')]);
}

/** An image file directory of one entry, and no next one: 18 bytes. */
function directory(entry: { tag: number; type: number; count: number; value: number }): Buffer {
  const bytes = Buffer.alloc(18);
  bytes.writeUInt16LE(1, 0);
  bytes.writeUInt16LE(entry.tag, 2);
  bytes.writeUInt16LE(entry.type, 4);
  bytes.writeUInt32LE(entry.count, 6);
  bytes.writeUInt32LE(entry.value, 10);
  return bytes;
}
