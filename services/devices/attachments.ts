import type { Fact } from '../../machines/facts.ts';
import { Announcements } from './announcements.ts';
import { type Arrival, arrive, type Refusal } from './arrival.ts';
import { dropLostInboxes } from './inbox-places.ts';
import { type DriveView, driveView, type Place, standingOf, type VolumePlace } from './place.ts';
import { PlaceList, type PlaceTools } from './place-list.ts';
import type { DeviceListing } from './ports.ts';
import { nodeOf, type Seen, seenIn, targetOf } from './seen.ts';
import { hasChanged, isSame, isStill } from './still.ts';
import { difference, EMPTY_WORLD, type World, worldOf } from './world.ts';
import { WriteWatch } from './write-watch.ts';

export interface AttachmentParts extends PlaceTools {
  readonly emit: (fact: Fact) => void;
  /** Makes a drive of a place that the configuration names. Never rejects. */
  readonly adoptNow: (place: Place) => Promise<void>;
  /** Runs `commit` when no request is being answered. */
  readonly inTurn: (commit: () => Promise<void>) => Promise<void>;
}

/** A volume that is being mounted and looked at, or that waits for somebody to mount it. */
interface Pending {
  /** As it was when it was looked at. */
  readonly seen: Seen;
  readonly node: string;
  /** Looked at in vain: it waits until the listing says something new of it, or for another try. */
  waiting: boolean;
  /** Its owner let go of it: no other try. */
  readonly left: boolean;
}

/**
 * The attached places, and the facts that follow when they change. Each change works out the whole world anew and
 * reports the difference, so no order of events can leave a card or drive half attached. What goes is said at once;
 * what comes is announced at once, and each volume is opened by itself: none has to wait for another.
 */
export class Attachments {
  readonly list: PlaceList;
  readonly #parts: AttachmentParts;
  readonly #pending = new Map<string, Pending>();
  readonly #refused = new Map<string, { readonly seen: Seen; readonly refusal: Refusal }>();
  /** The newest listing. */
  #seen: ReadonlyMap<string, Seen> = new Map();
  #announced: ReadonlySet<string> = new Set();
  #world = EMPTY_WORLD;
  /** `reading`: the first listing is being taken in, and nothing is reported before all of it is. */
  #stage: 'new' | 'reading' | 'begun' = 'new';
  #settledEarly: string[] = [];
  /** Nodes of what went before anybody knew what it was. */
  #goneEarly: string[] = [];
  readonly #told: Announcements;
  readonly #writes: WriteWatch;
  /** See `doubtsIn`. */
  #doubts: ReadonlyMap<string, string> = new Map();

  constructor(parts: AttachmentParts) {
    this.#parts = parts;
    this.#told = new Announcements(parts.emit);
    this.list = new PlaceList(parts);
    this.#writes = new WriteWatch(parts.places);
  }

  get world(): World {
    return this.#world;
  }

  view(place: Place): DriveView {
    return driveView(place, this.list.kind(place) === 'drive');
  }

