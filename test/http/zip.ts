/** A file of a ZIP archive, as its central directory tells of it (APPNOTE 6.3.10, sections 4.3.7 and 4.3.12). */
interface Entry {
  readonly name: string;
  readonly method: number;
  /** In DOS time, which knows no zone and even seconds only. */
  readonly modifiedAt: string;
  readonly content: Buffer;
}

/** Reads archives of stored files without ZIP64, by their end: one that is cut off has none. */
export function unzipped(zip: Buffer): readonly Entry[] {
  const end = zip.lastIndexOf('PK\x05\x06');
  if (end === -1) throw new Error('the archive has no end');
  const count = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  return Array.from({ length: count }, () => {
    const nameLength = zip.readUInt16LE(at + 28);
    const sizeBytes = zip.readUInt32LE(at + 24);
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const entry = {
      name: zip.toString('utf8', at + 46, at + 46 + nameLength),
      method: zip.readUInt16LE(at + 10),
      modifiedAt: dosTime(zip.readUInt16LE(at + 14), zip.readUInt16LE(at + 12)),
      content: zip.subarray(start, start + sizeBytes),
    };
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
    return entry;
  });
}

function dosTime(date: number, time: number): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const day = `${1980 + (date >> 9)}-${two((date >> 5) & 15)}-${two(date & 31)}`;
  return `${day}T${two(time >> 11)}:${two((time >> 5) & 63)}:${two((time & 31) * 2)}`;
}
