/** What a file is, by its first bytes: its name is what a camera, or an attacker, says. */
export type Content = 'picture' | 'tiff' | 'heif' | 'video';

/** Enough for all that is looked for: the second packet of an MPEG transport stream, in its longer form (BDAV). */
export const SNIFFED_BYTES = 4 + 192 + 1;

/** ISO/IEC 23008-12 and MIAF: brands of still pictures in HEVC. AVIF is what sharp reads itself. */
const HEIF_BRANDS = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1'];
const [TRANSPORT_PACKET, BDAV_PACKET, SYNC] = [188, 192, 0x47];

/** Null for what no decoder is to be tried on. */
export function contentOf(head: Buffer): Content | null {
  const text = head.toString('latin1');
  if (text.startsWith('\xff\xd8\xff') || text.startsWith('\x89PNG\r\n\x1a\n') || /^GIF8[79]a/.test(text)) {
    return 'picture';
  }
  if (text.startsWith('RIFF')) return text.startsWith('WEBP', 8) ? 'picture' : riffVideo(text);
  if (text.startsWith('II*\0') || text.startsWith('MM\0*')) return 'tiff';
  if (text.startsWith('ftyp', 4)) return ofBrand(text.slice(8, 12));
  // Films of older QuickTime cameras begin with their data.
  if (['moov', 'mdat', 'wide', 'skip', 'free'].includes(text.slice(4, 8))) return 'video';
  return isTransportStream(head) || text.startsWith('\x1aE\xdf\xa3') || text.startsWith('\0\0\x01\xba')
    ? 'video'
    : null;
}

const riffVideo = (text: string): Content | null => (text.startsWith('AVI ', 8) ? 'video' : null);

function ofBrand(brand: string): Content | null {
  if (HEIF_BRANDS.includes(brand)) return 'heif';
  if (brand === 'avif' || brand === 'avis') return 'picture';
  // Canon's CR3: a raw file in a film's container.
  return brand === 'crx ' ? null : 'video';
}

const isTransportStream = (head: Buffer): boolean =>
  (head[0] === SYNC && head[TRANSPORT_PACKET] === SYNC) ||
  (head[BDAV_PACKET - TRANSPORT_PACKET] === SYNC &&
    head[BDAV_PACKET - TRANSPORT_PACKET + BDAV_PACKET] === SYNC);
