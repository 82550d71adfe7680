import { type RelativePath, relativePath } from '../../machines/ids.ts';
import { ManifestError } from './manifest-error.ts';
import type { ChainEntry } from './mhl-writer.ts';
import { type Attributes, type XmlHandler, XmlReader } from './xml-reader.ts';

/** Hash formats of ASC MHL v2.0, the one we trust most for its use in imagetank first, then by strength. */
export const HASH_FORMATS = ['xxh64', 'c4', 'sha1', 'xxh128', 'xxh3', 'md5'] as const;
export type HashFormat = (typeof HASH_FORMATS)[number];

/** As written in the manifest; hexadecimal in lower case, C4 as it is. */
export interface HashValue {
  readonly format: HashFormat;
  readonly value: string;
}

export interface ListedFile {
  readonly kind: 'file';
  /** Below the root of the history. */
  readonly path: RelativePath;
  readonly sizeBytes: number | null;
  /** In the order of `HASH_FORMATS`; without those whose action is `failed`, which record a mismatch. */
  readonly hashes: readonly HashValue[];
  /** Where the file lay in earlier generations. */
  readonly previousPath: RelativePath | null;
}

export type ManifestItem =
  | ListedFile
  /** An absolute path, or one that climbs out of the root: never opened. */
  | { readonly kind: 'refused'; readonly path: string }
  | { readonly kind: 'ignore'; readonly pattern: string }
  /** A generation of a history in a folder below, and what its bytes were. */
  | { readonly kind: 'reference'; readonly path: RelativePath; readonly c4: string };

/** Ten times what one of our generations may hold. */
export const MAX_ENTRIES = 1_000_000;
export const MAX_CHAIN_ENTRIES = 10_000;

const MHL_NAMESPACE = 'urn:ASC:MHL:v2.0';
const CHAIN_NAMESPACE = 'urn:ASC:MHL:DIRECTORY:v2.0';
const HASH = 'hashlist/hashes/hash';
const REFERENCE = 'hashlist/references/hashlistreference';

/** Digits of each format; what does not fit is no hash. */
const FORM: Readonly<Record<HashFormat, RegExp>> = {
  xxh64: /^[0-9a-f]{16}$/,
  c4: /^c4[1-9A-HJ-NP-Za-km-z]{88}$/,
  sha1: /^[0-9a-f]{40}$/,
  xxh128: /^[0-9a-f]{32}$/,
  xxh3: /^[0-9a-f]{16}$/,
  md5: /^[0-9a-f]{32}$/,
};

const isFormat = (name: string): name is HashFormat => (HASH_FORMATS as readonly string[]).includes(name);

/** Null for a path that is absolute, climbs, or is none. */
function safePath(text: string): RelativePath | null {
  try {
    return text.includes('\0') ? null : relativePath(text);
  } catch {
    return null;
  }
}

class GenerationHandler implements XmlHandler {
  /** What was read and not yet handed on. */
  items: ManifestItem[] = [];
  /** Attributes of the innermost element, for its close: only leaves are asked. */
  #attributes: Attributes = new Map();
  #path = '';
  #size: number | null = null;
  #previous: string | null = null;
  #hashes: HashValue[] = [];
  #c4 = '';
  #count = 0;

  open(path: string, attributes: Attributes): void {
    this.#attributes = attributes;
    if (path === 'hashlist' && attributes.get('version') !== '2.0') {
      throw new ManifestError('damaged', 'not an ASC MHL of version 2.0');
    }
    if (path !== HASH && path !== REFERENCE) return;
    this.#path = '';
    this.#size = null;
    this.#previous = null;
    this.#hashes = [];
    this.#c4 = '';
  }

  close(path: string, text: string): void {
    if (path === HASH) this.#push(this.#file());
    else if (path.startsWith(`${HASH}/`)) this.#leaf(path.slice(HASH.length + 1), text);
    else if (path === 'hashlist/processinfo/ignore/pattern') this.#push({ kind: 'ignore', pattern: text });
    else if (path === `${REFERENCE}/path`) this.#path = text;
    else if (path === `${REFERENCE}/c4`) this.#c4 = text.trim();
    else if (path === REFERENCE) this.#push(this.#reference());
  }

