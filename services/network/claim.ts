import type { Clock } from '../ports.ts';
import { addressData, namesOf, type Records, recordsOf, type Self } from './box-records.ts';
import { isTaken, nextLabel, type Quarrels, yieldsTo } from './contest.ts';
import { EMPTY, type Message, type Resource } from './dns.ts';
import type { Link, Multicast, Speaker } from './ports.ts';
import { Responder } from './responder.ts';
import { Voice } from './voice.ts';

/** RFC 6762, section 8.1. */
const PROBES = 3;
const PROBE_EVERY_MS = 250;
const FIRST_WITHIN_MS = 250;
/** Who gives way looks again when the other one has won, or has gone (section 8.2). */
const YIELD_MS = 1000;
/** Said twice, for a packet may get lost (section 8.3). */
const ANNOUNCE_AGAIN_MS = 1000;

export interface ClaimParts {
  readonly multicast: Pick<Multicast, 'send'>;
  readonly clock: Pick<Clock, 'monoMs' | 'setTimer'>;
  /** 0 to 1, without 1. */
  readonly random: () => number;
  readonly links: readonly Link[];
  /** The label to begin with when all numbers are tried. */
  readonly first: string;
  readonly tellsHost: boolean;
  readonly port: number;
  readonly quarrels: Quarrels;
  readonly won: (self: Self) => void;
}

/**
 * Claims a name on all links, and answers for it once it is won: probing, giving way, renaming, defending (RFC 6762,
 * sections 8 and 9). One lives for as long as the links stay as they are.
 */
export class Claim {
  readonly #parts: ClaimParts;
  readonly #voice: Voice;
  readonly #responder: Responder;
  #self: Self;
  #records: ReadonlyMap<string, Records>;
  #hasWon = false;
  #disarm: () => void = () => undefined;

  constructor(parts: ClaimParts, label: string) {
    this.#parts = parts;
    this.#voice = new Voice(parts.multicast, parts.clock);
    this.#responder = new Responder({ ...parts, voice: this.#voice });
    this.#self = this.#named(label);
    this.#records = this.#recordsOf(this.#self);
  }

  get label(): string {
    return this.#self.label;
  }

  get hasWon(): boolean {
    return this.#hasWon;
  }

  start(): void {
    this.#contend(this.#parts.random() * FIRST_WITHIN_MS);
  }

  stop(): void {
    this.#disarm();
    this.#responder.stop();
  }

  /** Takes back what was said. */
  goodbye(): void {
    if (!this.#hasWon) return;
    for (const [link, records] of this.#records) this.#voice.goodbye(link, records);
  }

  hear(message: Message, from: Speaker): void {
    if (message.kind === 'response') {
      if (!from.legacy && isTaken(message, namesOf(this.#self), this.#own())) this.#quarrel();
    } else if (this.#hasWon) {
      this.#responder.answer(message, from, this.#records);
    } else if (!from.legacy && this.#yieldsTo(message, from)) {
      this.#contend(YIELD_MS);
    }
  }

  /** A name that was won is fought for once more, one that was not is given up (section 9). */
  #quarrel(): void {
    const { clock, quarrels, first, random } = this.#parts;
    quarrels.had(clock.monoMs());
    if (!this.#hasWon) {
      this.#self = this.#named(nextLabel(first, this.#self.label));
      this.#records = this.#recordsOf(this.#self);
    }
    this.#contend(Math.max(random() * FIRST_WITHIN_MS, quarrels.pauseMs));
  }

  #contend(delayMs: number): void {
    this.#hasWon = false;
    this.#responder.stop();
    this.#voice.forget();
    this.#after(delayMs, () => this.#probe(PROBES));
  }

  #probe(left: number): void {
    if (left === 0) {
      this.#win();
      return;
    }
    const questions = namesOf(this.#self).map((name) => ({ name, type: 'ANY', unicast: false }));
    for (const [link, { unique }] of this.#records) {
      this.#parts.multicast.send({ ...EMPTY, kind: 'query', questions, authorities: unique }, { link });
    }
    this.#after(PROBE_EVERY_MS, () => this.#probe(left - 1));
  }

  #win(): void {
    this.#hasWon = true;
    this.#announce();
    this.#after(ANNOUNCE_AGAIN_MS, () => this.#announce());
    this.#parts.won(this.#self);
  }

  #announce(): void {
    for (const [link, { unique, shared }] of this.#records) this.#voice.say(link, [...unique, ...shared]);
  }

  #yieldsTo(message: Message, { link }: Speaker): boolean {
    const here = (link === null ? null : this.#records.get(link)) ?? [...this.#records.values()][0];
    return here !== undefined && yieldsTo(message, namesOf(this.#self), here.unique, this.#own());
  }

  /** What is true of this machine, whoever says it: another program on it may tell more addresses. */
  #own(): readonly Resource[] {
    const { host } = this.#self;
    const addresses = this.#parts.links.flatMap(({ own }) => own);
    return [
      ...[...this.#records.values()].flatMap(({ unique }) => unique),
      ...addresses.map((address) => ({
        ...{ name: host, unique: true, ttlSeconds: 0 },
        data: addressData(address),
      })),
    ];
  }

  #named(label: string): Self {
    const { first, tellsHost, port } = this.#parts;
    return { label, host: `${tellsHost ? label : first}.local`, tellsHost, port };
  }

  #recordsOf(self: Self): ReadonlyMap<string, Records> {
    return new Map(this.#parts.links.map((link) => [link.name, recordsOf(self, link)]));
  }

  #after(delayMs: number, run: () => void): void {
    this.#disarm();
    this.#disarm = this.#parts.clock.setTimer(delayMs, run);
  }
}
