import { type RelativePath, relativePath } from '../../machines/ids.ts';
import type { ShotGroup } from '../library/groups.ts';
import type { Shelving } from '../library/layout.ts';
import { folderOf, keepsCardNames, namingOf } from '../library/naming.ts';
import { shotOf } from '../library/shot.ts';
import { isNumbered } from '../library/template.ts';
import type { CardHistory } from '../manifest/card-history.ts';
import type { DriveStore, ReadBack, ScannedFile } from '../media-ports.ts';
import type { Catalogue } from '../ports.ts';
import { examineAll, type FilmHome, findTogether, type ReadMember } from './duplicates.ts';
import { shotOfFilm } from './filing.ts';
import type { Film } from './film.ts';
import type { Films } from './films.ts';
import type { BackupJob } from './job.ts';
import type { PlannedFile } from './ports.ts';
import type { Source } from './source.ts';
import type { LostCopies, Trusted } from './trust.ts';

export type Group = ShotGroup<PlannedFile>;

/** A member of a shot group of which the content is known. */
export type ReadFile = ReadMember & { readonly file: PlannedFile };

/** All that belongs to one drive of one backup. */
export interface DriveContext {
  readonly job: BackupJob;
  readonly store: DriveStore;
  readonly catalogue: Catalogue;
  readonly shelving: Shelving;
  readonly source: Source;
  /** The other chapters of a video, of which the group is one; else null. */
  readonly filmOf: (group: Group) => Film | null;
  readonly films: Pick<Films, 'captureOf'>;
  /** What the card's own manifests say of its files. */
  readonly cardHistory: Pick<CardHistory, 'wanted'>;
  /** False for a file (`FoundFile.file`) that another drive of this backup counts as its copy. */
  readonly claim: (file: string) => boolean;
  /** Told of everything that is read back, because it decides what the drive may claim. */
  readonly onReadBack: (result: ReadBack) => void;
  /** Copies that the catalogue knows and the drive no longer has. */
  readonly onLost: (files: LostCopies) => Promise<void>;
}

/** A cheap question, asked before anything is read: what surely is not on the drive is written at once. */
export function mayLieThere(members: readonly ScannedFile[], context: DriveContext): boolean {
  const { store, catalogue, shelving } = context;
  if (shelving.template !== null) {
    return members.every(({ sizeBytes }) => catalogue.hasSize(store.drive.id, sizeBytes));
  }
  const { folder, names } = namingOf({ members }, shelving, null);
  return names(1).every(
    (name) => catalogue.copyAt(store.drive.id, relativePath(`${folder}/${name}`)) !== null,
  );
}

/** Where a group that was read lies on the drive already, or null. Throws `DriveError`. */
export async function findDuplicate(
  members: readonly ReadFile[],
  context: DriveContext,
): Promise<readonly Trusted[] | null> {
  const { template } = context.shelving;
  const isEmpty = members.every(({ content }) => content.sizeBytes === 0);
  if (isEmpty && template !== null && isNumbered(template)) return seenEmpty(members, context);
  const film = await filmHome(members, context);
  return findTogether(members, onlyFolder(members, context.shelving), context, film);
}

/** Chapters that are on the card together have to lie together, or be able to. */
async function filmHome(members: readonly ReadFile[], context: DriveContext): Promise<FilmHome | null> {
  const { filmOf, shelving } = context;
  const group = { members: members.map(({ file }) => file) };
  // With names of their own, chapters are shots like any other.
  const film = keepsCardNames(group, shelving) ? filmOf(group) : null;
  if (film === null) return null;
  return { others: film.others, folder: folderOf(group, shelving, await shotOfFilm(film, null, context)) };
}

/** Names from a counter do not tell one empty file from another: only the very same file of this card counts. */
async function seenEmpty(
  members: readonly ReadMember[],
  context: DriveContext,
): Promise<readonly Trusted[] | null> {
  const { catalogue, store, job } = context;
  const copies = members.flatMap(({ file }) => {
    const isTold = file.pathBase64 === undefined;
    const seen = isTold ? catalogue.findSeen(store.drive.id, job.card.id, file.path) : null;
    return seen?.sizeBytes === 0 ? [seen.copy] : [];
  });
  return copies.length === members.length ? examineAll(copies, members, context) : null;
}

/** `mirror` counts one folder only; so do empty files, which would be duplicates of each other anywhere. */
function onlyFolder(members: readonly ReadFile[], shelving: Shelving): RelativePath | null {
  const [leading] = members;
  const empty = members.every(({ content }) => content.sizeBytes === 0);
  if (leading === undefined || (shelving.template !== null && !empty)) return null;
  const group = { members: members.map(({ file }) => file) };
  return folderOf(group, shelving, shotOf(null, leading.content.mtimeMs));
}
