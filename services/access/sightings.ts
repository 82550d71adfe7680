import type { Clock } from '../ports.ts';

/** When and how a device was there last. */
export interface Sighting {
  /** ISO 8601 UTC, to the minute: more would tell when somebody looks at the page, and of what use is it? */
  readonly at: string;
  readonly family: 'IPv4' | 'IPv6';
}

/**
 * Who was there last, in memory only: a fact for each minute of each open page would fill the journal, which is for what
 * happened to photos. After a restart nobody has been seen. At most one a device.
 */
export class Sightings {
  readonly #clock: Pick<Clock, 'stamp'>;
  readonly #last = new Map<string, Sighting>();

  constructor(clock: Pick<Clock, 'stamp'>) {
    this.#clock = clock;
  }

  /** `address` as a socket has it; one of IPv4 may come in the clothes of IPv6. */
  saw(device: string, address: string): void {
    const isMapped = /^::ffff:\d+\./.test(address);
    const family = address.includes(':') && !isMapped ? 'IPv6' : 'IPv4';
    this.#last.set(device, { at: `${this.#clock.stamp().at.slice(0, 16)}:00.000Z`, family });
  }

  /** It is there now, by what it showed last. */
  still(device: string): void {
    const last = this.#last.get(device);
    if (last !== undefined) this.saw(device, last.family === 'IPv6' ? '::' : '');
  }

  of(device: string): Sighting | null {
    return this.#last.get(device) ?? null;
  }

  forget(device: string): void {
    this.#last.delete(device);
  }
}
