import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import type { Fact } from '../../machines/facts.ts';
import { Access, type InviteMessage } from '../../services/access/access.ts';
import type { Secrets } from '../../services/access/ports.ts';
import type { Ids } from '../../services/ports.ts';

/** Codes 000001, 000002 …, tokens that end in 1, 2 …: what a test can foretell. */
export function countedSecrets(): Secrets {
  let [codes, tokens] = [0, 0];
  return {
    code: () => String(++codes).padStart(6, '0'),
    token: () => String(++tokens).padStart(43, 'T'),
  };
}

/** Ids `id-1`, `id-2` … */
export function countedIds(): Ids {
  let count = 0;
  return { uuid: () => `id-${++count}` };
}

/** `Access` on a virtual clock; what it records is kept and told to it at once. */
export class Doorman {
  readonly clock = new VirtualClock();
  readonly facts: Fact[] = [];
  /** Thrown instead of recording. */
  refusal: Error | null = null;
  /** Keeps the disk busy. */
  gate: Promise<void> = Promise.resolve();
  readonly access: Access;

  constructor(secrets = countedSecrets()) {
    this.access = new Access({
      clock: this.clock,
      ids: countedIds(),
      secrets,
      record: async (fact) => {
        await this.gate;
        if (this.refusal !== null) throw this.refusal;
        this.facts.push(fact);
        this.access.apply({ fact, at: this.clock.stamp().at });
      },
    });
  }

  /** Opens a pairing; what it tells is collected. */
  invite(role: 'owner' | 'viewer' = 'owner', name: string | null = null) {
    const heard: InviteMessage[] = [];
    let ended = false;
    const subscription = this.access.invite({ role, name }).subscribe({
      next: (message) => heard.push(message),
      complete: () => {
        ended = true;
      },
    });
    const code = heard.flatMap((message) => ('open' in message ? [message.open.code] : []))[0] ?? '';
    return { heard, code, isOver: () => ended, leave: () => subscription.unsubscribe() };
  }

  ask(code: string | null, address = '192.168.1.7', name: string | null = null) {
    return this.access.pair({ code, address, name });
  }
}
