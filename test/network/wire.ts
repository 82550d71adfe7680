import { MemoryWire } from '../../adapters/memory/memory-multicast.ts';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { Announcer } from '../../services/network/announcer.ts';
import { EMPTY, type Message, type Question, type Resource } from '../../services/network/dns.ts';
import { turns } from '../http/kit.ts';

export const INSTANCE = 'imagetank._http._tcp.local';
export const HOUR_MS = 3_600_000;

/** A network in memory with boxes on it, and a clock that only the test moves. */
export class Network {
  readonly clock = new VirtualClock();
  readonly wire = new MemoryWire(this.clock);
  /** Says what nobody expects, and hears nothing. */
  readonly stranger = '192.168.1.66';

  box(address: string | null, { chance = 0, port = 8080, more = [] as readonly string[] } = {}) {
    const multicast = this.wire.plug(address, more);
    const around = { avahi: false, listing: null as Error | null };
    const names: (string | null)[] = [];
    const said: string[] = [];
    const { clock } = this;
    const links = multicast.links.bind(multicast);
    multicast.links = () => {
      if (around.listing !== null) throw around.listing;
      return links();
    };
    const announcer = new Announcer({
      ...{ multicast, clock, port, label: 'imagetank', random: () => chance },
      hostIsTold: () => around.avahi,
      called: (name) => names.push(name),
      warn: (text) => said.push(text),
    });
    return { announcer, multicast, around, names, said };
  }

  /** A box that has its name. */
  async settled(address = '192.168.1.7', options = {}) {
    const box = this.box(address, options);
    box.announcer.start();
    await this.pass(3000);
    this.wire.said.length = 0;
    return box;
  }

  async pass(ms: number): Promise<void> {
    await turns(1);
    for (let left = ms; left > 0; left -= 50) {
      this.clock.advance(Math.min(left, 50));
      await turns(1);
    }
  }

  /** Somebody else, on the wire. */
  say(message: Partial<Message>, { by = this.stranger, port = 5353 } = {}): void {
    this.wire.carry({ ...EMPTY, kind: 'response', ...message }, by, null, port);
  }

  ask(
    questions: readonly Partial<Question>[],
    { by = this.stranger, port = 5353, ...more }: Partial<Message> & { by?: string; port?: number } = {},
  ): void {
    const whole = questions.map((question) => ({
      name: 'imagetank.local',
      type: 'A',
      unicast: false,
      ...question,
    }));
    this.say({ kind: 'query', questions: whole, ...more }, { by, port });
  }

  /** What this address said since the test looked last, as short words. */
  heard(by: string): string[] {
    const heard = this.wire.said
      .filter((one) => one.by === by)
      .map(({ message, to }) => `${words(message)}${to === null ? '' : ` to ${to}`}`);
    this.wire.said.length = 0;
    return heard;
  }
}

const words = ({ kind, questions, answers, authorities, additionals }: Message) =>
  [
    kind,
    ...questions.map(({ name, type }) => `${name}?${type}`),
    ...answers.map(word),
    ...authorities.map((record) => `claim:${word(record)}`),
    ...additionals.map((record) => `+${word(record)}`),
  ].join(' ');

const word = ({ data, ttlSeconds }: Resource) => {
  const value =
    data.type === 'A' || data.type === 'AAAA'
      ? data.address
      : data.type === 'PTR'
        ? data.target
        : data.type === 'SRV'
          ? `${data.target}:${data.port}`
          : '';
  return `${data.type}${value === '' ? '' : `=${value}`}${ttlSeconds === 0 ? '!' : ''}`;
};

export const addressRecord = (address: string, name = 'imagetank.local', ttlSeconds = 120): Resource => ({
  ...{ name, unique: true, ttlSeconds },
  data: { type: address.includes(':') ? 'AAAA' : 'A', address },
});

export const serviceRecord = (port: number, target: string, name = INSTANCE): Resource => ({
  ...{ name, unique: true, ttlSeconds: 120 },
  data: { type: 'SRV', priority: 0, weight: 0, port, target },
});
