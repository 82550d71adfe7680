import { type RelativePath, relativePath } from '../../machines/ids.ts';
import { mediaKind } from '../library/media.ts';
import { isNumbered, seqReader, type Template } from '../library/template.ts';
import type { DriveStore } from '../media-ports.ts';
import type { Counter } from './numbering.ts';

type Listing = Pick<DriveStore, 'list'>;

/** Lets the counter go on behind what lies on a drive; does nothing in a layout without one. */
export function surveyor(template: Template | null, counter: Counter): (store: Listing) => Promise<void> {
  if (template === null || !isNumbered(template)) return async () => undefined;
  return async (store) => counter.met(await highestLying(store, template));
}

/**
 * The highest number of a template that lies on a drive, whoever wrote it and whether a manifest lists it or not; 0 when
 * there is none. Reads names alone, and no deeper than the template leads. Throws `DriveError`.
 */
async function highestLying(store: Listing, template: Template): Promise<number> {
  const seqIn = seqReader(template);
  let highest = 0;
  let folders: readonly RelativePath[] = [relativePath('Photos')];
  for (let depth = 0; depth < template.folders.length; depth += 1) {
    const below: RelativePath[] = [];
    for (const folder of folders) {
      // A file has nothing below it, but asking costs as much as a folder.
      const names = (await store.list(folder)).filter((name) => mediaKind(name) === null);
      below.push(...names.map((name) => relativePath(`${folder}/${name}`)));
    }
    folders = below;
  }
  for (const folder of folders) {
    for (const name of await store.list(folder)) highest = Math.max(highest, seqIn(name) ?? 0);
  }
  return highest;
}
