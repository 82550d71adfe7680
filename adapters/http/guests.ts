import type { Socket } from 'node:net';
import { placeOf } from '../../services/network/place.ts';
import type { Clock } from '../../services/ports.ts';

/** How many connections of the network may be open. */
export interface Limits {
  /** All. Each costs some 30 KB with TLS; a family with its tabs has a few dozen. */
  readonly all: number;
  /** Those on which nobody has shown a token yet. */
  readonly strangers: number;
  /** Of these, from one address: a browser opens six at once, and several may stand behind one router. */
  readonly aPlace: number;
}

const LIMITS: Limits = { all: 256, strangers: 64, aPlace: 32 };
/**
 * A script opens its hundred connections at once and sends its token when they stand, on a slow line behind a handshake of
 * TLS. Who is patient with more of them than may stay costs nobody: `all` holds meanwhile.
 */
export const FIRST_TOKEN_MS = 2000;

interface Guest {
  readonly place: string;
  readonly socket: Socket;
  readonly cameMs: number;
  known: boolean;
}

/**
 * Who is at the door. A stranger's connection gives way to a newer one when it had the time to show a token, or when there
 * is no room at all: first within its own place, then within the place that has most of them. So whoever keeps a thousand
 * open has 32, and the owner's next one is let in, becomes known with its first token, and is never closed for others.
 * Nothing is refused for what an address did: behind one router there may be the stranger, the owner, and 50 screens that
 * show the progress.
 */
export class Guests {
  readonly #clock: Pick<Clock, 'monoMs' | 'setTimer'>;
  readonly #limits: Limits;
  /** In the order in which they came. */
  readonly #open = new Map<string, Guest>();

  #disarm: (() => void) | null = null;

  constructor(clock: Pick<Clock, 'monoMs' | 'setTimer'>, limits: Limits = LIMITS) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get count(): number {
    return this.#open.size;
  }

  /** False: there is no room, and the socket has been closed. */
  enter(socket: Socket): boolean {
    const key = keyOf(socket);
    // It has gone already.
    if (key === null) return this.#refuse(socket);
    const place = placeOf(socket.remoteAddress ?? '');
    if (this.#open.size >= this.#limits.all)
      this.#send(this.#oneTooMany() ?? oldestOfMost(this.#strangers()));
    if (this.#open.size >= this.#limits.all) return this.#refuse(socket);
    const guest: Guest = { place, socket, cameMs: this.#clock.monoMs(), known: false };
    this.#open.set(key, guest);
    socket.once('close', () => {
      if (this.#open.get(key) === guest) this.#open.delete(key);
    });
    this.#sendWhoHadTime();
    return true;
  }

  /** The connection below a request (with TLS, the encrypted one above it) has shown a token that is good. */
  recognise(socket: Pick<Socket, 'remoteAddress' | 'remotePort'>): void {
    const guest = this.#open.get(keyOf(socket) ?? '');
    if (guest !== undefined) guest.known = true;
  }

  /** Nobody gives way any more. */
  stop(): void {
    this.#disarm?.();
    this.#disarm = null;
  }

  closeAll(): void {
    for (const { socket } of [...this.#open.values()]) socket.destroy();
  }

  #refuse(socket: Socket): false {
    socket.destroy();
    return false;
  }

  #strangers(): readonly Guest[] {
    return [...this.#open.values()].filter(({ known }) => !known);
  }

  /** Who gives way next, while there are more strangers than may stay. */
  #oneTooMany(): Guest | undefined {
    const strangers = this.#strangers();
    const { strangers: most, aPlace } = this.#limits;
    const counts = countsOf(strangers);
    const crowded = strangers.find(({ place }) => (counts.get(place) ?? 0) > aPlace);
    return crowded ?? (strangers.length > most ? oldestOfMost(strangers) : undefined);
  }

  #sendWhoHadTime(): void {
    this.stop();
    for (let guest = this.#oneTooMany(); guest !== undefined; guest = this.#oneTooMany()) {
      const leftMs = guest.cameMs + FIRST_TOKEN_MS - this.#clock.monoMs();
      if (leftMs > 0) {
        this.#disarm = this.#clock.setTimer(leftMs, () => this.#sendWhoHadTime());
        return;
      }
      this.#send(guest);
    }
  }

  #send(guest: Guest | undefined): void {
    if (guest === undefined) return;
    this.#open.delete(keyOf(guest.socket) ?? '');
    guest.socket.destroy();
  }
}

/** The first that came from the place from which most did. */
function oldestOfMost(guests: readonly Guest[]): Guest | undefined {
  const counts = countsOf(guests);
  const most = Math.max(0, ...counts.values());
  return guests.find(({ place }) => counts.get(place) === most);
}

function countsOf(guests: readonly Guest[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { place } of guests) counts.set(place, (counts.get(place) ?? 0) + 1);
  return counts;
}

const keyOf = ({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string | null =>
  remoteAddress === undefined ? null : `${remoteAddress} ${remotePort ?? 0}`;
