import { type FileHandle, rm } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import type { RelativePath } from '../../machines/ids.ts';
import { mediaKind } from '../../services/library/media.ts';
import { embeddedIn } from './embedded.ts';
import { betweenOf, type PictureRequest } from './messages.ts';
import { type Content, contentOf, SNIFFED_BYTES } from './sniff.ts';
import { runTool, TOOL_INPUT } from './tools.ts';

/** A backside of 150 megapixels exists (Phase One IQ4); more is a bomb. */
const MAX_PIXELS = 160_000_000;
/** Of one tool. */
const TOOL_MS = 20_000;
/** Good enough at these sizes; sharp's default. */
const QUALITY = 80;
/** Degrees clockwise for the orientations that cameras write (Exif 2.32, 4.6.4.A); mirrored ones none does. */
const TURN: Readonly<Record<number, number>> = { 3: 180, 6: 90, 8: 270 };

/** What phones put beside a picture is not larger. */
const MAX_EMBEDDED_EDGE = 512;
const primary = (edge: number) => (edge > MAX_EMBEDDED_EDGE ? ['-p'] : []);

/** A photo that ends early is worth a look at the part that is there. */
const INPUT = { limitInputPixels: MAX_PIXELS, sequentialRead: true, failOn: 'none', pages: 1 } as const;

/** Opens a regular file below a folder, following no link. Throws. */
export type OpenBelow = (root: string, path: RelativePath) => Promise<FileHandle>;

/** FAT and exFAT keep times to 2 s (contract.md section 4, "Known file"). */
const TOLERANCE_MS = 2000;

/** What lies there is not what was recorded. */
export class AlteredError extends Error {}

/** Writes the picture that is asked for. Throws when it cannot: `AlteredError`, or whatever a decoder says. */
export async function draw(request: PictureRequest, openBelow: OpenBelow): Promise<void> {
  // What is decoded is needed once: sharp's cache would only hold memory.
  sharp.cache(false);
  sharp.concurrency(1);
  // By its descriptor from here on: what was looked at is what is decoded, and no name on a drive is anybody's argument.
  const file = await openBelow(request.root, request.path).catch((cause: unknown) => {
    throw new AlteredError('not to be opened', { cause });
  });
  try {
    await compare(file, request);
    await drawOpen(file, request);
    // Somebody may have begun to write to it meanwhile.
    await compare(file, request);
  } finally {
    await file.close();
  }
}

async function compare(file: FileHandle, { sizeBytes, mtimeMs }: PictureRequest): Promise<void> {
  const found = await file.stat();
  if (found.size === sizeBytes && Math.abs(found.mtimeMs - mtimeMs) <= TOLERANCE_MS) return;
  throw new AlteredError('not as it was recorded');
}

async function drawOpen(file: FileHandle, { name, edge, into }: PictureRequest): Promise<void> {
  const content = await sniff(file);
  if (mediaKind(name) === 'raw') await fromEmbedded(file, edge, into);
  else if (content === 'heif')
    await withTool('heif-thumbnailer', [...primary(edge), '-s', `${edge}`, TOOL_INPUT], file, edge, into);
  else if (content === 'video')
    await withTool(
      'ffmpegthumbnailer',
      ['-s', `${edge}`, '-c', 'png', '-i', TOOL_INPUT, '-o'],
      file,
      edge,
      into,
    );
  else if (content !== null) await save(sharp(`/proc/self/fd/${file.fd}`, INPUT).autoOrient(), edge, into);
  else throw new Error('no picture that is known');
}

async function sniff(file: FileHandle): Promise<Content | null> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(SNIFFED_BYTES), 0, SNIFFED_BYTES, 0);
  return contentOf(buffer.subarray(0, bytesRead));
}

/** The smallest that is large enough, else the largest. */
async function fromEmbedded(file: FileHandle, edge: number, into: string): Promise<void> {
  let best: Sharp | null = null;
  let bestEdge = 0;
  for await (const { jpeg, orientation } of embeddedIn(file.fd, TOOL_MS)) {
    const picture = sharp(jpeg, INPUT);
    const size = await picture.metadata().catch(() => null);
    if (size === null) continue;
    const longest = Math.max(size.width, size.height);
    if (longest <= bestEdge) continue;
    bestEdge = longest;
    const own = size.orientation ?? 1;
    best = own > 1 ? picture.autoOrient() : picture.rotate(TURN[orientation] ?? 0);
    if (longest >= edge) break;
  }
  if (best === null) throw new Error('no preview in it');
  await save(best, edge, into);
}

/** A tool that writes a picture to the path that is its last argument. */
async function withTool(
  tool: string,
  args: readonly string[],
  file: FileHandle,
  edge: number,
  into: string,
): Promise<void> {
  const between = betweenOf(into);
  try {
    if ((await runTool(tool, [...args, between], file.fd, TOOL_MS)) === null)
      throw new Error(`${tool} failed`);
    await save(sharp(between, INPUT), edge, into);
  } finally {
    await rm(between, { force: true });
  }
}

async function save(picture: Sharp, edge: number, into: string): Promise<void> {
  await picture
    .resize({ width: edge, height: edge, fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#808080' })
    .jpeg({ quality: QUALITY })
    .toFile(into);
}
