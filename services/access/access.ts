import { Observable, Subject } from 'rxjs';
import type { DeviceRole, Fact, FactOf, FactRecord } from '../../machines/facts.ts';
import { UserError } from '../errors.ts';
import type { Clock, Ids } from '../ports.ts';
import { AccessBook, type Device, hashOf } from './book.ts';
import { type Ask, CODE_MS, Pairing, type PairingEnd, type Verdict } from './pairing.ts';
import type { Secrets } from './ports.ts';
import { Sightings } from './sightings.ts';

/** More than a family has, and each request is held against all of them. */
export const MAX_DEVICES = 32;
/** Letters. */
export const MAX_NAME = 64;

export interface AccessParts {
  readonly clock: Pick<Clock, 'monoMs' | 'setTimer' | 'stamp'>;
  readonly ids: Ids;
  readonly secrets: Secrets;
  /** Resolves when the fact is durable and `apply` has seen it; rejects when the journal takes nothing. */
  readonly record: (fact: FactOf<'DevicePaired'> | FactOf<'DeviceUnpaired'>) => Promise<unknown>;
}

export interface Invitation {
  readonly role: DeviceRole;
  /** Null: as the device calls itself. */
  readonly name: string | null;
}

/** What somebody who invited a device hears: the code, then how it ended. */
export type InviteMessage =
  | { readonly open: Invitation & { readonly code: string; readonly secondsLeft: number } }
  | PairingEnd;

/** The token is told here and never again. */
export interface Admitted {
  readonly token: string;
  readonly device: Device;
}

/** Who may come in over the network. Its devices are what the journal says; a pairing lives in memory only. */
export class Access {
  readonly #parts: AccessParts;
  /** Who was there last. */
  readonly sightings: Sightings;
  readonly #book = new AccessBook();
  readonly #pairing: Pairing;
  readonly #left = new Subject<string>();
  /** One after the other: two that come at once must not get one name, nor be one too many. */
  #coming: Promise<unknown> = Promise.resolve();

  constructor(parts: AccessParts) {
    this.#parts = parts;
    this.sightings = new Sightings(parts.clock);
    this.#pairing = new Pairing(parts.clock, parts.secrets);
  }

  /** Each record of the journal in order, then live ones. */
  apply(record: Pick<FactRecord, 'at'> & { readonly fact: Fact }): void {
    this.#book.apply(record);
    if (record.fact.type !== 'DeviceUnpaired') return;
    this.sightings.forget(record.fact.tokenId);
    this.#left.next(record.fact.tokenId);
  }

  get devices(): readonly Device[] {
    return this.#book.devices;
  }

  /** Ids of devices that may no longer come in: what is open of theirs has to end. */
  get left$(): Observable<string> {
    return this.#left;
  }

  /** Whose token it is; null when nobody's. */
  holderOf(token: string): Device | null {
    return this.#book.holderOf(token);
  }

  /** Opens a pairing when it is subscribed to and closes it when nobody listens any more. Errors with `UserError` 1. */
  invite(invitation: Invitation): Observable<InviteMessage> {
    return new Observable((subscriber) => {
      this.#refuseTooMany();
      const onEnd = (end: PairingEnd) => {
        subscriber.next(end);
        subscriber.complete();
      };
      const opening = this.#pairing.openWithCode({ ...invitation, onEnd });
      subscriber.next({ open: { ...invitation, code: opening.code, secondsLeft: CODE_MS / 1000 } });
      return () => this.#pairing.close('ended', opening);
    });
  }

  /** Three presses: the first device that asks within two minutes comes in as an owner. */
  openByButton(): void {
    this.#pairing.openByButton();
  }

  /** A device asks to come in. Throws what `record` throws (the pairing is then still open), and `UserError` 1. */
  async pair(
    ask: Ask & { readonly name: string | null },
  ): Promise<({ readonly type: 'paired' } & Admitted) | Exclude<Verdict, { readonly type: 'accepted' }>> {
    const verdict = this.#pairing.ask(ask);
    if (verdict.type !== 'accepted') return verdict;
    const { opening } = verdict;
    try {
      const admitted = await this.admit({ role: opening.role, name: opening.name ?? ask.name });
      opening.onEnd({ paired: admitted.device });
      return { type: 'paired', ...admitted };
    } catch (error) {
      this.#pairing.giveBack(opening);
      throw error;
    }
  }

  /** A new token, without a pairing. Throws `UserError` 1 when there are too many devices, and what `record` throws. */
  admit(invitation: Invitation): Promise<Admitted> {
    const admitted = this.#coming.then(() => this.#admit(invitation));
    this.#coming = admitted.catch(() => undefined);
    return admitted;
  }

  /** Throws `UserError` 66 for a device that is not there, and what `record` throws: then it may still come in. */
  async unpair(id: string): Promise<Device> {
    const device = this.devices.find((one) => one.id === id);
    if (device === undefined) {
      throw new UserError(
        'unknown-device',
        66,
        `${id}: no such device`,
        'see who may come in: imagetank pair list',
      );
    }
    await this.#parts.record({ type: 'DeviceUnpaired', tokenId: id });
    return device;
  }

  stop(): void {
    this.#pairing.close('ended');
  }

  async #admit({ role, name }: Invitation): Promise<Admitted> {
    this.#refuseTooMany();
    const { ids, secrets, record } = this.#parts;
    const [tokenId, token] = [ids.uuid(), secrets.token()];
    const own = this.#free(name ?? 'device');
    await record({ type: 'DevicePaired', tokenId, name: own, role, hash: hashOf(token) });
    const device = this.devices.find(({ id }) => id === tokenId);
    if (device === undefined) throw new Error('the device was unpaired as it came');
    return { token, device };
  }

  /** `phone`, and `phone (2)` for the next one: devices are revoked by name. */
  #free(name: string): string {
    const taken = new Set(this.devices.map((device) => device.name));
    let [free, count] = [name, 1];
    while (taken.has(free)) {
      count += 1;
      const suffix = ` (${count})`;
      free = `${name.slice(0, MAX_NAME - suffix.length)}${suffix}`;
    }
    return free;
  }

  #refuseTooMany(): void {
    if (this.devices.length < MAX_DEVICES) return;
    const hint = 'revoke one that you no longer use: imagetank pair list, imagetank pair revoke NAME';
    throw new UserError('too-many-devices', 1, `${MAX_DEVICES} devices may come in already`, hint);
  }
}
