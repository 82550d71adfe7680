import type { Check } from './examine.ts';
import type { Probes } from './probes.ts';

/** Debian's packages of the same names. heif-thumbnailer tells no version and ends with an error without arguments. */
const TOOLS = [
  { name: 'ffmpegthumbnailer', shows: 'films' },
  { name: 'heif-thumbnailer', shows: 'HEIC photos' },
] as const;

/** What makes pictures of more than JPEG, PNG, WebP, TIFF and AVIF, where somebody can come in to see them. */
export function examinePictures(probes: Probes): readonly Check[] {
  return TOOLS.map(({ name, shows }) => {
    const ok = probes.exists(`/usr/bin/${name}`);
    const found = ok ? `/usr/bin/${name}` : `${name} is missing: the page has no pictures of ${shows}`;
    return { name, ok, found, fix: `sudo apt install ${name}` };
  });
}
