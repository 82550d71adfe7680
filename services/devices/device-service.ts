import { isAbsolute } from 'node:path';
import { exhaustMap, type Observable, Subject, type Subscription } from 'rxjs';
import type { Fact } from '../../machines/facts.ts';
import type { CardId, DriveId } from '../../machines/ids.ts';
import type { Card } from '../../machines/media.ts';
import { messageOf } from '../errors.ts';
import type { DeviceSource } from '../ports.ts';
import { Adoption } from './adoption.ts';
import { Attachments } from './attachments.ts';
import { CANDIDATE_LABEL } from './classify.ts';
import { Closing } from './closing.ts';
import { refuseDrive } from './folder-to-read.ts';
import { Holds, type Release } from './holds.ts';
import { refuseInbox, refuseLinkedInbox, showInbox } from './inbox-places.ts';
import { cardOf, couldBeWritten, type DriveView, type Place } from './place.ts';
import type { DeviceListing } from './ports.ts';
import { presentDrives } from './present-drives.ts';
import { Serial } from './serial.ts';
import type { Attached, DeviceServiceParts } from './service-parts.ts';
import {
  findDrive,
  findPlace,
  isADrive,
  noSuch,
  realFolder,
  realTarget,
  refuseOverlap,
  unreadable,
} from './targets.ts';
import { unmount, unmountAll } from './unmount.ts';

/** A volume that nobody could mount is tried again with every tenth review. */
const RETRY_REVIEWS = 10;

/** Everything that can hold photos without special hardware: mounted volumes, and folders that their owner named. */
export class DeviceService implements DeviceSource {
  readonly facts$: Observable<Fact>;
  readonly #facts = new Subject<Fact>();
  readonly #parts: DeviceServiceParts;
  readonly #now: Attachments;
  readonly #serial = new Serial();
  readonly #closing = new Closing();
  readonly #adoption: Adoption;
  readonly #holds: Holds;
  #first: Promise<void> | null = null;
  #volumes: Subscription | null = null;
  #reviews: Subscription | null = null;
  #reviewCount = 0;

