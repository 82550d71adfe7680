import * as z from 'zod';
import { runTool, TOOL_INPUT } from './tools.ts';

/** `-config ''`: a configuration file is a program, and nobody's is to be run here. */
const QUIET = ['-config', ''];
/** Names of exiftool: the JPEGs that cameras put into raw files, likely the smaller ones first. */
const PREVIEWS = ['ThumbnailImage', 'PreviewImage', 'OtherImage', 'JpgFromRaw'] as const;
const LENGTHS = {
  ThumbnailImage: 'ThumbnailLength',
  PreviewImage: 'PreviewImageLength',
  OtherImage: 'OtherImageLength',
  JpgFromRaw: 'JpgFromRawLength',
} as const satisfies Record<(typeof PREVIEWS)[number], string>;

const Answer = z.tuple([z.record(z.string(), z.unknown())]);

export interface Embedded {
  readonly jpeg: Buffer;
  /** Of the raw file: 1 to 8 (Exif 2.32, 4.6.4.A); its JPEG need not say it again. */
  readonly orientation: number;
}

/** The JPEGs in a raw file, smallest first, as they are asked for; none where exiftool finds none or is missing. */
export async function* embeddedIn(fd: number, timeoutMs: number): AsyncGenerator<Embedded> {
  const asked = [...Object.values(LENGTHS), 'Orientation'].map((tag) => `-${tag}`);
  const said = await runTool('exiftool', [...QUIET, '-j', '-n', ...asked, '--', TOOL_INPUT], fd, timeoutMs);
  const answer = Answer.safeParse(parsed(said));
  if (!answer.success) return;
  const [tags] = answer.data;
  const lengthOf = (preview: (typeof PREVIEWS)[number]) => Number(tags[LENGTHS[preview]] ?? 0);
  const found = PREVIEWS.filter((preview) => lengthOf(preview) > 0);
  for (const preview of found.sort((one, other) => lengthOf(one) - lengthOf(other))) {
    const jpeg = await runTool('exiftool', [...QUIET, '-b', `-${preview}`, '--', TOOL_INPUT], fd, timeoutMs);
    if (jpeg !== null && jpeg.length > 0) yield { jpeg, orientation: Number(tags['Orientation'] ?? 1) };
  }
}

function parsed(json: Buffer | null): unknown {
  try {
    return JSON.parse(json?.toString('utf8') ?? '');
  } catch {
    return null;
  }
}
