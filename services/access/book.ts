import { Buffer } from 'node:buffer';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { DeviceRole, Fact, FactRecord } from '../../machines/facts.ts';
import { TOKEN } from './ports.ts';

/** A phone, a browser or a script that may come in. */
export interface Device {
  readonly id: string;
  readonly name: string;
  readonly role: DeviceRole;
  /** ISO 8601 UTC. */
  readonly pairedAt: string;
}

/** SHA-256 of a token, hexadecimal: all that is kept of it. A slow hash is for what people think up, not for 256 random bits. */
export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Which devices this journal says may come in. */
export class AccessBook {
  readonly #devices = new Map<string, { readonly device: Device; readonly hash: Buffer }>();

  /** Folds `DevicePaired` and `DeviceUnpaired`; every other fact is passed over. */
  apply({ fact, at }: Pick<FactRecord, 'at'> & { readonly fact: Fact }): void {
    if (fact.type === 'DevicePaired') {
      const { tokenId: id, name, role, hash } = fact;
      this.#devices.set(id, { device: { id, name, role, pairedAt: at }, hash: Buffer.from(hash, 'hex') });
    } else if (fact.type === 'DeviceUnpaired') {
      this.#devices.delete(fact.tokenId);
    }
  }

  /** In the order in which they came. */
  get devices(): readonly Device[] {
    return [...this.#devices.values()].map(({ device }) => device);
  }

  /** Whose token it is; null when nobody's. Takes as long whichever it is, and whatever is wrong with it. */
  holderOf(token: string): Device | null {
    if (!TOKEN.test(token)) return null;
    const asked = Buffer.from(hashOf(token), 'hex');
    let holder: Device | null = null;
    for (const { device, hash } of this.#devices.values()) {
      if (hash.length === asked.length && timingSafeEqual(hash, asked)) holder = device;
    }
    return holder;
  }
}
