import { Buffer, isUtf8 } from 'node:buffer';
import type { CardPath } from '../ports.ts';
import { extensionOf, mediaKind } from './media.ts';

/** Longest name of ext4, btrfs and xfs in bytes; exFAT and NTFS count 255 UTF-16 units, which is never less room. */
export const MAX_NAME_BYTES = 255;
/** A longer "extension" is part of the name: it must not push the name out when something is shortened. */
const MAX_EXTENSION_BYTES = 32;

const SLASH = 0x2f;
const MAX_UTF8_BYTES = 4;
/** C0, DEL and C1: they move cursors, break lines and crash the reference ASC MHL tool (`threats.md`). */
const CONTROLS = /\p{Cc}/gu;
/** What vfat, exfat and ntfs refuse, and what Windows could not open. */
const RESTRICTED = /[\\:*?"<>|]/g;
const TRAILING = /[. ]+$/;

const escapeByte = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
const escapeText = (text: string): string => [...Buffer.from(text)].map(escapeByte).join('');

/** Folder names and the file name of a card's path as safe UTF-8: other bytes and control characters become `%XX`. */
export function plainSegments(file: CardPath): readonly string[] {
  if (file.pathBase64 === undefined) return file.path.split('/').map(escapeControls);
  const raw = Buffer.from(file.pathBase64, 'base64');
  const segments: string[] = [];
  for (let start = 0; start <= raw.length; ) {
    const slash = raw.indexOf(SLASH, start);
    const end = slash === -1 ? raw.length : slash;
    segments.push(escapeControls(decode(raw.subarray(start, end))));
    start = end + 1;
  }
  return segments;
}

/** The file name alone. */
export function plainName(file: CardPath): string {
  return plainSegments(file).at(-1) ?? '';
}

const escapeControls = (text: string): string => text.replace(CONTROLS, escapeText);

function decode(raw: Uint8Array): string {
  let text = '';
  for (let at = 0; at < raw.length; ) {
    const length = sequenceLength(raw, at);
    text +=
      length === 0 ? escapeByte(raw[at] ?? 0) : Buffer.from(raw.subarray(at, at + length)).toString('utf8');
    at += Math.max(1, length);
  }
  return text;
}

/** Bytes of the UTF-8 character that begins here; 0 when none does. */
function sequenceLength(raw: Uint8Array, at: number): number {
  for (let length = 1; length <= MAX_UTF8_BYTES; length += 1) {
    if (at + length <= raw.length && isUtf8(raw.subarray(at, at + length))) return length;
  }
  return 0;
}

/** Two names with one key are one name on some drive: NFC and case fold. */
export function clashKey(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

export interface SplitName {
  /** What the files of one shot have in common. */
  readonly stem: string;
  /** `.JPG`, or `.CR2.xmp` for a sidecar that names its file whole. */
  readonly tail: string;
}

/** Splits a plain name. A suffix like `_2` goes between the two. */
export function splitName(name: string): SplitName {
  let tail = shortExtension(name);
  const rest = name.slice(0, name.length - tail.length);
  if (mediaKind(name) === 'sidecar' && mediaKind(rest) !== null) tail = shortExtension(rest) + tail;
  return { stem: name.slice(0, name.length - tail.length), tail };
}

function shortExtension(name: string): string {
  const extension = extensionOf(name);
  return Buffer.byteLength(extension) > MAX_EXTENSION_BYTES ? '' : extension;
}

/** Name of a folder on the drive. */
export function folderName(plain: string, restricted: boolean): string {
  const [name = ''] = driveNames([{ stem: plain, tail: '' }], 1, restricted);
  return name;
}

/**
 * Names of a whole shot group on the drive, in the order given; `number` 2 and up becomes `_2` behind each stem.
 * Too long ones are shortened alike, so that the group keeps one stem.
 */
export function driveNames(
  group: readonly SplitName[],
  number: number,
  restricted: boolean,
): readonly string[] {
  const suffix = number > 1 ? `_${number}` : '';
  const parts = group.map(({ stem, tail }) => ({
    stem: restricted ? stem.replace(RESTRICTED, escapeText) : stem,
    tail: restricted ? escapeEnd(tail.replace(RESTRICTED, escapeText)) : tail,
  }));
  const longest = Math.max(...parts.map(({ tail }) => Buffer.byteLength(tail)));
  const room = MAX_NAME_BYTES - longest - Buffer.byteLength(suffix);
  return parts.map(({ stem, tail }) => {
    const name = `${shorten(stem, room)}${suffix}${tail}`;
    return ownName(restricted && tail === '' ? shorten(escapeEnd(name), MAX_NAME_BYTES) : name);
  });
}

const escapeEnd = (text: string): string => text.replace(TRAILING, escapeText);

/** `ascmhl` is where the manifests lie: a card must not be able to write there. */
function ownName(name: string): string {
  return clashKey(name) === 'ascmhl' ? `${escapeText(name.slice(0, 1))}${name.slice(1)}` : name;
}

function shorten(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  let short = '';
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    short += character;
  }
  return short;
}
