import type { RelativePath } from '../../machines/ids.ts';
import type { Capture } from '../../machines/media.ts';
import { shotOfGroup } from '../backup/filing.ts';
import { type Film, filmOf } from '../backup/film.ts';
import type { PlannedFile } from '../backup/ports.ts';
import { dayOf } from '../library/days.ts';
import { kindOfGroup, type ShotGroup } from '../library/groups.ts';
import { isRead } from '../library/metadata-readers.ts';
import { fileName } from '../library/names.ts';
import type { PhotoShelf } from '../library/ports.ts';
import { leadingCapture } from '../library/shot.ts';
import type { DriveStore, MetadataReader } from '../media-ports.ts';
import type { Catalogue } from '../ports.ts';
import { layoutDay } from '../projections/photos.ts';
import type { ReadFile } from './batch.ts';
import { type FolderShots, shotsOfFolder } from './folder-shots.ts';

type Group = ShotGroup<PlannedFile>;

export interface ShotDayParts {
  readonly store: Pick<DriveStore, 'drive' | 'list' | 'statAll'>;
  readonly metadata: Pick<MetadataReader, 'captures'>;
  readonly catalogue: Pick<Catalogue, 'copyAt'>;
  readonly shelf: Pick<PhotoShelf, 'photo'>;
  /** `HH:MM`, as configured. */
  readonly dayStarts: string;
}

/** No layout is asked for here, so that nobody asks a camera. */
const NO_NAMES = { shelving: { template: null }, films: { captureOf: async () => null } } as const;

interface Asked {
  readonly group: Group;
  readonly film: Film | null;
  readonly files: readonly ReadFile[];
}

/**
 * Days of shots, found as a backup finds them, over the whole folder of a file: what was read in another batch, or is
 * known from before, belongs to the shot all the same. Memory: names of the largest folder.
 */
export class ShotDays {
  readonly #parts: ShotDayParts;
  #folder: FolderShots | null = null;

  constructor(parts: ShotDayParts) {
    this.#parts = parts;
  }

  /** `YYYY-MM-DD` of each file that belongs to a shot. Throws `DriveError`. */
  async of(
    files: readonly ReadFile[],
    captures: ReadonlyMap<ReadFile, Capture>,
  ): Promise<ReadonlyMap<ReadFile, string>> {
    const days = new Map<ReadFile, string>();
    const open: Asked[] = [];
    for (const asked of await this.#shots(files)) {
      const day = this.#recorded(asked);
      if (day === null) open.push(asked);
      else for (const file of asked.files) days.set(file, day);
    }
    const told = await this.#told(open, captures);
    for (const asked of open) {
      const day = await this.#found(asked, told);
      for (const file of asked.files) days.set(file, day);
    }
    return days;
  }

  async #shots(files: readonly ReadFile[]): Promise<readonly Asked[]> {
    const shots = new Map<Group, Asked & { readonly files: ReadFile[] }>();
    for (const [path, those] of byFolder(files)) {
      const folder =
        this.#folder?.path === path ? this.#folder : await shotsOfFolder(path, this.#parts.store);
      this.#folder = folder;
      for (const file of those) {
        const group = folder.groupOf(file.path);
        if (group === null || kindOfGroup(group) === null) continue;
        const shot = shots.get(group) ?? { group, film: filmOf(group, folder.find), files: [] };
        shot.files.push(file);
        shots.set(group, shot);
      }
    }
    return [...shots.values()];
  }

  /** What the library says of a member already goes for all: its word is not taken back. */
  #recorded({ group: { members }, files }: Asked): string | null {
    if (members.length < 2) return null;
    const { store, catalogue, shelf } = this.#parts;
    const read = new Map(files.map((file) => [file.path, file]));
    for (const { path } of members) {
      const content = read.get(path) ?? catalogue.copyAt(store.drive.id, path);
      const day = content === null ? null : shelf.photo(`${content.xxh64}-${content.sizeBytes}`)?.day;
      if (day !== null && day !== undefined) return day;
    }
    return null;
  }

  /** Of every member, by path: those of another batch are asked once more. */
  async #told(
    shots: readonly Asked[],
    captures: ReadonlyMap<ReadFile, Capture>,
  ): Promise<ReadonlyMap<RelativePath, Capture>> {
    const { store, metadata } = this.#parts;
    const told = new Map([...captures].map(([{ path }, capture]) => [path, capture]));
    const here = new Set(shots.flatMap(({ files }) => files.map(({ path }) => path)));
    const others = shots
      .flatMap(({ group }) => group.members.map(({ path }) => path))
      .filter((path) => !here.has(path) && isRead(fileName(path)));
    if (others.length === 0) return told;
    const found = await metadata.captures(
      others.map((path) => ({ path: `${store.drive.path}/${path}`, name: fileName(path) })),
    );
    for (const [at, path] of others.entries()) {
      const capture = found[at] ?? null;
      if (capture !== null) told.set(path, capture);
    }
    return told;
  }

  async #found({ group, film }: Asked, told: ReadonlyMap<RelativePath, Capture>): Promise<string> {
    const { members } = group;
    const captureOf = ({ path }: PlannedFile): Capture | null => told.get(path) ?? null;
    const [leader] = members;
    const folder = leader === undefined ? null : layoutDay(leader.path);
    const named = members.map((file) => ({ name: fileName(file.path), capture: captureOf(file) }));
    // Who filed it there knew the card; times of copies may be those of the copying.
    if (folder !== null && (film !== null || !leadingCapture(named).isDated)) return folder;
    const context = { ...NO_NAMES, filmOf: () => film };
    const shot = await shotOfGroup(members, captureOf, leader?.mtimeMs ?? 0, context);
    return dayOf(shot.at, this.#parts.dayStarts);
  }
}

function byFolder(files: readonly ReadFile[]): ReadonlyMap<RelativePath, readonly ReadFile[]> {
  const folders = new Map<RelativePath, ReadFile[]>();
  for (const file of files) {
    const folder = file.path.slice(0, file.path.lastIndexOf('/')) as RelativePath;
    const those = folders.get(folder);
    if (those === undefined) folders.set(folder, [file]);
    else those.push(file);
  }
  return folders;
}
