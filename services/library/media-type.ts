import { extensionOf, mediaKind } from './media.ts';

/**
 * What a browser may show by itself, by the end of the name (IANA media types). Nothing that could hold a script is among
 * them: whatever such a file contains, it is opened as a picture, a film or a sound, or not at all.
 */
const TYPES: Readonly<Record<string, string>> = {
  ...named('image/jpeg', 'insp jpe jpeg jpg'),
  ...named('image/heic', 'heic hif'),
  ...named('image/heif', 'heif'),
  ...named('image/tiff', 'tif tiff'),
  ...{ avif: 'image/avif', bmp: 'image/bmp', gif: 'image/gif', png: 'image/png', webp: 'image/webp' },
  ...named('video/mp4', '360 insv m4v mp4'),
  ...named('video/mp2t', 'm2ts mts'),
  ...named('video/mpeg', 'mpeg mpg'),
  ...{ mov: 'video/quicktime', avi: 'video/x-msvideo', mkv: 'video/x-matroska', webm: 'video/webm' },
  ...{ '3gp': 'video/3gpp', '3g2': 'video/3gpp2' },
  ...{ aac: 'audio/aac', flac: 'audio/flac', m4a: 'audio/mp4', mp3: 'audio/mpeg', ogg: 'audio/ogg' },
  ...{ wav: 'audio/wav', ...named('audio/aiff', 'aif aiff') },
};

function named(type: string, extensions: string): Record<string, string> {
  return Object.fromEntries(extensions.split(' ').map((extension) => [extension, type]));
}

/** `application/octet-stream` for everything else: to be kept, not shown. */
export const OTHER_TYPE = 'application/octet-stream';

export function mediaType(name: string): string {
  const extension = extensionOf(name).slice(1).toLowerCase();
  return mediaKind(name) !== null && Object.hasOwn(TYPES, extension)
    ? (TYPES[extension] ?? OTHER_TYPE)
    : OTHER_TYPE;
}
