import { Buffer, isUtf8 } from 'node:buffer';
import { xxh64 } from '@node-rs/xxhash';
import type { CardPath } from '../media-ports.ts';
import { extensionOf, mediaKind } from './media.ts';

/**
 * Longest name of ext4, btrfs and xfs in bytes; exFAT and NTFS count 255 UTF-16 units, which is never less room. One
 * limit for all, so that a photo has one name on every drive and a drive can be copied to any other.
 */
export const MAX_NAME_BYTES = 255;
/** A longer "extension" is part of the name: it must not push the name out when something is shortened. */
const MAX_EXTENSION_BYTES = 32;

/** Digits of the hash in a shortened name. */
const MARK_DIGITS = 8;

const SLASH = 0x2f;
const MAX_UTF8_BYTES = 4;
/** C0, DEL and C1: they move cursors, break lines and crash the reference ASC MHL tool (`threats.md`). */
const CONTROLS = /\p{Cc}/gu;
/** What vfat, exfat and ntfs refuse, and what Windows could not open. */
const RESTRICTED = /[\\:*?"<>|]/g;
const TRAILING = /[. ]+$/;
/**
 * Names of devices, with any ending: Windows opens the device and not the file (Win32 "Naming Files, Paths, and
 * Namespaces"); superscript digits count.
 */
const DEVICE =
  /^(?:con|prn|aux|nul|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3]|conin\$|conout\$) *(?:\.|$)/i;
/** What nearly all names of cameras look like: nothing in it is ever escaped or shortened. */
const ORDINARY = /^[\w-]{5,100}\.\w{1,8}$/;

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

/** What stands behind the last slash of a path, as it is. */
export const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

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

/** A name of dots alone is another folder, or none. */
export const withoutDots = (name: string): string =>
  /^\.+$/.test(name) ? name.replaceAll('.', '%2E') : name;

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
    plain: stem,
    ...(restricted ? restrictedParts(stem, suffix, tail) : { stem, tail }),
  }));
  const longest = Math.max(...parts.map(({ tail }) => Buffer.byteLength(tail)));
  const room = MAX_NAME_BYTES - longest - Buffer.byteLength(suffix);
  // All of them or none: the group keeps one stem.
  const isLong = parts.some(({ stem }) => Buffer.byteLength(stem) > room);
  return parts.map(({ plain, stem, tail }) => {
    return ownName(`${isLong ? shorten(stem, plain, room) : stem}${suffix}${tail}`);
  });
}

function restrictedParts(stem: string, suffix: string, tail: string): SplitName {
  const escaped = stem.replace(RESTRICTED, escapeText);
  const ended = tail === '' && suffix === '' ? escapeEnd(escaped) : escaped;
  return {
    // Members of one shot that differ by case are still one name: the letter is escaped as a capital.
    stem: DEVICE.test(`${stem}${suffix}${tail}`)
      ? `${escapeText(ended.slice(0, 1).toUpperCase())}${ended.slice(1)}`
      : ended,
    tail: escapeEnd(tail.replace(RESTRICTED, escapeText)),
  };
}

/** True when the file gets another name on such a drive, even where that name is free. */
export function isRenamed(file: CardPath, restricted: boolean): boolean {
  const name = fileName(file.path);
  if (file.pathBase64 === undefined && ORDINARY.test(name)) return false;
  return driveNames([splitName(plainName(file))], 1, restricted)[0] !== name;
}

const escapeEnd = (text: string): string => text.replace(TRAILING, escapeText);

export const isOwnName = (name: string): boolean => clashKey(name) === 'ascmhl';

/** Whether FAT, exFAT or NTFS refuse a character of it. */
export const isRestricted = (text: string): boolean => text.search(RESTRICTED) !== -1;

/** `ascmhl` is where the manifests lie: a card must not be able to write there. */
function ownName(name: string): string {
  return isOwnName(name) ? `${escapeText(name.slice(0, 1))}${name.slice(1)}` : name;
}

/**
 * The beginning of the stem, `~` and 8 digits of a hash of all of it: long names often differ at their ends alone.
 * Case does not count in the hash, so that the members of a shot agree.
 */
function shorten(stem: string, plain: string, maxBytes: number): string {
  const mark = `~${xxh64(clashKey(plain)).toString(16).padStart(16, '0').slice(-MARK_DIGITS)}`;
  return `${cut(stem, maxBytes - mark.length)}${mark}`;
}

/** The beginning of a text, in whole characters. */
export function cut(text: string, maxBytes: number): string {
  let short = '';
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    short += character;
  }
  return short;
}
