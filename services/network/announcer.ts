import { messageOf } from '../errors.ts';
import type { Clock } from '../ports.ts';
import { Claim } from './claim.ts';
import { Quarrels } from './contest.ts';
import type { Message } from './dns.ts';
import type { Link, Multicast, Speaker } from './ports.ts';

/** A cable that is plugged in has its name before the phone is unlocked; to list the interfaces takes 0.1 ms. */
const LOOK_EVERY_MS = 10_000;
/** What goes on failing is tried again less and less often. */
const MAX_RETRY_MS = 320_000;

export interface AnnouncerParts {
  readonly multicast: Multicast;
  readonly clock: Pick<Clock, 'monoMs' | 'setTimer'>;
  /** 0 to 1, without 1. */
  readonly random: () => number;
  /** `imagetank` */
  readonly label: string;
  /** TCP, of the page. */
  readonly port: number;
  /** Whether another program of this machine answers for `<label>.local`: then only the service is ours to tell. */
  readonly hostIsTold: () => boolean;
  /** The name that was won, `imagetank-2.local`; null when the box has none. */
  readonly called: (name: string | null) => void;
  readonly warn: (text: string) => void;
}

interface Around {
  readonly links: readonly Link[];
  readonly tellsHost: boolean;
}

/**
 * The box is found as `http://imagetank.local`, service `_http._tcp` (RFC 6762, RFC 6763), on every network that it is on,
 * as they come and go. Whatever fails is said once and tried again; nothing is ever thrown.
 */
export class Announcer {
  readonly #parts: AnnouncerParts;
  readonly #quarrels = new Quarrels();
  #label: string;
  #claim: Claim | null = null;
  /** Of what the claim is for; it is made anew when that changes. */
  #picture = '';
  #opening: Promise<void> | null = null;
  #disarm: () => void = () => undefined;
  #againAtMs: number | null = null;
  #retryMs = LOOK_EVERY_MS;
  #said = '';
  #name: string | null = null;
  #stopped = false;

  constructor(parts: AnnouncerParts) {
    this.#parts = parts;
    this.#label = parts.label;
  }

  start(): void {
    this.#look();
  }

  /** Says goodbye. Safe twice and before `start`. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#disarm();
    await this.#opening;
    this.#claim?.goodbye();
    this.#claim?.stop();
    this.#claim = null;
    await this.#parts.multicast.close();
    this.#call(null);
  }

  #look(): void {
    if (this.#stopped) return;
    const { clock } = this.#parts;
    this.#disarm = clock.setTimer(LOOK_EVERY_MS, () => this.#look());
    const around = this.#opening === null ? this.#around() : null;
    if (around === null) return;
    const picture = JSON.stringify(around);
    const isDue = this.#againAtMs !== null && clock.monoMs() >= this.#againAtMs;
    if (picture === this.#picture && !isDue) {
      this.#rest();
      return;
    }
    this.#picture = picture;
    this.#againAtMs = null;
    this.#opening = this.#reopen(around).finally(() => {
      this.#opening = null;
    });
  }

  #around(): Around | null {
    try {
      return { links: this.#parts.multicast.links(), tellsHost: !this.#parts.hostIsTold() };
    } catch (error) {
      this.#complain(error);
      return null;
    }
  }

  /** All is well: what goes wrong next is news. */
  #rest(): void {
    if (this.#againAtMs !== null || this.#claim?.hasWon !== true) return;
    this.#retryMs = LOOK_EVERY_MS;
    this.#said = '';
  }

  async #reopen({ links, tellsHost }: Around): Promise<void> {
    const { multicast } = this.#parts;
    this.#claim?.stop();
    this.#label = this.#claim?.label ?? this.#label;
    this.#claim = null;
    await multicast.close();
    if (links.length === 0) return this.#call(null);
    try {
      await multicast.open(links, {
        hear: (message, from) => this.#hear(message, from),
        failed: (error) => this.#fail(error),
      });
    } catch (error) {
      this.#call(null);
      return this.#fail(error);
    }
    this.#claim = this.#claimOf(links, tellsHost);
    this.#claim.start();
  }

  #claimOf(links: readonly Link[], tellsHost: boolean): Claim {
    const { multicast, clock, random, label: first, port } = this.#parts;
    const won = ({ host }: { readonly host: string }) => this.#call(tellsHost ? host : null);
    const parts = { multicast, clock, random, links, first, tellsHost, port, quarrels: this.#quarrels, won };
    return new Claim(parts, this.#label);
  }

  #hear(message: Message, from: Speaker): void {
    this.#claim?.hear(message, from);
  }

  #call(name: string | null): void {
    if (name === this.#name) return;
    this.#name = name;
    this.#parts.called(name);
  }

  #fail(error: unknown): void {
    this.#complain(error);
    if (this.#againAtMs !== null || this.#stopped) return;
    this.#againAtMs = this.#parts.clock.monoMs() + this.#retryMs;
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
  }

  #complain(error: unknown): void {
    if (this.#said !== '') return;
    this.#said = messageOf(error);
    this.#parts.warn(`multicast DNS: ${this.#said}; the box may not be found as ${this.#parts.label}.local`);
  }
}