  constructor(parts: DeviceServiceParts) {
    this.#parts = parts;
    this.facts$ = this.#facts.asObservable();
    const emit = (fact: Fact) => this.#facts.next(fact);
    const tools = { ...parts, closing: this.#closing };
    this.#now = new Attachments({
      ...tools,
      emit,
      adoptNow: (place) => this.#adoptNow(place),
      inTurn: (commit) => this.#serial.run(commit),
    });
    this.#adoption = new Adoption(this.#now, tools, emit);
    this.#holds = new Holds(parts.mounter, parts.places, parts.warn);
  }

  /** Resolves after the first listing was reported, or when it is stopped before; rejects when the listings fail. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#volumes = this.#parts.listing$.subscribe({
        next: (listing) => void this.#take(listing).then(resolve),
        error: (error: unknown) => {
          this.#blind(error);
          reject(error);
        },
      });
      this.#closing.onEnd(resolve);
      this.#reviews = this.#parts.review$?.pipe(exhaustMap(() => this.#review())).subscribe() ?? null;
    });
  }

  async stop(): Promise<void> {
    this.#volumes?.unsubscribe();
    this.#reviews?.unsubscribe();
    this.#facts.complete();
    this.#closing.end();
    await this.#serial.close();
  }

  get attached(): Attached {
    const { cards, drives, candidates } = this.#now.world;
    return {
      cards: [...cards.values()].map((entry) => entry.card),
      drives: [...[...drives.values()].map((entry) => entry.drive), ...candidates],
    };
  }

  /** A folder becomes a card, named `label` or by its own name; the folder of a mounted card is that card. Throws 64, 66, 77. */
  attachFolderCard(dir: string, label: string | null, start: 'auto' | 'manual'): Promise<Card> {
    return this.#serial.request(async () => {
      const { list } = this.#now;
      const path = await realFolder(this.#parts.places, dir);
      const there = list.recall(path);
      if (there !== null && list.kind(there) === 'card') {
        this.#now.settle();
        return cardOf(there);
      }
      await refuseOverlap(path, list.of('drive'), 'drive', this.#parts.places);
      const place = await list.folder(path, { word: 'card', start }, label);
      if (place.look === null) throw unreadable(path);
      if (place.look.identity !== null) throw isADrive(path);
      list.put(place);
      this.#now.settle();
      return cardOf(place);
    });
  }

  /**
   * A folder as a card that is only read, its path without links; the card itself where it is the folder of one. Throws
   * 66, for an empty inbox and one that is a link too, and 64 for what is a drive, holds one or lies in one, attached or not: it would be held
   * against itself.
   */
  async folderToRead(dir: string): Promise<Card> {
    const path = await realFolder(this.#parts.places, dir);
    refuseLinkedInbox(dir, path, this.#now.list.of('drive'));
    const card = this.attached.cards.find((one) => one.path === path);
    if (card !== undefined) return card;
    refuseInbox(path, this.#now.list.of('drive'));
    const { places, identities } = this.#parts;
    await refuseOverlap(path, this.#now.list.of('drive'), 'drive', places);
    for (const alias of await places.aliases(path)) await refuseDrive(alias, identities);
    return cardOf(await this.#now.list.folder(path, { word: 'card', start: 'manual' }));
  }

  /** Adopted drives of which something says that they are attached, whether they may be used or not. */
  get present(): ReadonlySet<DriveId> {
    return presentDrives(this.#now.list.all(), this.#now.world.refused.values(), this.#parts.book.drives());
  }

  /** See `showInbox` of inbox-places.ts. */
  showInbox(id: DriveId, round: number | null): Promise<void> {
    return this.#serial.run(async () => {
      showInbox(this.#now.list, id, round);
      this.#now.settle();
    });
  }

  /** Lets a card go; a volume counts again once it is mounted anew. Throws 66, 75. */
  detachCard(id: CardId): Promise<void> {
    return this.#serial.request(async () => {
      const place = this.#now.list.of('card').find((card) => card.cardId === id);
      if (place === undefined) throw noSuch('card', id);
      await unmount(place, this.#parts.mounter);
      this.#now.list.release(place);
      this.#now.settle();
    });
  }

  /** Shows a folder as a drive, which is written only if it was adopted before. Throws 64, 66, 77. */
  attachFolderDrive(dir: string): Promise<DriveView> {
    return this.#serial.request(async () => {
      const { list } = this.#now;
      const path = await realFolder(this.#parts.places, dir);
      const there = list.recall(path);
      if (there !== null && ['drive', 'candidate'].includes(list.kind(there))) {
        this.#now.settle();
        return this.#now.view(there);
      }
      await refuseOverlap(path, list.of('card'), 'card', this.#parts.places);
      await refuseOverlap(path, list.of('drive'), 'drive', this.#parts.places);
      const place = await this.#folderDrive(path);
      if (place.look === null) throw unreadable(path);
      list.put(place);
      this.#now.settle();
      return this.#now.view(place);
    });
  }

  /** Lets everything go that the helper mounted, before the power does. Returns what could not be unmounted, in words. */
  letGo(): Promise<readonly string[]> {
    return unmountAll(this.#now.list.all(), this.#parts.mounter);
  }

  /** Mounts a card for reading where that is our business, until it is released. Throws `MountError`. */
  async hold(id: CardId): Promise<Release> {
    const place = this.#now.list.of('card').find((card) => card.cardId === id);
    return place?.kind === 'volume' ? this.#holds.hold(place) : async () => undefined;
  }

  /** By id, label, UUID or path, adopted or not; unmounted when it resolves. Throws 65, 66, 75. */
  detachDrive(target: string): Promise<DriveView> {
    return this.#serial.request(async () => {
      const { list } = this.#now;
      const shown = [...list.of('drive'), ...list.of('candidate')];
      const place = findPlace(shown, await realTarget(this.#parts.places, target));
      if (place === null) throw noSuch('drive', target);
      const view = this.#now.view(place);
      await unmount(place, this.#parts.mounter);
      list.release(place);
      this.#now.settle();
      return view;
    });
  }

  /**
   * Label or UUID of an attached volume, or an absolute folder; an adopted one is returned as it is.
   * Throws 64, 65, 66, 73, 77.
   */
  adopt(target: string, options: { readonly force: boolean }): Promise<DriveView> {
    return this.#serial.request(async () => {
      const place = await this.#adoptable(target);
      const isOurs = this.#now.list.get(place.key) !== null && this.#now.list.kind(place) === 'drive';
      return isOurs ? this.#now.view(place) : this.#adoption.adopt(place, options.force);
    });
  }

  /** The only attached writable volume labelled `IMAGETANK`; null unless there is exactly one. Throws 73, 77. */
  adoptCandidate(): Promise<DriveView | null> {
    return this.#serial.request(async () => {
      const candidates = this.#now.list.of('candidate');
      const [only, ...more] = candidates.filter(
        (place) => place.label === CANDIDATE_LABEL && couldBeWritten(place),
      );
      return only === undefined || more.length > 0 ? null : this.#adoption.adopt(only, false);
    });
  }

  /** Its drive.json stays, but this imagetank writes it no more. Attached or not. Throws 65, 66. */
  forget(target: string): Promise<DriveView> {
    return this.#serial.request(async () => {
      const { book } = this.#parts;
      const real = await realTarget(this.#parts.places, target);
      const place = findPlace(this.#now.list.of('drive'), real);
      const id = place && this.#now.view(place).id;
      const drive = id === null ? findDrive(book.drives(), real) : book.get(id);
      if (drive === null) throw noSuch('drive', target);
      const fact: Fact = { type: 'DriveForgotten', driveId: drive.id };
      book.apply(fact);
      // Detached first: a backup that is writing it must stop before the drive is a stranger.
      this.#now.settle();
      this.#facts.next(fact);
      return { ...drive, adopted: false };
    });
  }

  async #review(): Promise<void> {
    try {
      await this.#serial.run(() => this.#now.reviewFolders());
      this.#reviewCount += 1;
      // Not waited for: a card that is mounted again must not delay the next review.
      this.#quietly(this.#now.reviewWritten());
      if (this.#reviewCount % RETRY_REVIEWS === 0) this.#quietly(this.#now.retryWaiting());
    } catch (error) {
      if (!this.#closing.isOver) this.#blind(error);
    }
  }

  #quietly(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!this.#closing.isOver) this.#blind(error);
    });
  }

  /** Resolves when everything of the first listing is known, whichever listing this is. */
  #take(listing: DeviceListing): Promise<void> {
    const taken = this.#now.take(listing).catch((error: unknown) => {
      if (!this.#closing.isOver) this.#blind(error);
    });
    this.#first ??= taken;
    return this.#first;
  }

  /** A failure leaves a candidate that a person can adopt. */
  async #adoptNow(place: Place): Promise<void> {
    await this.#adoption
      .adopt(place, false)
      .catch((error: unknown) => this.#parts.warn(`${place.label} was not adopted: ${messageOf(error)}`));
  }

  /**
   * A service that sees no cards any more would leave the light as it is. No fact, for one that is latched can be
   * acknowledged, and then the light would be green for ever: a source that breaks shows error 9 until a restart.
   */
  #blind(error: unknown): void {
    this.#facts.error(error);
  }

  async #adoptable(target: string): Promise<Place> {
    const { list } = this.#now;
    if (!isAbsolute(target)) {
      const place = findPlace(list.all(), target);
      if (place === null) throw noSuch('drive', target);
      return place;
    }
    const path = await realFolder(this.#parts.places, target);
    return list.at(path) ?? this.#folderDrive(path);
  }

  /** It starts nothing by itself: `start` matters for cards only. */
  readonly #folderDrive = (path: string) => this.#now.list.folder(path, { word: 'drive', start: 'manual' });
}
