import { cut } from './names.ts';

/** Camera names have 32 characters at most (Exif knows no limit): what is longer was not written by a camera. */
const MAX_SLUG_BYTES = 64;

/**
 * What somebody else wrote (Exif, a label) as a part of a path: letters, digits, `.`, `_` and `-` are kept, all else
 * becomes `-`; neither `.` nor `-` at its ends. Null when nothing is left.
 */
export function slug(text: string): string | null {
  const kept = text.normalize('NFC').replace(/[^\p{L}\p{M}\p{N}._]+/gu, '-');
  return trimmed(cut(trimmed(kept), MAX_SLUG_BYTES)) || null;
}

const trimmed = (text: string): string => text.replace(/^[-.]+|[-.]+$/g, '');

/** `Canon EOS R5` by Canon is `Canon-EOS-R5`; `ILCE-7M4` by SONY is `SONY-ILCE-7M4`. Null when neither is known. */
export function cameraSlug(make: string | undefined, model: string | undefined): string | null {
  const [maker, name] = [slug(make ?? ''), slug(model ?? '')];
  if (maker === null || name === null) return maker ?? name;
  // NIKON CORPORATION makes the NIKON D750.
  const [brand = ''] = maker.toLowerCase().split(/[-._]/);
  const [first = ''] = name.toLowerCase().split(/[-._]/);
  return brand === first ? name : slug(`${maker}-${name}`);
}