  #leaf(name: string, text: string): void {
    if (name === 'path') {
      this.#path = text;
      this.#size = sizeOf(this.#attributes.get('size'));
    } else if (name === 'previousPath') {
      this.#previous = text;
    } else if (isFormat(name) && this.#attributes.get('action') !== 'failed') {
      this.#hashes.push(hashValue(name, text.trim()));
    }
  }

  #file(): ManifestItem {
    const path = safePath(this.#path);
    if (path === null) return { kind: 'refused', path: this.#path };
    const hashes = this.#hashes.sort(
      (a, b) => HASH_FORMATS.indexOf(a.format) - HASH_FORMATS.indexOf(b.format),
    );
    const previousPath = this.#previous === null ? null : safePath(this.#previous);
    return { kind: 'file', path, sizeBytes: this.#size, hashes, previousPath };
  }

  #reference(): ManifestItem {
    const path = safePath(this.#path);
    return path === null ? { kind: 'refused', path: this.#path } : { kind: 'reference', path, c4: this.#c4 };
  }

  #push(item: ManifestItem): void {
    this.#count += 1;
    if (this.#count > MAX_ENTRIES) throw new ManifestError('limit', `more than ${MAX_ENTRIES} entries`);
    this.items.push(item);
  }
}

function hashValue(format: HashFormat, text: string): HashValue {
  const value = format === 'c4' ? text : text.toLowerCase();
  if (!FORM[format].test(value)) {
    throw new ManifestError('damaged', `${JSON.stringify(text.slice(0, 100))} is no ${format}`);
  }
  return { format, value };
}

/** The reference tool's schema lets `-1` pass: such a size says nothing. */
function sizeOf(text: string | undefined): number | null {
  const size = text === undefined || !/^\d{1,16}$/.test(text) ? null : Number(text);
  return size === null || !Number.isSafeInteger(size) ? null : size;
}

/**
 * Reads a generation, ours or another tool's, while its text comes in: entries are handed on as they are read, so a
 * torn file throws `ManifestError` only after its whole entries. Memory does not grow with the entries.
 */
export function* readGeneration(chunks: Iterable<string>): Generator<ManifestItem> {
  const handler = new GenerationHandler();
  const reader = new XmlReader(MHL_NAMESPACE, handler);
  for (const chunk of chunks) {
    reader.write(chunk);
    const { items } = handler;
    handler.items = [];
    yield* items;
  }
  reader.end();
  yield* handler.items;
}

/** Reads `ascmhl_chain.xml`. Throws `ManifestError`, also for a name that leads out of the folder. */
export function readChain(text: string): ChainEntry[] {
  const entries: ChainEntry[] = [];
  let entry = { sequence: 0, name: '', c4: '' };
  const reader = new XmlReader(CHAIN_NAMESPACE, {
    open(path, attributes) {
      if (path === 'ascmhldirectory/hashlist') {
        entry = { sequence: sizeOf(attributes.get('sequencenr')) ?? 0, name: '', c4: '' };
      }
    },
    close(path, value) {
      if (path === 'ascmhldirectory/hashlist/path') entry.name = value;
      else if (path === 'ascmhldirectory/hashlist/c4') entry.c4 = value.trim();
      else if (path === 'ascmhldirectory/hashlist') entries.push(checked(entry, entries.length));
    },
  });
  reader.write(text);
  reader.end();
  return entries;
}

function checked(entry: ChainEntry, before: number): ChainEntry {
  if (before >= MAX_CHAIN_ENTRIES) {
    throw new ManifestError('limit', `more than ${MAX_CHAIN_ENTRIES} generations`);
  }
  if (safePath(entry.name) === null || entry.name.includes('/')) {
    throw new ManifestError('damaged', `${JSON.stringify(entry.name)} is no name of a generation`);
  }
  if (!FORM.c4.test(entry.c4)) throw new ManifestError('damaged', `${entry.name} has no C4`);
  return entry;
}
