import { createSocket, type Socket } from 'node:dgram';
import makeMdns from 'multicast-dns';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { packetOf } from '../../adapters/multicast-dns/convert.ts';
import { MulticastDns } from '../../adapters/multicast-dns/multicast.ts';
import { Announcer } from '../../services/network/announcer.ts';
import { EMPTY, type Message } from '../../services/network/dns.ts';
import { turns } from '../http/kit.ts';
import { addressRecord, serviceRecord } from '../network/wire.ts';

const FROM = { address: '192.0.2.66', family: 'IPv4', port: 5353, size: 0 } as const;
const SEED = 20_261_122;

/** A generator of Lehmer's (MINSTD): the same bytes in each run. */
function chances(seed: number): () => number {
  let state = seed % 2_147_483_647;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return (state - 1) / 2_147_483_646;
  };
}

/** The bytes of a message, as the library writes them. */
function bytesOf(message: Message): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.send = ((bytes: Buffer) => {
      socket.close();
      resolve(bytes);
    }) as Socket['send'];
    const mdns = makeMdns({ socket, multicast: false, bind: false });
    const { questions = [], answers = [], ...packet } = packetOf(message);
    if (message.kind === 'query') mdns.query({ ...packet, questions, answers });
    else mdns.respond({ ...packet, questions, answers });
  });
}

/** An announcer on the real decoder, whose socket hears what the test puts there and says nothing to anybody. */
let socket: Socket;
let announcer: Announcer;
let clock: VirtualClock;
const sent: Buffer[] = [];
const said: string[] = [];
const names: (string | null)[] = [];

beforeEach(async () => {
  for (const list of [sent, said, names]) list.length = 0;
  socket = createSocket({ type: 'udp4', reuseAddr: true });
  socket.addMembership = () => undefined;
  socket.setMulticastInterface = () => undefined;
  socket.send = ((bytes: Buffer, ...rest: unknown[]) => {
    sent.push(bytes);
    const done = rest.at(-1);
    if (typeof done === 'function') done(null);
  }) as Socket['send'];
  const bind = socket.bind.bind(socket);
  socket.bind = ((_: object, done: () => void) =>
    bind({ port: 0, address: '127.0.0.1' }, done)) as Socket['bind'];
  clock = new VirtualClock();
  const info = { netmask: '255.255.255.0', mac: '', internal: false, cidr: null };
  const eth0 = [{ ...info, family: 'IPv4' as const, address: '192.0.2.2' }];
  announcer = new Announcer({
    multicast: new MulticastDns({
      openSocket: () => socket,
      interfaces: () => ({ eth0 }),
      monoMs: () => clock.monoMs(),
    }),
    ...{ clock, label: 'imagetank', port: 8080, random: () => 0, hostIsTold: () => false },
    called: (name) => names.push(name),
    warn: (text) => said.push(text),
  });
  announcer.start();
  while (clock.armed < 2) await turns(1);
});
afterEach(() => announcer.stop());

const hear = (packet: Buffer) => void socket.emit('message', packet, { ...FROM, size: packet.length });

async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 250) {
    clock.advance(250);
    await turns(3);
  }
}

const QUERY: Message = {
  ...EMPTY,
  kind: 'query',
  questions: [{ name: 'imagetank.local', type: 'A', unicast: false }],
};

const textOf = (name: string): Message => ({ ...QUERY, questions: [{ name, type: 'TXT', unicast: false }] });

test('what the decoder hears is heard: this test of hostile bytes would see them', async () => {
  await pass(3000);
  expect(names).toEqual(['imagetank.local']);
  const before = sent.length;
  hear(await bytesOf(QUERY));
  await turns(5);
  expect(sent.length).toBe(before + 1);
});

test('10,000 packets of chance, and sound ones with bytes of chance in them, break nothing', async () => {
  const chance = chances(SEED);
  const byte = () => Math.floor(chance() * 256);
  const claim = [addressRecord('192.0.2.9'), serviceRecord(1, 'x.local')];
  const sound = await Promise.all([
    bytesOf(QUERY),
    bytesOf({ ...QUERY, authorities: claim }),
    bytesOf({ ...EMPTY, kind: 'response', answers: claim, additionals: claim }),
  ]);
  await pass(3000);
  for (let times = 0; times < 10_000; times++) {
    const random = Buffer.from(Array.from({ length: Math.floor(chance() * 120) }, byte));
    const bent = Buffer.from(sound[times % sound.length] ?? []);
    for (let bytes = 0; bytes < 1 + chance() * 4; bytes++) bent[Math.floor(chance() * bent.length)] = byte();
    const cut = bent.subarray(0, Math.floor(chance() * (bent.length + 1)));
    const marked = Buffer.concat([random, Buffer.from('\u0009imagetank\u0005local\u0000')]);
    hear([random, bent, cut, marked][times % 4] ?? random);
    if (times % 100 === 0) await pass(1000);
  }
  expect(said).toEqual([]);
  await pass(120_000);
  expect(names.at(-1)).toMatch(/^imagetank(-\d+)?\.local$/);
  const name = names.at(-1) ?? '';
  const before = sent.length;
  hear(await bytesOf({ ...QUERY, questions: [{ name, type: 'A', unicast: false }] }));
  await turns(5);
  expect(sent.length).toBe(before + 1);
});

test('names that point to themselves, to each other and beyond the end are thrown away', async () => {
  await pass(3000);
  const header = (questions: number) => Buffer.from([0, 0, 0, 0, 0, questions, 0, 0, 0, 0, 0, 0]);
  const label = Buffer.from('\u0009imagetank');
  const tail = Buffer.from([0, 1, 0, 1]);
  const before = sent.length;
  for (const pointer of [[0xc0, 12], [0xc0, 22], [0xc0, 24], [0xff, 0xff], [0xc0], [0x80, 0]]) {
    hear(Buffer.concat([header(1), label, Buffer.from(pointer), tail]));
    hear(Buffer.concat([header(2), label, Buffer.from(pointer), tail, label, Buffer.from(pointer), tail]));
  }
  await pass(1000);
  expect([sent.length - before, said, names]).toEqual([0, [], ['imagetank.local']]);
});

test('a flood is decoded up to a limit a second, and in the next one the box hears again', async () => {
  await pass(3000);
  const before = sent.length;
  const [flood, other] = [await bytesOf(QUERY), await bytesOf(textOf('imagetank._http._tcp.local'))];
  for (let times = 0; times < 1000; times++) hear(Buffer.concat([flood, Buffer.alloc(8000)]));
  hear(other);
  await turns(5);
  expect(sent.length - before).toBe(1);
  await pass(1000);
  hear(other);
  await turns(5);
  expect(sent.length - before).toBe(2);
});
