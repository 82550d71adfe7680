import { randomFillSync } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, utimesSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** As a camera fills its folders. */
const FILES_A_FOLDER = 999;
const FILES_A_DAY = 500;
const FIRST_DAY = Date.UTC(2026, 0, 1, 12);
const DAY_MS = 86_400_000;
/** Noise is made and written in pieces: a video of 4 GB needs no 4 GB of memory. */
const PIECE_BYTES = 24_000_000;
/** Nobody photographs that long: what is larger is a video. */
const MAX_PHOTO_BYTES = 200_000_000;

/** Files number `from` to `from + files - 1` of a card. */
export interface Shots {
  readonly from: number;
  readonly files: number;
  readonly fileBytes: number;
  /** Default `JPG`, or `MP4` for what is too large to be a photo. */
  readonly extension?: Extension;
}

/** JPEG, asked by exifr; CR3, by exiftool; sound, of which nothing is asked. */
export type Extension = 'JPG' | 'CR3' | 'WAV';

/** Photos or videos that no hash, hole or compression can shorten; durable, so that no tool pays for their writing. */
export function shoot(root: string, { from, files, fileBytes, extension = 'JPG' }: Shots): void {
  const piece = Buffer.allocUnsafe(Math.min(fileBytes, PIECE_BYTES));
  for (let number = from; number < from + files; number += 1) {
    const folder = join(root, 'DCIM', `${100 + Math.floor(number / FILES_A_FOLDER)}CANON`);
    if (number === from || number % FILES_A_FOLDER === 0) mkdirSync(folder, { recursive: true });
    const taken = new Date(FIRST_DAY + Math.floor(number / FILES_A_DAY) * DAY_MS);
    const isVideo = fileBytes > MAX_PHOTO_BYTES;
    const name = `${isVideo ? 'MVI' : 'IMG'}_${String(number).padStart(5, '0')}.${isVideo ? 'MP4' : extension}`;
    const isBoxes = isVideo || extension === 'CR3';
    const head = isBoxes
      ? boxesHead(fileBytes, extension === 'CR3' ? CR3_BRANDS : MP4_BRANDS)
      : jpegHead(taken);
    writeDurable(join(folder, name), head, fileBytes, piece, taken);
  }
}

function writeDurable(path: string, head: Buffer, fileBytes: number, piece: Buffer, time: Date): void {
  const fd = openSync(path, 'wx');
  try {
    for (let written = 0; written < fileBytes; ) {
      randomFillSync(piece);
      if (written === 0) head.copy(piece);
      written += writeSync(fd, piece, 0, Math.min(piece.length, fileBytes - written));
    }
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  utimesSync(path, time, time);
}

const MP4_BRANDS = 'isom\0\0\x02\0isommp42';
const CR3_BRANDS = 'crx \0\0\0\x01crx isom';

/** Boxes `ftyp` and `mdat` (ISO/IEC 14496-12, sections 4.2 and 4.3); without `moov` nothing tells its day. */
function boxesHead(fileBytes: number, brands: string): Buffer {
  const head = Buffer.from(`\0\0\0\x18ftyp${brands}\0\0\0\x01mdat`, 'latin1');
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(fileBytes - 24));
  return Buffer.concat([head, size]);
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
