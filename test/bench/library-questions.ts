/** What people ask a library, of photos that `fillCatalogue` made. */
import { driveId } from '../../machines/ids.ts';
import { LOOK_AT_ONCE } from '../../services/library/finder.ts';
import { Library } from '../../services/library/library.ts';
import { GROUPINGS, type Grouping } from '../../services/library/ports.ts';
import type { Store } from '../../services/ports.ts';
import { filledPhoto } from './catalogue-fill.ts';

/** How long each answer took, in ms. */
export type LibraryTimes = Readonly<Record<string, readonly number[]>>;

const PAGE_ROWS = 100;
/** What is found is a question for itself: this goes through all photos. */
const NOBODYS = 'zzzz';
/** Of the multiplicative generator of Park and Miller, CACM 31 (1988): the same photos in each run. */
const [FACTOR, MODULUS] = [48_271, 2_147_483_647];

/** Looks up `rounds` photos out of so many in every way, and turns pages. Throws when one of them is not found. */
export function askLibrary(store: Store, photos: number, rounds: number, nowMs: () => number): LibraryTimes {
  const library = new Library(store);
  const times: Record<string, number[]> = {};
  const took = (name: string, ask: () => unknown) => {
    const beganMs = nowMs();
    ask();
    times[name] = [...(times[name] ?? []), nowMs() - beganMs];
  };
  let seed = 1;
  const next: Record<string, string | null> = {};
  for (let round = 0; round < rounds; round += 1) {
    seed = (seed * FACTOR) % MODULUS;
    const { path, to, sizeBytes, xxh64 } = filledPhoto(seed % photos);
    const find = (name: string) => {
      const { lives } = library.explain({ name, limit: 1 });
      if (lives.length !== 1) throw new Error(`${name} is not found`);
    };
    took('content', () => {
      if (store.catalogue.findContent(DRIVE, sizeBytes, xxh64).length !== 1)
        throw new Error(`${xxh64} is not found`);
    });
    took('id', () => find(`${xxh64}-${sizeBytes}`));
    took('hash', () => find(xxh64));
    took('name', () => find(path.slice(path.lastIndexOf('/') + 1)));
    took('path on the card', () => find(path));
    took('path on the drive', () => find(`/media/photos/${to}`));
    took('page of photos', () => {
      const page = library.photos({ camera: 'unknown' }, { limit: PAGE_ROWS, after: next['photos'] ?? null });
      next['photos'] = page.next;
    });
    took('piece of a search', () => {
      const query = { part: NOBODYS, of: null };
      const { next: after } = store.shelf.withPart(query, {
        after: next['search'] ?? null,
        look: LOOK_AT_ONCE,
      });
      next['search'] = after;
    });
    for (const by of GROUPINGS) took(`page by ${by}`, () => turn(library, by, next));
  }
  return times;
}

/** That of the growth benchmark: any will do. */
export const DRIVE = driveId('d-bench');

function turn(library: Library, by: Grouping, next: Record<string, string | null>): void {
  next[by] = library.groups(by, { limit: PAGE_ROWS, after: next[by] ?? null }).next;
}
