import type { Photo, Section } from './shelf.ts';

/** Photos that are picked out: size in bytes by id. */
export type Selection = ReadonlyMap<string, number>;

export const NOTHING: Selection = new Map();
/** As many as the box packs into one archive (`services/pictures/selections.ts`). */
export const MAX_SELECTED = 10_000;

export function toggled(selection: Selection, photo: Photo): Selection {
  return selection.has(photo.id) ? without(selection, [photo]) : withAll(selection, [photo]);
}

/** As many of them as there is room for. */
export function withAll(selection: Selection, photos: readonly Photo[]): Selection {
  const next = new Map(selection);
  for (const { id, sizeBytes } of photos) {
    if (next.size < MAX_SELECTED || next.has(id)) next.set(id, sizeBytes);
  }
  return next;
}

export function without(selection: Selection, photos: readonly Photo[]): Selection {
  const next = new Map(selection);
  for (const { id } of photos) next.delete(id);
  return next;
}

export const bytesOf = (selection: Selection): number =>
  [...selection.values()].reduce((sum, bytes) => sum + bytes, 0);

/** `all` only when every photo of the day is here and picked out. */
export function shareOf(selection: Selection, { photos, count }: Section): 'none' | 'some' | 'all' {
  const picked = photos.filter(({ id }) => selection.has(id)).length;
  if (picked === 0) return 'none';
  return picked === count ? 'all' : 'some';
}
