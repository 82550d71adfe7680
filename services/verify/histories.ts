import type { RelativePath } from '../../machines/ids.ts';
import { UserError } from '../errors.ts';
import { c4OfText } from '../manifest/c4.ts';
import {
  type HistorySource,
  type ManifestProblem,
  type MhlHistory,
  openHistory,
} from '../manifest/history.ts';
import { ASCMHL_FOLDER, CHAIN_FILE, sequenceOf } from '../manifest/names.ts';
import { type NewestFile, newestFiles } from '../manifest/newest.ts';
import { PathSet } from '../manifest/path-set.ts';
import { SYSTEM_PATTERNS } from '../manifest/system-files.ts';
import { ignoreRule } from './ignore.ts';
import type { FolderReader } from './ports.ts';

/** Every card of a long shoot may carry its own. */
const MAX_HISTORIES = 10_000;
/** What a history ignores even where it does not say so: its own folder, and what a Mac or a PC left behind. */
const ALWAYS_IGNORED = [...SYSTEM_PATTERNS, ASCMHL_FOLDER];

/** Roots of all histories in a folder, deepest first; null is the folder itself. Throws `UserError` 65 for too many. */
export async function historyRoots(
  reader: FolderReader,
  stop: AbortSignal,
): Promise<readonly (RelativePath | null)[]> {
  const roots = new Set<RelativePath | null>();
  for await (const { path } of reader.walk()) {
    stop.throwIfAborted();
    const segments = path.split('/');
    const name = segments.pop() ?? '';
    if (segments.pop() !== ASCMHL_FOLDER || (name !== CHAIN_FILE && sequenceOf(name) === null)) continue;
    roots.add(segments.length === 0 ? null : (segments.join('/') as RelativePath));
    if (roots.size > MAX_HISTORIES) {
      throw new UserError(
        'too-many-histories',
        65,
        `more than ${MAX_HISTORIES} histories`,
        'Verify a folder below.',
      );
    }
  }
  const depth = (root: RelativePath | null): number => (root === null ? 0 : root.split('/').length);
  return [...roots].sort((a, b) => depth(b) - depth(a));
}

/** What is asked of a `FolderReader`, or of a card. */
type HistoriesSource = HistorySource & Pick<FolderReader, 'formats' | 'lastFormats'>;

/** Several histories as one: the deepest one that lists a path has the word. */
export class Histories {
  readonly problems: ManifestProblem[] = [];
  readonly #reader: HistoriesSource;
  readonly #roots: readonly (RelativePath | null)[];
  readonly #seen = new PathSet();
  readonly #oldNames = new Set<RelativePath>();
  #ignored: ((path: RelativePath) => boolean)[] = [];

  /** `roots` deepest first. */
  constructor(reader: HistoriesSource, roots: readonly (RelativePath | null)[]) {
    this.#reader = reader;
    this.#roots = roots;
  }

  /** Each listed path once. When it is read to the end, `problems` and `knows` are complete. */
  async *files(): AsyncGenerator<NewestFile> {
    const { formats, lastFormats } = this.#reader;
    for (const root of this.#roots) {
      const history = await openHistory(this.#reader, root);
      for await (const file of newestFiles(history, formats, this.#seen, lastFormats)) {
        if (file.previousPath !== null && !this.#seen.has(file.previousPath)) {
          this.#oldNames.add(file.previousPath);
        }
        yield file;
      }
      this.problems.push(...history.problems, ...(await this.#references(history)));
      const rule = ignoreRule([...ALWAYS_IGNORED, ...history.ignored]);
      this.#ignored.push((path) => {
        if (root === null) return rule(path);
        return path.startsWith(`${root}/`) && rule(path.slice(root.length + 1) as RelativePath);
      });
    }
  }

  /**
   * True when no manifest lists the path, or only as the name that a file had once: who has a copy under it still has to
   * look at it. From then on it counts as listed.
   */
  claim(path: RelativePath): boolean {
    return this.#oldNames.delete(path) || this.#seen.add(path);
  }

  /** Listed, renamed from, or ignored. */
  knows(path: RelativePath): boolean {
    return this.#seen.has(path) || this.#ignored.some((ignores) => ignores(path));
  }

  /** A parent history keeps the C4 of its children's generations: they must still be those. */
  async #references(history: MhlHistory): Promise<ManifestProblem[]> {
    const problems: ManifestProblem[] = [];
    for (const [path, c4] of history.references) {
      const text = await this.#reader.readText(path);
      if (text === null) {
        problems.push({ path, why: 'missing', detail: 'a history above names it', held: 'nothing' });
      } else if (c4OfText(text) !== c4) {
        const detail = 'its C4 is not the one that a history above keeps';
        problems.push({ path, why: 'altered', detail, held: 'all' });
      }
    }
    return problems;
  }
}
