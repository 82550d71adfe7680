import type { Fact } from '../../machines/facts.ts';
import { driveId } from '../../machines/ids.ts';
import { UserError } from '../errors.ts';
import { claim, refusal } from './adopting.ts';
import { troubleText } from './arrival.ts';
import type { Attachments } from './attachments.ts';
import { lookAt } from './look.ts';
import { couldBeWritten, type DriveView, driveView, type Place, type VolumePlace } from './place.ts';
import type { PlaceTools } from './place-list.ts';
import { refuseOverlap } from './targets.ts';

/** Makes drives of places. Calls must not overlap (see `Serial`). */
export class Adoption {
  readonly #now: Attachments;
  readonly #tools: PlaceTools;
  readonly #emit: (fact: Fact) => void;

  constructor(now: Attachments, tools: PlaceTools, emit: (fact: Fact) => void) {
    this.#now = now;
    this.#tools = tools;
    this.#emit = emit;
  }

  /** Makes a place an adopted drive. Throws 64, 65, 73 or 77; then everything is as it was. */
  async adopt(place: Place, force: boolean): Promise<DriveView> {
    try {
      return await this.#adopt(place, force);
    } finally {
      this.#now.settle();
    }
  }

  async #adopt(place: Place, force: boolean): Promise<DriveView> {
    const { list } = this.#now;
    // What it holds now counts, not what it held when it was mounted; and not what an empty mount point holds.
    const isReadable = !isOurCard(place) || (await this.#tools.mounter.mountCard(place.target)).ok;
    const now = withLook(place, isReadable ? await lookAt(place.path, this.#tools) : null);
    const others = list.all().filter((other) => other.key !== place.key);
    const refused = refusal(now, others, force, couldBeWritten(now));
    if (refused !== null) throw refused;
    await this.#refuseNesting(place, others);
    const before = list.get(place.key);
    const isCard = before !== null && list.kind(before) === 'card';
    if (isCard) this.#become(now);
    try {
      const writable = await this.#writable(now);
      const refusedNow = refusal(writable, others, force, true);
      if (refusedNow !== null) throw refusedNow;
      return await this.#claim(writable);
    } catch (error) {
      if (before !== null && list.get(place.key) !== null) list.put(before);
      if (isOurCard(place)) await this.#asCardAgain(place);
      throw error;
    }
  }

  /** A volume may turn from a card into a drive; a folder is what its owner said first. */
  async #refuseNesting(place: Place, others: readonly Place[]): Promise<void> {
    const near = place.kind === 'folder' ? this.#now.list.all() : others;
    const ofKind = (kind: 'card' | 'drive') => near.filter((other) => this.#now.list.kind(other) === kind);
    await refuseOverlap(place.path, ofKind('card'), 'card', this.#tools.places);
    await refuseOverlap(place.path, ofKind('drive'), 'drive', this.#tools.places);
  }

  /** A card is let go before the first byte is written to it: nobody may read it as a card meanwhile. */
  #become(place: Place): void {
    this.#now.list.put({ ...place, word: 'drive' });
    this.#now.settle();
  }

  /** The helper mounts every volume as a card first; now its owner said that it is a drive. Throws 73, 77. */
  async #writable(place: Place): Promise<Place> {
    if (!isOurCard(place)) return place;
    const answer = await this.#tools.mounter.mountDrive(place.target);
    if (!answer.ok) {
      const hint = 'check its lock switch, its cable and its file system, then adopt again';
      throw new UserError(
        'not-writable',
        73,
        `${place.label} cannot be written: ${troubleText(answer)}`,
        hint,
      );
    }
    const volume = { ...place.volume, path: answer.path, readOnly: false };
    const look = await lookAt(answer.path, this.#tools);
    if (look?.writable !== true) {
      const hint = `give the folders .imagetank, Photos and Other on it to the user imagetank`;
      throw new UserError('not-writable', 73, `${place.label} cannot be written by this user`, hint);
    }
    return { ...place, path: answer.path, volume, look };
  }

  async #asCardAgain({ target }: OurCard): Promise<void> {
    await this.#tools.mounter.unmount(target);
    await this.#tools.mounter.mountCard(target);
  }

  async #claim(place: Place): Promise<DriveView> {
    const { list } = this.#now;
    const isAttached = list.get(place.key) !== null;
    const identity = await claim(place, this.#tools);
    if (isAttached && list.get(place.key) === null) {
      throw new UserError('gone', 66, `${place.label} went away while it was adopted`, 'attach it again');
    }
    const look = place.look === null ? null : { ...place.look, identity };
    const adopted: Place = { ...withLook(place, look), word: 'drive' };
    const drive = { ...driveView(adopted, true), id: driveId(identity.id) };
    const fact: Fact = { type: 'DriveAdopted', drive };
    this.#tools.book.apply(fact);
    this.#emit(fact);
    list.put(adopted);
    return drive;
  }
}

type OurCard = VolumePlace & { readonly target: NonNullable<VolumePlace['target']> };

/** Mounted read-only by the helper: it can mount it again in another way. */
function isOurCard(place: Place): place is OurCard {
  return place.kind === 'volume' && place.holder === 'us' && place.target !== null && place.volume.readOnly;
}

/** Spreading a union loses its members: this keeps the place what it was. */
function withLook(place: Place, look: Place['look']): Place {
  return place.kind === 'volume' ? { ...place, look } : { ...place, look };
}
