import { Buffer } from 'node:buffer';
import { Xxh64 } from '@node-rs/xxhash';
import { type RelativePath, relativePath } from '../../machines/ids.ts';
import { fileName } from '../library/names.ts';
import type { FolderHash, GenerationFolder } from './mhl-writer.ts';

/** What is known of a folder until all of it has come. */
interface OpenFolder {
  readonly path: string;
  /** Of what lies directly in it: files and folders. */
  readonly contents: string[];
  readonly structures: string[];
  /** False when something in it or below could not be read: no hash would be true. */
  whole: boolean;
}

/**
 * Directory hashes of ASC MHL v2.0 (reference tool, hasher.py), in XXH64, of a tree whose files come depth first, each
 * folder's one after the other. The *content* hash of a folder is the hash over the raw hashes of what lies in it, in
 * the order of their hexadecimal text: files by their content, folders by their content hash. The *structure* hash is
 * the same over hashes of name (UTF-8) and content of a file, name and structure hash of a folder. Folders without a
 * file do not appear. Memory is that of the folders above the present file.
 */
export class FolderHashes {
  readonly #open: OpenFolder[] = [openFolder('')];

  /** A file below the root, null where it could not be read. Returns the folders that are complete now, innermost first. */
  add(path: RelativePath, xxh64: string | null): readonly GenerationFolder[] {
    const segments = path.split('/');
    const name = segments.pop() ?? '';
    const folder = segments.join('/');
    const closed: GenerationFolder[] = [];
    while (!isIn(folder, this.#top().path)) closed.push(...this.#close());
    for (let depth = this.#open.length; depth <= segments.length; depth += 1) {
      this.#open.push(openFolder(segments.slice(0, depth).join('/')));
    }
    const top = this.#top();
    if (xxh64 === null) top.whole = false;
    else enter(top, name, xxh64, xxh64);
    return closed;
  }

  /** The folders that are left, and the root; null where something could not be read. */
  end(): { readonly folders: readonly GenerationFolder[]; readonly root: FolderHash | null } {
    const folders: GenerationFolder[] = [];
    while (this.#open.length > 1) folders.push(...this.#close());
    const root = this.#top();
    return { folders, root: root.whole ? hashesOf(root) : null };
  }

  #top(): OpenFolder {
    const top = this.#open.at(-1);
    if (top === undefined) throw new RangeError('no folder is open');
    return top;
  }

  #close(): readonly GenerationFolder[] {
    const folder = this.#top();
    this.#open.pop();
    const above = this.#top();
    if (!folder.whole) {
      above.whole = false;
      return [];
    }
    const hashes = hashesOf(folder);
    enter(above, fileName(folder.path), hashes.content, hashes.structure);
    return [{ path: relativePath(folder.path), ...hashes }];
  }
}

const openFolder = (path: string): OpenFolder => ({ path, contents: [], structures: [], whole: true });

const isIn = (folder: string, above: string): boolean =>
  above === '' || folder === above || folder.startsWith(`${above}/`);

function enter(folder: OpenFolder, name: string, content: string, structure: string): void {
  folder.contents.push(content);
  folder.structures.push(xxh64Of([Buffer.from(name), Buffer.from(structure, 'hex')]));
}

const hashesOf = ({ contents, structures }: OpenFolder): FolderHash => ({
  content: xxh64Of(contents.sort().map((hash) => Buffer.from(hash, 'hex'))),
  structure: xxh64Of(structures.sort().map((hash) => Buffer.from(hash, 'hex'))),
});

function xxh64Of(parts: readonly Buffer[]): string {
  const hash = new Xxh64();
  for (const part of parts) hash.update(part);
  return hash.digest().toString(16).padStart(16, '0');
}
