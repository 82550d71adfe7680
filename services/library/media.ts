/** What a file is, by the end of its name: cameras are consistent, and content is never trusted to decide a path. */
export type MediaKind = 'raw' | 'photo' | 'video' | 'audio' | 'sidecar';

/** In the order in which members lead their shot group: who is first is asked first for the day. */
export const MEDIA_KINDS = [
  'raw',
  'photo',
  'video',
  'audio',
  'sidecar',
] as const satisfies readonly MediaKind[];

const EXTENSIONS = {
  raw: '3fr arw cr2 cr3 crw dcr dng erf fff gpr iiq kdc mef mos mrw nef nrw orf pef raf raw rw2 rwl sr2 srf srw x3f',
  photo: 'avif bmp gif heic heif hif insp jpe jpeg jpg png tif tiff webp',
  video: '360 3g2 3gp avi crm insv m2ts m4v mkv mov mp4 mpeg mpg mts mxf webm wmv',
  audio: 'aac aif aiff flac m4a mp3 ogg wav',
  // `contract.md` section 4, and DJI's small copies and telemetry; WAV is audio, and a member of its shot all the same.
  sidecar: 'aae lrf lrv srt thm xmp',
} as const satisfies Record<MediaKind, string>;

const KIND_OF_EXTENSION: ReadonlyMap<string, MediaKind> = new Map(
  MEDIA_KINDS.flatMap((kind) => EXTENSIONS[kind].split(' ').map((extension) => [extension, kind] as const)),
);

/** Video structures that a program opens as a whole: a file taken out of them loses its index and its sound. */
const WHOLE_TREES: ReadonlySet<string> = new Set(['AVCHD', 'XDROOT', 'M4ROOT']);

/** With its dot, as written; empty where there is none. A leading dot begins a hidden name, not an extension. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(dot) : '';
}

/** Null for what is no media. `._IMG_1.JPG` is what macOS leaves beside a photo, not a photo. */
export function mediaKind(name: string): MediaKind | null {
  if (name.startsWith('._')) return null;
  return KIND_OF_EXTENSION.get(extensionOf(name).slice(1).toLowerCase()) ?? null;
}

/** True below a folder that is kept whole. Takes the folders of a path, without the file's name. */
export function inWholeTree(folders: readonly string[]): boolean {
  return folders.some((folder) => WHOLE_TREES.has(folder.toUpperCase()));
}
