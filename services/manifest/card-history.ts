import { Buffer } from 'node:buffer';
import type { RelativePath } from '../../machines/ids.ts';
import type { ManifestHash } from '../../machines/media.ts';
import { CardError } from '../errors.ts';
import type { CardFile, CardPath, CardReader } from '../media-ports.ts';
import { Histories } from '../verify/histories.ts';
import { type HistorySource, MAX_MANIFEST_BYTES } from './history.ts';
import { isManifestError, ManifestError } from './manifest-error.ts';
import type { HashFormat, HashValue } from './mhl-reader.ts';
import { ASCMHL_FOLDER, CHAIN_FILE, sequenceOf } from './names.ts';

/** About 30 MB of memory; a card of film has a few hundred files, one of photos some thousand. */
export const MAX_CARD_FILES = 100_000;
/** XXH128 is left out: without native code it would be slower than the card. */
const CHEAP: readonly HashFormat[] = ['xxh64', 'xxh3', 'md5', 'sha1', 'c4'];

/** What was read from the card. */
export interface ReadContent {
  readonly sizeBytes: number;
  readonly xxh64: string;
  /** In the format that `wanted` named, or the one of the configuration. */
  readonly hash?: ManifestHash;
}

/** What is wrong with a manifest on a card, for people. */
export interface CardHistoryProblem {
  readonly path: RelativePath;
  readonly detail: string;
}

interface Promised {
  readonly sizeBytes: number | null;
  readonly hash: HashValue | null;
  /** Of the card's own manifest. */
  readonly manifest: RelativePath;
}

/** True for a file of an ASC MHL history: `ascmhl/0001_….mhl` and its chain, in any folder. */
export function isManifest(path: RelativePath): boolean {
  const [name = '', folder] = path.split('/').reverse();
  return folder === ASCMHL_FOLDER && (name === CHAIN_FILE || sequenceOf(name) !== null);
}

/**
 * The histories that a camera or another tool left on a card. `manifests`: every path of the card's listing for which
 * `isManifest` is true; without any, nothing is read. `further`: the configuration's format, which the engine computes
 * anyhow. A manifest that is damaged, altered or cannot be read vouches for nothing: see `problems`. Throws `CardError`
 * `gone` only.
 */
export async function openCardHistory(
  cards: Pick<CardReader, 'open'>,
  root: string,
  manifests: readonly RelativePath[],
  further: ManifestHash['format'] | null = null,
): Promise<CardHistory> {
  const formats = new Set<HashFormat>(further === null ? CHEAP : [...CHEAP, further]);
  const source = cardSource(cards, root, manifests);
  const depth = (path: RelativePath | null): number => (path === null ? 0 : path.split('/').length);
  const roots = [...new Set(manifests.map(rootOf))].sort((a, b) => depth(b) - depth(a));
  const histories = new Histories({ ...source, formats }, roots);
  const files = new Map<RelativePath, Promised>();
  const problems: CardHistoryProblem[] = [];
  try {
    for await (const { path, sizeBytes, hash, generation } of histories.files()) {
      if (files.size >= MAX_CARD_FILES) {
        const detail = `lists more than ${MAX_CARD_FILES} files: the others are not held against it`;
        problems.push({ path: generation.path, detail });
        break;
      }
      files.set(path, { sizeBytes, hash, manifest: generation.path });
    }
  } catch (error) {
    if (!isManifestError(error)) throw error;
    const [path] = manifests;
    if (path !== undefined) problems.push({ path, detail: error.message });
  }
  return new CardHistory(files, [...problems, ...histories.problems]);
}

/** Folder above `ascmhl`; null is the card itself. */
function rootOf(manifest: RelativePath): RelativePath | null {
  const folders = manifest.split('/').slice(0, -2);
  return folders.length === 0 ? null : (folders.join('/') as RelativePath);
}

function cardSource(
  cards: Pick<CardReader, 'open'>,
  root: string,
  manifests: readonly RelativePath[],
): HistorySource {
  const listed = new Set<string>(manifests);
  const read = async (path: RelativePath) => (listed.has(path) ? readManifest(cards, root, { path }) : null);
  return {
    list: async (folder) =>
      manifests.flatMap((path) =>
        path.startsWith(`${folder}/`) && !path.slice(folder.length + 1).includes('/')
          ? [path.slice(folder.length + 1)]
          : [],
      ),
    // Bounded where it is read.
    stat: async (path) => (listed.has(path) ? { sizeBytes: 0 } : null),
    readText: read,
  };
}

async function readManifest(cards: Pick<CardReader, 'open'>, root: string, path: CardPath): Promise<string> {
  let file: CardFile | null = null;
  try {
    file = await cards.open(root, path);
    if (file.sizeBytes > MAX_MANIFEST_BYTES) {
      throw new ManifestError('limit', `more than ${MAX_MANIFEST_BYTES} bytes`);
    }
    const bytes = Buffer.alloc(file.sizeBytes);
    let done = 0;
    while (done < bytes.length) {
      const count = await file.read(bytes.subarray(done), done);
      if (count === 0) break;
      done += count;
    }
    return bytes.toString('utf8', 0, done);
  } catch (error) {
    // One bad sector in a manifest takes that manifest's word away, no more.
    if (!(error instanceof CardError) || error.code === 'gone') throw error;
    throw new ManifestError('damaged', error.message, error);
  } finally {
    await file?.close();
  }
}

/** What the card says of its own files. */
export class CardHistory {
  /** Of the manifests themselves, for people. */
  readonly problems: readonly CardHistoryProblem[];
  readonly #files: Map<RelativePath, Promised>;
  readonly #seen = new Set<RelativePath>();

  constructor(files: Map<RelativePath, Promised>, problems: readonly CardHistoryProblem[]) {
    this.#files = files;
    this.problems = problems;
  }

  /** False for most cards: nothing needs to be asked. */
  get isEmpty(): boolean {
    return this.#files.size === 0;
  }

  /** What has to be computed while the file is read, beside XXH64, to hold it against the manifest; null for nothing. */
  wanted(path: RelativePath): ManifestHash['format'] | null {
    const format = this.#files.get(path)?.hash?.format ?? 'xxh64';
    return format === 'xxh64' ? null : format;
  }

  /**
   * Null when the manifest says the same, or nothing that can be held against what was read; else, for people, in what
   * they differ. What was read is a true copy of the card all the same: see `ARCHITECTURE.md`.
   */
  contradiction(path: RelativePath, read: ReadContent): string | null {
    const promised = this.#files.get(path);
    if (promised === undefined) return null;
    this.#seen.add(path);
    const { sizeBytes, hash, manifest } = promised;
    if (sizeBytes !== null && sizeBytes !== read.sizeBytes) {
      return `${path}: ${read.sizeBytes} bytes, ${manifest} says ${sizeBytes}`;
    }
    if (hash === null) return null;
    const found = hash.format === 'xxh64' ? read.xxh64 : valueIn(read, hash.format);
    if (found === null || found === hash.value) return null;
    return `${path}: ${hash.format} ${found}, ${manifest} says ${hash.value}`;
  }

  /** Listed by the card's own manifests, and never asked for with `contradiction`: they are not on the card any more. */
  *missing(): Generator<RelativePath> {
    for (const path of this.#files.keys()) if (!this.#seen.has(path)) yield path;
  }
}

const valueIn = ({ hash }: ReadContent, format: HashFormat): string | null =>
  hash?.format === format ? hash.value : null;
