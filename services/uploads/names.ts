import { Buffer } from 'node:buffer';
import { nameKind } from '../inbox/names.ts';

/** Bytes of one name on ext4 and btrfs; vfat and exFAT take 255 UTF-16 units, which are never more. */
export const MAX_NAME_BYTES = 255;
/** Room for ` (1000)`, and for what is put before a name. */
const ADDED_BYTES = 9;
/** Controls, what turns the direction of text or ends lines, unassigned; then what FAT, exFAT and NTFS refuse. */
const REFUSED = /[\p{C}\p{Zl}\p{Zp}<>:"|?*]/gu;
/** vfat and exFAT refuse these at the end of a name, or leave them out. */
const TRAILING = /[. ]+$/;
/** Names of devices, with any ending, on Windows. */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/**
 * A name for a file that every file system takes, and that the inbox takes for a whole file: without folders, leading dots
 * and controls, otherwise as it was sent, not normalised. `upload` when nothing is left.
 */
export function safeName(sent: string): string {
  const last = sent.split(/[/\\]/).at(-1) ?? '';
  const plain = last.replace(REFUSED, '_').replace(/^\.+/, '_').replace(TRAILING, '').trimStart();
  const name = shortened(plain.replace(/^_*$/, '') === '' ? 'upload' : plain);
  return whole(DEVICE.test(name) ? `_${name}` : name);
}

/** `x.part` and the like are files on their way for the inbox, which would wait for their end for ever. */
function whole(name: string): string {
  const first = nameKind(name) === 'file' ? name : `_${name}`;
  return nameKind(first) === 'file' ? first : `${first}_`;
}

function shortened(name: string): string {
  const [stem, ending] = parts(name);
  const kept = `${cut(stem, MAX_NAME_BYTES - ADDED_BYTES - Buffer.byteLength(ending))}${ending}`;
  // Without an ending the cut may have been behind one of these.
  return kept.replace(TRAILING, '');
}

/** The name itself, then with a number before its ending, at last with what no other upload has: some phones send every photo as `image.jpg`. */
export function* freeNames(name: string, max: number, uploadId: string): Generator<string> {
  const [stem, ending] = parts(name);
  yield name;
  for (let at = 2; at <= max; at += 1) yield `${stem} (${at})${ending}`;
  const last = ` (${uploadId})${ending}`;
  yield `${cut(stem, MAX_NAME_BYTES - Buffer.byteLength(last))}${last}`;
}

/** An ending is what follows the last dot, when it is short. */
function parts(name: string): readonly [stem: string, ending: string] {
  const dot = name.lastIndexOf('.');
  const hasEnding = dot > 0 && Buffer.byteLength(name.slice(dot)) <= 16;
  return hasEnding ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
}

/** At most so many bytes of UTF-8, never half a character. */
function cut(text: string, maxBytes: number): string {
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    kept += character;
  }
  return kept;
}
