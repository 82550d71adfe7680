import { DriveError } from '../errors.ts';
import { fileName } from '../library/names.ts';
import type { Naming } from '../library/naming.ts';
import type { DriveStore } from '../media-ports.ts';
import type { Catalogue } from '../ports.ts';
import type { DriveContext } from './drive-context.ts';
import type { Lane } from './lane.ts';
import type { PlannedFile } from './ports.ts';
import type { Shelf } from './shelf.ts';
import type { Written } from './written.ts';

/** Shots of one name in one folder; more is no accident of cameras. */
const MAX_TRIES = 10_000;
/** Copies of one content that are looked at for a number. */
const MAX_COPIES = 64;

export interface TryContext extends Pick<DriveContext, 'shelving'>, Pick<Lane, 'numbers' | 'strays'> {
  readonly store: Pick<DriveStore, 'drive' | 'list' | 'statAll'>;
  readonly catalogue: Pick<Catalogue, 'copyAt' | 'findEverywhere'>;
}

/** A shot group and what names it. */
export interface Shelved {
  readonly group: readonly Written[];
  readonly naming: Naming;
  /** The other chapters of a video, which want the same number; null for anything else. */
  readonly film: { readonly others: readonly PlannedFile[]; readonly naming: Naming } | null;
}

/** Numbers for `naming.names`, in the order in which they are tried. Throws `DriveError`. */
export async function* triesOf(shot: Shelved, context: TryContext, shelf: Shelf): AsyncGenerator<number> {
  const { group, naming } = shot;
  const leader = group[0]?.file.index ?? 0;
  if (naming.isNumbered) {
    const given = numbersGiven(shot, context);
    yield* given;
    const taken = await shelf.taken(context.store, naming.folder);
    for (const number of await context.strays.numbers(shot, taken, context)) {
      if (!given.has(number)) yield number;
    }
  }
  let number = 0;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    number = naming.isNumbered ? context.numbers.of(leader, number) : number + 1;
    yield number;
  }
  throw new DriveError('drive-not-writable', `${naming.folder}: ${MAX_TRIES} files of one name`);
}

/**
 * The numbers that this shot has already: on this drive, where only a part of the group lies, and on others, so that a
 * photo has one number wherever it lies. Of another drive only what this journal numbered: two boxes count alike.
 */
function numbersGiven(
  { group, naming }: Shelved,
  { catalogue, store, shelving }: TryContext,
): ReadonlySet<number> {
  const numbers = new Set<number>();
  for (const [at, { content }] of group.entries()) {
    if (content.sizeBytes === 0) continue;
    const copies = catalogue.findEverywhere(content.sizeBytes, content.xxh64).slice(0, MAX_COPIES);
    for (const { to, driveId, backupId } of copies) {
      if (driveId !== store.drive.id && backupId === null) continue;
      const number = shelving.seqIn(fileName(to));
      if (number !== null && to === `${naming.folder}/${naming.names(number)[at]}`) numbers.add(number);
    }
  }
  return numbers;
}
