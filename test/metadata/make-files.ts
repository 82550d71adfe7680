/** Files made of TIFF and of ISO boxes, with nothing in them but what a test wants. */

interface Value {
  /** 2 for ASCII, 4 for LONG, 5 for RATIONAL (TIFF 6.0, section 2). */
  readonly type: number;
  readonly count: number;
  readonly bytes: Buffer;
}

interface Entry extends Value {
  readonly tag: number;
}

export const entry = (tag: number, value: Value): Entry => ({ tag, ...value });

export function ascii(text: string): Value {
  const bytes = Buffer.from(`${text}\0`, 'latin1');
  return { type: 2, count: bytes.length, bytes };
}

const long = (value: number): Value => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return { type: 4, count: 1, bytes };
};

interface Directories {
  readonly ifd0?: readonly Entry[];
  readonly exif?: readonly Entry[];
  readonly gps?: readonly Entry[];
}

/** TIFF 6.0, section 2, with pointers to the Exif and GPS directories (Exif 2.32, 4.6.3); the first directory at `at`. */
export function tiff({ ifd0 = [], exif, gps }: Directories, at = 8): Buffer {
  let end = at + sizeOf(ifd0.length + (exif ? 1 : 0) + (gps ? 1 : 0));
  const pieces: [at: number, bytes: Buffer][] = [];
  const pointers: Entry[] = [];
  for (const [tag, entries] of [
    [0x8769, exif],
    [0x8825, gps],
  ] as const) {
    if (entries === undefined) continue;
    pointers.push(entry(tag, long(end)));
    end = place(entries, end, end + sizeOf(entries.length), pieces);
  }
  end = place([...ifd0, ...pointers], at, end, pieces);
  const file = Buffer.alloc(end);
  file.write('II*\0', 'latin1');
  file.writeUInt32LE(at, 4);
  for (const [where, bytes] of pieces) bytes.copy(file, where);
  return file;
}

const sizeOf = (entries: number): number => 2 + 12 * entries + 4;

/** The directory at `at`, values of more than four bytes from `free` on. Returns where the next free byte is. */
function place(
  entries: readonly Entry[],
  at: number,
  free: number,
  pieces: [at: number, bytes: Buffer][],
): number {
  const directory = Buffer.alloc(sizeOf(entries.length));
  directory.writeUInt16LE(entries.length);
  let next = free;
  for (const [nth, { tag, type, count, bytes }] of entries.entries()) {
    const where = 2 + 12 * nth;
    directory.writeUInt16LE(tag, where);
    directory.writeUInt16LE(type, where + 2);
    directory.writeUInt32LE(count, where + 4);
    if (bytes.length <= 4) bytes.copy(directory, where + 8);
    else {
      directory.writeUInt32LE(next, where + 8);
      pieces.push([next, bytes]);
      next += bytes.length + (bytes.length % 2);
    }
  }
  pieces.push([at, directory]);
  return next;
}

/** ISO/IEC 14496-12, 4.2: size, type, content. */
export function box(type: string, ...content: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(
    content.map((each) => (typeof each === 'string' ? Buffer.from(each, 'latin1') : each)),
  );
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}

export const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

/** Seconds from 1904 to 1970 (ISO/IEC 14496-12, 8.2.2: times count from 1904, in UTC). */
const FROM_1904_S = 2_082_844_800;

/** The header of a movie, as far as its time of creation is concerned; `null` is a camera that knows none. */
export function movieHeader(created: Date | null): Buffer {
  const bytes = Buffer.alloc(100);
  const seconds = created === null ? 0 : created.getTime() / 1000 + FROM_1904_S;
  bytes.writeUInt32BE(seconds, 4);
  bytes.writeUInt32BE(seconds, 8);
  bytes.writeUInt32BE(1000, 12);
  return box('mvhd', bytes);
}