  /** Reports the difference between what was last reported and what is; nothing before the first listing. */
  settle(): void {
    if (this.#stage !== 'begun') return;
    const { settings, book, emit } = this.#parts;
    dropLostInboxes(this.list);
    const refusals = new Map([...this.#refused].map(([key, { refusal }]) => [key, refusal]));
    const next = worldOf(this.list.all(), refusals, settings, book);
    const facts = difference(this.#world, next);
    this.#world = next;
    const before = this.#doubts;
    this.#doubts = doubtsIn(this.list, refusals);
    // Announced before and settled after what else is said: no light may be green in between.
    for (const [key, node] of this.#doubts) if (!before.has(key)) this.#told.add(node);
    for (const fact of facts) emit(fact);
    for (const [key, node] of before) if (!this.#doubts.has(key)) this.#told.remove(node);
  }

  /** Takes in a complete listing. Resolves when each volume that it brought is attached, refused or waiting. */
  async take(listing: DeviceListing): Promise<void> {
    const isFirst = this.#stage === 'new';
    if (isFirst) this.#stage = 'reading';
    this.#seen = seenIn(listing);
    const fewer = this.#dropWhatWent();
    // What came is announced before anything else is said: between one card and the next in its slot, between a disk
    // and its partitions, the light must not turn green.
    this.#announce(listing.announced);
    const arrivals = [...this.#seen.values()].filter((one) => this.#isNew(one)).map((one) => this.#open(one));
    this.settle();
    this.#settleWhatWent();
    this.#unannounce(listing.announced);
    // Folders may have stood on what went.
    if (fewer) arrivals.push(this.#parts.inTurn(() => this.reviewFolders()));
    await Promise.all(arrivals);
    if (isFirst) await this.#parts.inTurn(() => this.#begin());
  }

  async #begin(): Promise<void> {
    await this.list.reviewFolders();
    this.#stage = 'begun';
    this.settle();
    for (const device of this.#settledEarly.splice(0)) this.#told.remove(device);
  }

  /** Nobody announces what happens to a folder: it is looked at now and then. */
  async reviewFolders(): Promise<void> {
    if (this.#stage !== 'begun') return;
    await this.list.reviewFolders();
    this.settle();
  }

  /** A card that somebody wrote to comes anew: what was read before counts no more. */
  async reviewWritten(): Promise<void> {
    const openings = (await this.#writes.written(this.list.of('card'))).map(async (place) => {
      const seen = this.#seen.get(place.key);
      if (seen === undefined || this.list.get(place.key) !== place) return;
      this.#wentAway(place);
      const opening = this.#open(seen);
      this.settle();
      await opening;
    });
    await Promise.all(openings);
  }

  /** The helper may answer now: it was installed or started again since. */
  async retryWaiting(): Promise<void> {
    const again = [...this.#pending].flatMap(([key, { waiting, left }]) =>
      waiting && !left ? (this.#seen.get(key) ?? []) : [],
    );
    await Promise.all(again.map((seen) => this.#open(seen)));
  }

  /** True when a volume is no longer there. */
  #dropWhatWent(): boolean {
    const seen = this.#seen;
    const before = this.list.all().length;
    for (const place of this.list.all()) {
      if (place.kind === 'folder') continue;
      const now = seen.get(place.key);
      if (now !== undefined && isStill(place, now)) continue;
      const isTaken = now?.block?.inUse === true || (place.holder === 'listed' && now?.mount === null);
      if (now?.block?.removable === true && isTaken) this.#wasTaken(place, now);
      else this.#wentAway(place);
    }
    for (const [key, { seen: before }] of this.#refused) {
      if (isSame(seen.get(key) ?? null, before)) continue;
      this.#refused.delete(key);
      const target = targetOf(before);
      // The helper may have mounted it after all, when nobody waited for its answer any more.
      if (target !== null && !seen.has(key)) void this.#parts.mounter.unmount(target);
    }
    for (const [key, { node }] of this.#pending) {
      if (seen.has(key)) continue;
      this.#pending.delete(key);
      this.#goneEarly.push(node);
    }
    return this.list.all().length < before;
  }

  #settleWhatWent(): void {
    for (const device of this.#goneEarly.splice(0)) this.#told.remove(device);
  }

  #wentAway(place: VolumePlace): void {
    this.list.drop(place.key);
    this.#letGo(place);
  }

  /** What the helper mounted stands on without its device until somebody cleans it up. */
  #letGo({ holder, target }: VolumePlace): void {
    if (holder === 'us' && target !== null) void this.#parts.mounter.unmount(target);
  }

  /**
   * Somebody let go what he had mounted, or mounted it elsewhere, and it still sits in its slot. A drive is left alone
   * as if it were ejected; a card that is there and cannot be read is a device of which nothing is known: no light may be green over it.
   */
  #wasTaken(place: VolumePlace, now: Seen): void {
    this.#letGo(place);
    const kind = this.list.kind(place);
    if (kind !== 'card' && kind !== 'unreadable') {
      this.list.put({ ...place, word: 'released', listed: null });
      return;
    }
    this.list.drop(place.key);
    if (!this.#pending.has(place.key)) this.#told.add(nodeOf(now));
    this.#pending.set(place.key, { seen: now, node: nodeOf(now), waiting: true, left: true });
  }

  #announce(announced: readonly string[]): void {
    for (const device of announced) {
      if (!this.#announced.has(device)) this.#told.add(device);
    }
  }

  #unannounce(announced: readonly string[]): void {
    const now = new Set(announced);
    for (const device of this.#announced) {
      if (!now.has(device)) this.#told.remove(device);
    }
    this.#announced = now;
  }

  #isNew(seen: Seen): boolean {
    if (!this.#concernsUs(seen) || this.#refused.has(seen.key)) return false;
    const pending = this.#pending.get(seen.key);
    if (pending !== undefined) return pending.waiting && !isSame(pending.seen, seen);
    const place = this.list.get(seen.key);
    return place === null || (place.kind === 'volume' && hasChanged(place, seen));
  }

  /** What nobody mounted is our business if it can be pulled, or if it is a drive of ours. */
  #concernsUs({ mount, block }: Seen): boolean {
    if (mount !== null) return true;
    if (block === null || block.system || block.inUse) return false;
    return block.removable || this.#parts.book.ownerOf(block) !== null;
  }

  async #open(seen: Seen): Promise<void> {
    const node = nodeOf(seen);
    const isSystem = seen.block?.system ?? seen.mount?.system ?? false;
    const isKnown = this.#pending.has(seen.key);
    const pending = { seen, node, waiting: false, left: false };
    this.#pending.set(seen.key, pending);
    if (!isSystem && !isKnown) this.#told.add(node);
    await this.#writes.begin(seen.key, node);
    const arrival = await arrive(seen, this.#parts);
    await this.#parts.inTurn(async () => {
      const settled = await this.#commit(pending, arrival);
      if (settled && !isSystem) this.#reportSettled(node);
    });
    const now = this.#seen.get(seen.key);
    if (now !== undefined && now !== seen && this.#isNew(now)) await this.#open(now);
  }

  #reportSettled(device: string): void {
    if (this.#stage === 'begun') this.#told.remove(device);
    else this.#settledEarly.push(device);
  }

  /** False when the volume is not settled: it went away, or it waits. */
  async #commit(pending: Pending, arrival: Arrival): Promise<boolean> {
    const { seen } = pending;
    if (this.#pending.get(seen.key) !== pending) {
      const target = targetOf(seen);
      // Mounted after it was pulled: nothing else would clean that up.
      if (target !== null && seen.mount === null) void this.#parts.mounter.unmount(target);
      return false;
    }
    if (arrival.kind === 'waiting') {
      pending.waiting = true;
      return false;
    }
    this.#pending.delete(seen.key);
    if (arrival.kind === 'refused') this.#refused.set(seen.key, { seen, refusal: arrival.refusal });
    else await this.#attach(seen, arrival);
    // The listing may have changed while it was mounted and looked at.
    this.#dropWhatWent();
    this.settle();
    this.#settleWhatWent();
    return true;
  }

  async #attach(seen: Seen, arrival: Extract<Arrival, { readonly kind: 'open' }>): Promise<void> {
    const { settings, book, adoptNow } = this.#parts;
    const place = this.list.addVolume(seen, arrival);
    await this.list.reviewFolders();
    const standing = standingOf(place, settings, book);
    // A failure leaves a candidate that a person can adopt; it is tried again when the volume comes anew.
    if (standing.kind === 'candidate' && standing.adoptNow) await adoptNow(place);
  }
}

/**
 * Nodes of attached volumes that are no card and may hold photos that are nowhere else: a drive that is not ours with a
 * camera's folders on it, and what was taken for an adopted drive and could not be mounted. They stay announced.
 */
function doubtsIn(list: PlaceList, refusals: ReadonlyMap<string, Refusal>): ReadonlyMap<string, string> {
  const doubted = list.of('candidate').filter(({ kind, look }) => kind === 'volume' && look?.cameraFolders);
  const drives = [...refusals].filter(([, { driveId }]) => driveId !== null);
  return new Map([
    ...doubted.map(({ key, path, volume }) => [key, volume.device ?? path] as const),
    ...drives.map(([key, { device }]) => [key, device] as const),
  ]);
}
