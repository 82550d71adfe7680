import type { Socket } from 'node:net';
import { placeOf } from '../../services/network/place.ts';

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

interface Guest {
  readonly place: string;
  readonly socket: Socket;
  known: boolean;
}

/**
 * Who is at the door. A stranger's connection gives way to a newer one: first within its own place, then within the place
 * that has most of them. So whoever keeps a thousand open has 32, and the owner's next one is let in, becomes known with
 * its first token, and is never closed for others. Nothing is refused for what an address did: behind one router there may
 * be the stranger, the owner, and 50 screens that show the progress.
 */
export class Guests {
  readonly #limits: Limits;
  /** In the order in which they came. */
  readonly #open = new Map<string, Guest>();

  constructor(limits: Limits = LIMITS) {
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
    this.#makeRoom(place);
    if (this.#open.size >= this.#limits.all) return this.#refuse(socket);
    const guest: Guest = { place, socket, known: false };
    this.#open.set(key, guest);
    socket.once('close', () => {
      if (this.#open.get(key) === guest) this.#open.delete(key);
    });
    return true;
  }

  /** The connection below a request (with TLS, the encrypted one above it) has shown a token that is good. */
  recognise(socket: Pick<Socket, 'remoteAddress' | 'remotePort'>): void {
    const guest = this.#open.get(keyOf(socket) ?? '');
    if (guest !== undefined) guest.known = true;
  }

  closeAll(): void {
    for (const { socket } of [...this.#open.values()]) socket.destroy();
  }

  #refuse(socket: Socket): false {
    socket.destroy();
    return false;
  }

  #makeRoom(place: string): void {
    const strangers = [...this.#open.values()].filter(({ known }) => !known);
    const here = strangers.filter((guest) => guest.place === place);
    const { all, strangers: most, aPlace } = this.#limits;
    if (here.length >= aPlace) this.#send(here[0]);
    else if (strangers.length >= most || this.#open.size >= all) this.#send(oldestOfMost(strangers));
  }

  #send(guest: Guest | undefined): void {
    if (guest === undefined) return;
    this.#open.delete(keyOf(guest.socket) ?? '');
    guest.socket.destroy();
  }
}

/** The first that came from the place from which most did. */
function oldestOfMost(guests: readonly Guest[]): Guest | undefined {
  const counts = new Map<string, number>();
  for (const { place } of guests) counts.set(place, (counts.get(place) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  return guests.find(({ place }) => counts.get(place) === most);
}

const keyOf = ({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string | null =>
  remoteAddress === undefined ? null : `${remoteAddress} ${remotePort ?? 0}`;
