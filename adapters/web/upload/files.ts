import { mediaKind } from '../../../services/library/media.ts';

interface FileLike {
  readonly name: string;
  readonly size: number;
  readonly lastModified: number;
}

/** The same for a file that is chosen again, also after the page was loaded anew. */
export const idOfFile = ({ name, size, lastModified }: FileLike): string => `${lastModified}-${size}-${name}`;

/**
 * What a phone offers to choose. `image/*` alone leaves out RAW on some, and makes iOS turn HEIC into JPEG: what is named here
 * may be sent as it is.
 */
export const ACCEPT =
  'image/*,video/*,image/heic,image/heif,.heic,.heif,.dng,.cr2,.cr3,.nef,.arw,.raf,.rw2,.orf,.pef,.srw,.gpr,.insp,.insv,.mov,.mp4,.xmp,.wav';

/** Of what is dropped: only what the box files as photos, films, sound and what belongs to them. */
export const isMedia = ({ name }: Pick<FileLike, 'name'>): boolean => mediaKind(name) !== null;
