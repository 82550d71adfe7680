import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EMPTY, type Message, type Resource } from '../../services/network/dns.ts';
import type { Multicast, MulticastListener, Speaker } from '../../services/network/ports.ts';

export interface MulticastSubject {
  readonly one: Multicast;
  /** On the same network. */
  readonly other: Multicast;
  /** Returns when what these said before has arrived wherever it arrives; they may say `MARK` for that. */
  settle(speakers: readonly Multicast[]): Promise<void>;
  cleanUp(): Promise<void>;
}

/** Not counted. */
export const MARK = 'imagetank-mark.local';

class Ear implements MulticastListener {
  readonly heard: (readonly [Message, Speaker])[] = [];
  readonly errors: Error[] = [];
  hear(message: Message, from: Speaker): void {
    if (message.questions[0]?.name !== MARK) this.heard.push([message, from]);
  }
  failed(error: Error): void {
    this.errors.push(error);
  }
  get names(): readonly string[] {
    return this.heard.flatMap(([{ questions }]) => questions.map(({ name }) => name));
  }
}

const NAME = 'imagetank.local';
const query = (name = NAME): Message => {
  return { ...EMPTY, kind: 'query', questions: [{ name, type: 'ANY', unicast: false }] };
};
const record = (data: Resource['data'], unique = true): Resource => ({
  name: NAME,
  unique,
  ttlSeconds: 120,
  data,
});

const FULL: Message = {
  ...EMPTY,
  kind: 'response',
  answers: [
    record({ type: 'A', address: '192.168.1.7' }),
    record({ type: 'PTR', target: 'imagetank-2._http._tcp.local' }, false),
    record({ type: 'TXT', strings: ['path=/', 'ü='] }),
  ],
  additionals: [
    record({ type: 'SRV', priority: 1, weight: 2, port: 8080, target: NAME }),
    { ...record({ type: 'AAAA', address: '2001:db8::7' }), ttlSeconds: 0 },
    record({ type: 'NSEC', types: ['A', 'AAAA'] }),
  ],
};

/** What every `Multicast` must do. */
export function multicastContract(name: string, open: () => Promise<MulticastSubject>): void {
  describe(`Multicast: ${name}`, () => {
    let subject: MulticastSubject;
    const ears = { one: new Ear(), other: new Ear() };
    let link: string;
    beforeEach(async () => {
      subject = await open();
      ears.one = new Ear();
      ears.other = new Ear();
      await subject.one.open(subject.one.links(), ears.one);
      await subject.other.open(subject.other.links(), ears.other);
      link = subject.one.links()[0]?.name ?? '';
    });
    afterEach(() => subject.cleanUp());

    it('has links with an address each, which is among its own', () => {
      const links = subject.one.links();
      expect(links.length).toBeGreaterThan(0);
      for (const { name: linkName, address, addresses, own } of links) {
        expect(linkName).not.toBe('');
        expect(address).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
        expect(addresses).toContain(address);
        for (const each of addresses) expect(own).toContain(each);
      }
      expect(subject.one.links()).toEqual(links);
    });

    it('carries to everybody on the link, to itself too, and says who spoke from where', async () => {
      subject.one.send(query(), { link });
      await subject.settle([subject.one, subject.other]);
      const { address } = subject.one.links()[0] ?? {};
      for (const { heard, errors } of Object.values(ears)) {
        expect([heard.length, errors]).toEqual([1, []]);
        expect(heard[0]?.[0]).toEqual(query());
        expect(heard[0]?.[1]).toMatchObject({ address, link, legacy: false });
      }
    });

    it('carries every kind of record as it is', async () => {
      subject.one.send(FULL, { link });
      const claim: Message = {
        ...query(),
        authorities: [{ ...record({ type: 'A', address: '10.0.0.1' }), unique: false }],
      };
      subject.one.send(claim, { link });
      await subject.settle([subject.one, subject.other]);
      expect(ears.other.heard.map(([message]) => message)).toEqual([FULL, claim]);
    });

    it('keeps the order', async () => {
      const names = Array.from({ length: 20 }, (_, at) => `imagetank-${at}.local`);
      for (const each of names) subject.one.send(query(each), { link });
      await subject.settle([subject.one, subject.other]);
      expect(ears.other.names).toEqual(names);
    });

    it('says nothing on a link that it has not', async () => {
      subject.one.send(query(), { link: 'nowhere' });
      await subject.settle([subject.one, subject.other]);
      expect([ears.one.heard, ears.other.heard, ears.one.errors]).toEqual([[], [], []]);
    });

    it('sends what was said before it is closed, and then hears and says nothing', async () => {
      subject.one.send(query('imagetank-last.local'), { link });
      await subject.one.close();
      subject.one.send(query('imagetank-late.local'), { link });
      subject.other.send(query('imagetank-other.local'), { link });
      await subject.settle([subject.other]);
      expect(ears.other.names).toEqual(['imagetank-last.local', 'imagetank-other.local']);
      expect(ears.one.names).not.toContain('imagetank-other.local');
      expect(ears.one.errors).toEqual([]);
    });

    it('can be opened again, and closed twice or before it was opened', async () => {
      await subject.one.close();
      await subject.one.close();
      const again = new Ear();
      await subject.one.open(subject.one.links(), again);
      subject.other.send(query(), { link });
      await subject.settle([subject.one, subject.other]);
      expect([again.names, ears.one.names]).toEqual([[NAME], []]);
    });
  });
}
