import type { Fact } from '../../machines/facts.ts';
import { driveId } from '../../machines/ids.ts';
import { claim, refusal } from './adopting.ts';
import { lookAt } from './look.ts';
import { type DriveView, driveView, type Place, standingOf } from './place.ts';
import { PlaceList, type PlaceTools } from './place-list.ts';
import type { MountedVolume } from './ports.ts';
import { refuseOverlap } from './targets.ts';
import { difference, EMPTY_WORLD, type World, worldOf } from './world.ts';

/**
 * The attached places, and the facts that follow when they change. Each change works out the whole world anew and
 * reports the difference, so no order of events can leave a card or drive half attached.
 * Calls must not overlap (see `Serial`).
 */
export class Attachments {
  readonly list: PlaceList;
  readonly #tools: PlaceTools;
  readonly #emit: (fact: Fact) => void;
  #world = EMPTY_WORLD;
  #begun = false;

  constructor(tools: PlaceTools, emit: (fact: Fact) => void) {
    this.#tools = tools;
    this.#emit = emit;
    this.list = new PlaceList(tools);
  }

  get world(): World {
    return this.#world;
  }

  view(place: Place): DriveView {
    return driveView(place, this.list.kind(place) === 'drive');
  }

  /** Reports the difference between what was last reported and what is; nothing before the first listing. */
  settle(): void {
    if (!this.#begun) return;
    const next = worldOf(this.list.all(), this.#tools.settings, this.#tools.book);
    const facts = difference(this.#world, next);
    this.#world = next;
    for (const fact of facts) this.#emit(fact);
  }

  /** Takes in a complete listing of the mounted volumes. */
  async take(volumes: readonly MountedVolume[]): Promise<void> {
    this.list.dropVolumesNotIn(volumes);
    // What went is said at once: looking at what came may take seconds.
    this.settle();
    const fresh = this.list.freshIn(volumes);
    const devices = fresh.flatMap((volume) => (volume.system ? [] : (volume.device ?? volume.path)));
    for (const device of devices) this.#emit({ type: 'DeviceAnnounced', device });
    await this.list.addVolumes(fresh);
    await this.list.reviewFolders();
    await this.#adoptConfigured(fresh);
    this.#begun = true;
    this.settle();
    for (const device of devices) this.#emit({ type: 'DeviceSettled', device });
  }

  /** Nobody announces what happens to a folder: it is looked at now and then. */
  async reviewFolders(): Promise<void> {
    if (!this.#begun) return;
    await this.list.reviewFolders();
    this.settle();
  }

  /** A failure leaves a candidate that a person can adopt; it is tried again when the volume is mounted anew. */
  async #adoptConfigured(fresh: readonly MountedVolume[]): Promise<void> {
    const { settings, book } = this.#tools;
    for (const place of this.list.all()) {
      const standing = standingOf(place, settings, book);
      const isFresh = fresh.some((volume) => volume === place.volume);
      if (!isFresh || standing.kind !== 'candidate' || !standing.adoptNow) continue;
      await this.#adopt(place, false).catch(() => undefined);
    }
  }

  /** Makes a place an adopted drive. Throws 64, 65, 73 or 77; then everything is as it was. */
  async adopt(place: Place, force: boolean): Promise<DriveView> {
    try {
      return await this.#adopt(place, force);
    } finally {
      this.settle();
    }
  }

  async #adopt(place: Place, force: boolean): Promise<DriveView> {
    // What it holds now counts, not what it held when it was mounted.
    const now = withLook(place, await lookAt(place.path, this.#tools));
    const others = this.list.all().filter((other) => other.key !== place.key);
    const refused = refusal(now, others, force);
    if (refused !== null) throw refused;
    this.#refuseNesting(place, others);
    const before = this.list.get(place.key);
    const isCard = before !== null && this.list.kind(before) === 'card';
    if (isCard) this.#become(now);
    try {
      return await this.#claim(now);
    } catch (error) {
      if (isCard) this.list.put(before);
      throw error;
    }
  }

  /** A volume may turn from a card into a drive; a folder is what its owner said first. */
  #refuseNesting(place: Place, others: readonly Place[]): void {
    const near = place.kind === 'folder' ? this.list.all() : others;
    const ofKind = (kind: 'card' | 'drive') => near.filter((other) => this.list.kind(other) === kind);
    refuseOverlap(place.path, ofKind('card'), 'card');
    refuseOverlap(place.path, ofKind('drive'), 'drive');
  }

  /** A card is let go before the first byte is written to it: nobody may read it as a card meanwhile. */
  #become(place: Place): void {
    this.list.put({ ...place, word: 'drive' });
    this.settle();
  }

  async #claim(place: Place): Promise<DriveView> {
    const identity = await claim(place, this.#tools);
    const look = place.look === null ? null : { ...place.look, identity };
    const adopted: Place = { ...withLook(place, look), word: 'drive' };
    const drive = { ...driveView(adopted, true), id: driveId(identity.id) };
    const fact: Fact = { type: 'DriveAdopted', drive };
    this.#tools.book.apply(fact);
    this.#emit(fact);
    this.list.put(adopted);
    return drive;
  }
}

/** Spreading a union loses its members: this keeps the place what it was. */
function withLook(place: Place, look: Place['look']): Place {
  return place.kind === 'volume' ? { ...place, look } : { ...place, look };
}
