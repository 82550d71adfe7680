import type { Fact } from '../../machines/facts.ts';
import type { CardId, DriveId } from '../../machines/ids.ts';
import type { Card, Drive } from '../../machines/media.ts';
import type { Refusal } from './arrival.ts';
import type { DeviceSettings } from './classify.ts';
import type { DriveBook } from './drive-book.ts';
import { cardOf, type DriveView, driveView, type Place, standingOf } from './place.ts';

interface CardEntry {
  /** Key of the place: the same card at another place was out in between. */
  readonly place: string;
  readonly card: Card;
  readonly start: 'auto' | 'manual';
}

interface DriveEntry {
  readonly place: string;
  readonly drive: Drive;
}

/** What stands attached at one moment; facts are the difference of two of these. */
export interface World {
  readonly cards: ReadonlyMap<CardId, CardEntry>;
  /** Adopted ones that may be used. */
  readonly drives: ReadonlyMap<DriveId, DriveEntry>;
  /** Not adopted, or kept back because of a clash. */
  readonly candidates: readonly DriveView[];
  /** Ids of adopted drives that two attached places carry. */
  readonly clashes: ReadonlySet<DriveId>;
  /** Place key → why, of volumes that are attached and cannot be used. */
  readonly refused: ReadonlyMap<string, Refusal>;
}

export const EMPTY_WORLD: World = {
  cards: new Map(),
  drives: new Map(),
  candidates: [],
  clashes: new Set(),
  refused: new Map(),
};

const unreadable = (place: Place): Refusal => ({
  device: place.volume.device ?? place.path,
  reason: 'card-unreadable',
  detail: '',
  driveId: null,
});

export function worldOf(
  places: Iterable<Place>,
  refusals: ReadonlyMap<string, Refusal>,
  settings: DeviceSettings,
  book: DriveBook,
): World {
  const cards = new Map<CardId, CardEntry>();
  const refused = new Map(refusals);
  const drives: Place[] = [];
  const candidates: Place[] = [];
  for (const place of places) {
    const standing = standingOf(place, settings, book);
    if (standing.kind === 'drive') drives.push(place);
    if (standing.kind === 'candidate') candidates.push(place);
    if (standing.kind === 'unreadable') refused.set(place.key, unreadable(place));
    if (standing.kind === 'card') {
      cards.set(place.cardId, { place: place.key, card: cardOf(place), start: standing.start });
    }
  }
  return { cards, refused, ...usable(drives, candidates) };
}

/** Two attached drives with one id: which of them the catalogue speaks of is unknown, so neither is written. */
function usable(adopted: readonly Place[], others: readonly Place[]) {
  const ids = [...adopted, ...others].flatMap((place) => driveView(place, true).id ?? []);
  const drives = new Map<DriveId, DriveEntry>();
  const clashes = new Set<DriveId>();
  const candidates = others.map((place) => driveView(place, false));
  for (const place of adopted) {
    const view = driveView(place, true);
    if (view.id === null) continue;
    const id = view.id;
    if (ids.indexOf(id) === ids.lastIndexOf(id)) {
      drives.set(id, { place: place.key, drive: { ...view, id } });
    } else {
      clashes.add(id);
      candidates.push(view);
    }
  }
  return { drives, clashes, candidates };
}

/**
 * Facts that lead from one world to the next. What went is said before what came, and drives before cards: a card that
 * arrives together with its drive must not latch "no drive", and one that leaves with the last drive, as an inbox does,
 * must not make the light green for the moment in between.
 */
export function difference(before: World, after: World): readonly Fact[] {
  const gone = <Id, Entry>(one: ReadonlyMap<Id, Entry>, other: ReadonlyMap<Id, Entry>): readonly Entry[] =>
    [...one].flatMap(([id, entry]) => (isSame(other.get(id), entry) ? [] : [entry]));
  const clashes = [...after.clashes].filter((id) => !before.clashes.has(id));
  const came = [...after.refused].filter(([key]) => !before.refused.has(key));
  const left = [...before.refused].filter(
    ([key, { driveId }]) => driveId === null && !after.refused.has(key),
  );
  return [
    ...clashes.map(
      (driveId): Fact => ({ type: 'DriveFailed', driveId, reason: 'drive-id-clash', detail: '' }),
    ),
    ...gone(before.drives, after.drives).map(
      ({ drive }): Fact => ({ type: 'DriveDetached', driveId: drive.id }),
    ),
    ...gone(before.cards, after.cards).map(({ card }): Fact => ({ type: 'CardDetached', cardId: card.id })),
    ...gone(after.drives, before.drives).flatMap(({ drive }) => arrival(drive)),
    ...gone(after.cards, before.cards).map(
      ({ card, start }): Fact => ({ type: 'CardAttached', card, start }),
    ),
    ...left.map(([, { device }]): Fact => ({ type: 'DeviceDetached', device })),
    ...came.map(([, refusal]) => refusalFact(refusal)),
  ];
}

function refusalFact({ device, reason, detail, driveId }: Refusal): Fact {
  if (driveId !== null) return { type: 'DriveFailed', driveId, reason, detail };
  return { type: 'CardRefused', device, reason, detail };
}

function arrival(drive: Drive): readonly Fact[] {
  const attached: Fact = { type: 'DriveAttached', drive };
  if (drive.writable) return [attached];
  return [attached, { type: 'DriveFailed', driveId: drive.id, reason: 'drive-not-writable', detail: '' }];
}

/** Entries are built here, always with their keys in one order. */
const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
