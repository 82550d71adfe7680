import type { Message } from '../../services/network/dns.ts';
import type { Link, Multicast, MulticastListener } from '../../services/network/ports.ts';
import type { Clock } from '../../services/ports.ts';

const PORT = 5353;
/** A packet takes its time: nothing is heard within the call that says it. */
const LATENCY_MS = 1;

export interface Said {
  readonly message: Message;
  /** Address of who said it. */
  readonly by: string;
  /** Null: to everybody. */
  readonly to: string | null;
}

/** A network in memory; interfaces of boxes are on it by the name of their link. */
export class MemoryWire {
  readonly #clock: Pick<Clock, 'setTimer'>;
  readonly #boxes = new Set<MemoryMulticast>();
  readonly said: Said[] = [];

  constructor(clock: Pick<Clock, 'setTimer'>) {
    this.#clock = clock;
  }

  /** A box with one interface on this wire; `address` null: its cable is out. */
  plug(address: string | null, more: readonly string[] = []): MemoryMulticast {
    const box = new MemoryMulticast(this, address, more);
    this.#boxes.add(box);
    return box;
  }

  /** Whoever is on the wire hears it, who says it too; a stranger says it from another port. */
  carry(message: Message, by: string, to: { address: string; port: number } | null, port = PORT): void {
    this.said.push({ message, by, to: to?.address ?? null });
    this.#clock.setTimer(LATENCY_MS, () => {
      for (const box of this.#boxes) {
        if (to === null || (to.address === box.address && to.port === PORT)) box.receive(message, by, port);
      }
    });
  }
}

export class MemoryMulticast implements Multicast {
  readonly #wire: MemoryWire;
  readonly #more: readonly string[];
  address: string | null;
  /** Thrown by the next `open` and told at each `send`, until it is null again. */
  trouble: { readonly opening?: Error; readonly sending?: Error } | null = null;
  opened = 0;
  #listening: { readonly address: string; readonly listener: MulticastListener } | null = null;

  constructor(wire: MemoryWire, address: string | null, more: readonly string[]) {
    this.#wire = wire;
    this.address = address;
    this.#more = more;
  }

  links(): readonly Link[] {
    if (this.address === null) return [];
    const addresses = [this.address, ...this.#more];
    return [{ name: 'wire', address: this.address, addresses, own: addresses }];
  }

  async open([link]: readonly Link[], listener: MulticastListener): Promise<void> {
    if (this.trouble?.opening !== undefined) throw this.trouble.opening;
    if (this.#listening !== null) throw new Error('it is open: what it holds would be left behind');
    this.opened++;
    if (link !== undefined) this.#listening = { address: link.address, listener };
  }

  send(message: Message, to: Parameters<Multicast['send']>[1]): void {
    if (this.#listening === null) return;
    const { sending } = this.trouble ?? {};
    if (sending !== undefined) {
      this.#listening.listener.failed(sending);
      return;
    }
    if ('link' in to && to.link !== 'wire') return;
    this.#wire.carry(message, this.#listening.address, 'link' in to ? null : to);
  }

  receive(message: Message, by: string, port: number): void {
    if (this.address !== this.#listening?.address) return;
    const link = by.split('.', 3).join('.') === this.address?.split('.', 3).join('.') ? 'wire' : null;
    this.#listening?.listener.hear(message, { address: by, port, link, legacy: port !== PORT });
  }

  async close(): Promise<void> {
    this.#listening = null;
  }
}
