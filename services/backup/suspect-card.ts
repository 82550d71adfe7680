import type { Card } from '../../machines/media.ts';
import { extensionOf, type MediaKind, mediaKind } from '../library/media.ts';
import { plainName } from '../library/names.ts';
import type { CardPath } from '../media-ports.ts';
import type { Content } from './content.ts';

/** A page of flash that was never written, or lies behind the real end of the card, reads as one byte over and over. */
const BLANK_BYTES: ReadonlySet<number> = new Set([0x00, 0xff]);
const LOOKED_AT_BYTES = 4096;
const MARKED_KINDS: ReadonlySet<MediaKind | null> = new Set(['raw', 'photo', 'video']);

/** FAT and exFAT know no holes, no compression and no hard links: there a byte of a file is a byte of the card. */
const PLAIN_TYPES: ReadonlySet<string> = new Set(['vfat', 'msdos', 'exfat']);

/** True when all of a file's beginning is one such byte. */
export function isOneByte(start: Uint8Array): boolean {
  const [first = 1] = start;
  return (
    start.length >= LOOKED_AT_BYTES &&
    BLANK_BYTES.has(first) &&
    start.subarray(0, LOOKED_AT_BYTES).every((byte) => byte === first)
  );
}

/**
 * True for a photo, raw or video that begins with 4 KiB of 0x00 or 0xFF alone: every format of `media.ts` has a mark of
 * its own there, but `.raw`, which may be what the sensor gave and nothing else. It is copied as it is, and named.
 */
export function isBlank(file: CardPath, { beginsBlank }: Pick<Content, 'beginsBlank'>): boolean {
  const name = plainName(file);
  return beginsBlank && MARKED_KINDS.has(mediaKind(name)) && extensionOf(name).toLowerCase() !== '.raw';
}

/**
 * One line when the card's files are more than the card can be; null where that is no sign (other file systems may
 * hold files with holes), or nothing is known of its size. `listedBytes` is the sum of all sizes of the listing.
 */
export function largerThanItself(
  { label, fsType, sizeBytes }: Pick<Card, 'label' | 'fsType' | 'sizeBytes'>,
  listedBytes: number,
): string | null {
  if (sizeBytes === null || !PLAIN_TYPES.has(fsType ?? '') || listedBytes <= sizeBytes) return null;
  return `${label}: its files are ${listedBytes} bytes and the card is ${sizeBytes}: it has less room than it says (fake flash), or its file system is damaged`;
}
