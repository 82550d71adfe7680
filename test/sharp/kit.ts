import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import sharp from 'sharp';
import { openBelow } from '../../adapters/fs/drive-file.ts';
import { draw } from '../../adapters/sharp/draw.ts';
import type { RelativePath } from '../../machines/ids.ts';
import type { PictureSource } from '../../services/pictures/ports.ts';

export const CARDS = join(import.meta.dirname, '../cards');

const PACKAGES = {
  exiftool: 'libimage-exiftool-perl',
  ffmpegthumbnailer: 'ffmpegthumbnailer',
} as const;

/** False, and one line that says so, on a machine without it: then tests that need the real one are skipped. */
export function hasTool(name: keyof typeof PACKAGES): boolean {
  if (existsSync(`/usr/bin/${name}`)) return true;
  console.warn(`${name} is not installed (apt-get install ${PACKAGES[name]}): its pictures are skipped`);
  return false;
}

const NOTHING = { size: 0, mtimeMs: 0 };

/** A folder for files that pictures are made of, and the pictures. */
export class Darkroom {
  readonly folder = mkdtempSync(join(tmpdir(), 'imagetank-darkroom-'));
  readonly into = join(this.folder, 'made.jpg');

  path(name: string): string {
    return join(this.folder, name);
  }

  /** As it lies there now; what is not there was recorded empty. */
  source(name: string, root = this.folder): PictureSource {
    const { size: sizeBytes, mtimeMs } = statSync(join(root, name), { throwIfNoEntry: false }) ?? NOTHING;
    return { root, path: name as RelativePath, name, sizeBytes, mtimeMs };
  }

  /** Null when no picture was made. */
  async draw(name: string, { root = this.folder, edge = 320, called = name } = {}) {
    const request = { ...this.source(name, root), id: 1, name: called, edge, into: this.into };
    rmSync(this.into, { force: true });
    const made = await draw(request, openBelow).then(
      () => true,
      () => false,
    );
    return made ? readFile(this.into) : null;
  }

  clear(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Width, height and the colour of the upper left corner, to the nearest of these. */
export async function lookAt(jpeg: Buffer | null) {
  if (jpeg === null) return null;
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  const at = (Math.floor(info.height / 8) * info.width + Math.floor(info.width / 8)) * info.channels;
  const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
  const corner = red > 150 && green < 100 ? 'red' : blue > 150 && red < 100 ? 'blue' : 'other';
  return { width: info.width, height: info.height, corner };
}

/** A picture that is red in its upper half and blue in the lower. */
export function flag(width = 64, height = 32): ReturnType<typeof sharp> {
  const lower = { create: { width, height: height / 2, channels: 3 as const, background: '#0000ff' } };
  return sharp({ create: { width, height, channels: 3, background: '#ff0000' } }).composite([
    { input: lower, left: 0, top: height / 2 },
  ]);
}

/** An AVI of one second of Motion JPEG (Microsoft, "AVI RIFF File Reference"), the least that is a film. */
export function aviOf(jpeg: Buffer, width: number, height: number, frames = 10): Buffer {
  const chunk = (id: string, ...parts: Buffer[]) => {
    const body = Buffer.concat(parts);
    const head = Buffer.alloc(8);
    head.write(id, 0, 'latin1');
    head.writeUInt32LE(body.length, 4);
    return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
  };
  const list = (type: string, ...parts: Buffer[]) => chunk('LIST', Buffer.from(type), ...parts);
  const words = (...numbers: number[]) => {
    const out = Buffer.alloc(numbers.length * 4);
    for (const [at, number] of numbers.entries()) out.writeUInt32LE(number, at * 4);
    return out;
  };
  const mjpg = Buffer.from('MJPG');
  const avih = chunk('avih', words(100_000, 0, 0, 0, frames, 0, 1, jpeg.length, width, height, 0, 0, 0, 0));
  const strh = chunk(
    'strh',
    Buffer.from('vids'),
    mjpg,
    words(0, 0, 0, 1, 10, 0, frames, jpeg.length, 0xffffffff, 0, 0, 0),
  );
  const strf = chunk(
    'strf',
    words(40, width, height, 1 | (24 << 16)),
    mjpg,
    words(width * height * 3, 0, 0, 0, 0),
  );
  const movi = list('movi', ...Array.from({ length: frames }, () => chunk('00dc', jpeg)));
  return chunk('RIFF', Buffer.from('AVI '), list('hdrl', avih, list('strl', strh, strf)), movi);
}

/** The child needs JavaScript: bundles it as `npm run build` does, into a temporary folder, with sharp where it lies. */
export async function buildPictureWorker(entry = join(import.meta.dirname, '../../bin/picture-worker.ts')) {
  const folder = mkdtempSync(join(tmpdir(), 'imagetank-worker-'));
  const workerPath = join(folder, 'picture-worker.mjs');
  const sharpUrl = pathToFileURL(createRequire(import.meta.url).resolve('sharp')).href;
  await build({
    entryPoints: [entry],
    outfile: workerPath,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'error',
    banner: { js: 'import{createRequire as __cr}from"node:module";const require=__cr(import.meta.url);' },
    plugins: [
      {
        name: 'sharp-where-it-lies',
        setup: ({ onResolve }) =>
          onResolve({ filter: /^sharp$/ }, () => ({ path: sharpUrl, external: true })),
      },
    ],
  });
  return { workerPath, remove: () => rmSync(folder, { recursive: true }) };
}

/** A raw file as far as this matters: a TIFF with an orientation, and a JPEG in its second directory (TIFF 6.0, Exif 2.32). */
export function rawOf(jpeg: Buffer, orientation: number): Buffer {
  const entry = (tag: number, type: 3 | 4, value: number) => {
    const out = Buffer.alloc(12);
    out.writeUInt16LE(tag);
    out.writeUInt16LE(type, 2);
    out.writeUInt32LE(1, 4);
    out.writeUInt32LE(value, 8);
    return out;
  };
  const directory = (next: number, ...entries: Buffer[]) => {
    const [head, tail] = [Buffer.alloc(2), Buffer.alloc(4)];
    head.writeUInt16LE(entries.length);
    tail.writeUInt32LE(next);
    return Buffer.concat([head, ...entries, tail]);
  };
  const [second, content] = [8 + 18, 8 + 18 + 42];
  const preview = [entry(0x103, 3, 6), entry(0x201, 4, content), entry(0x202, 4, jpeg.length)];
  const head = Buffer.from('II*\0\x08\0\0\0', 'latin1');
  const first = directory(second, entry(0x112, 3, orientation));
  return Buffer.concat([head, first, directory(0, ...preview), jpeg]);
}
