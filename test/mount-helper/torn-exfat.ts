/** A file on exFAT that came half, as a power cut leaves it: its entries lie in two sectors, or two folders. */
import type { ExfatImage } from './images.ts';

export const INCOMING = ['.imagetank', 'incoming'] as const;

/** The first entry of a file lies at 0, the second (size and place) at 32, the third (name) at 64. */
type Tear = (image: ExfatImage, at: number) => void;

export const otherSize: Tear = (image, at) => void image.bytes.writeUInt8(1, at + 40);

export const without =
  (...entries: readonly number[]): Tear =>
  (image, at) => {
    for (const entry of entries) image.bytes.fill(0, at + entry * 32, at + entry * 32 + 32);
  };

/** What is not in use any more loses its highest bit. */
export const gone =
  (entry: number): Tear =>
  (image, at) => {
    image.bytes[at + entry * 32] = (image.bytes[at + entry * 32] ?? 0) & 0x7f;
  };

/** And the other file lies in a cluster that counts as free. */
export const alsoFree: Tear = (image, at) => {
  otherSize(image, at);
  image.take(OTHER + 1, false);
};

const OTHER = 90;

/** Two files in a folder below these, the first of them torn. */
export const tornFile =
  (folders: readonly string[], tear: Tear) =>
  (image: ExfatImage): void => {
    let within = 0;
    for (const [depth, name] of folders.entries()) {
      const cluster = 40 + depth * 10;
      image.addFolder(name, depth === 0 ? 2 : 0, cluster, within);
      within = cluster;
    }
    image.addFile('A.JPG', 0, 80, within);
    image.addFile('B.JPG', 1, OTHER, within);
    tear(image, image.entry(0, within));
  };
