import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import makeMdns from 'multicast-dns';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MulticastDns } from '../../adapters/multicast-dns/multicast.ts';
import { createSystemClock } from '../../adapters/node/system-clock.ts';
import { Network } from '../../bin/network.ts';
import type { Message } from '../../services/network/dns.ts';
import { ScriptedAppliance } from '../cli/scripted-appliance.ts';
import { Desk, until } from '../http/kit.ts';
import { freePort, hasMulticast } from '../multicast-dns/loopback.ts';

async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A phone: hears what is said to all, and asks as `dig -p 5353 @224.0.0.251 imagetank.local` does. */
class Phone {
  readonly #port: number;
  readonly #multicast: MulticastDns;
  readonly told: Message[] = [];

  constructor(port: number) {
    this.#port = port;
    this.#multicast = new MulticastDns({ port, loopback: true });
  }

  open(): Promise<void> {
    const hear = (message: Message) => {
      if (message.kind === 'response') this.told.push(message);
    };
    return this.#multicast.open(this.#multicast.links(), { hear, failed: () => undefined });
  }

  async ask(name: string, type: 'A' | 'PTR' | 'SRV'): Promise<object | string> {
    const socket = createSocket('udp4');
    socket.bind({ port: 0, address: '127.0.0.1' });
    await once(socket, 'listening');
    socket.setMulticastInterface('127.0.0.1');
    const client = makeMdns({ socket, multicast: false, bind: false });
    const answered = once(client, 'response');
    client.query({ id: 7, questions: [{ name, type }] }, { address: '224.0.0.251', port: this.#port });
    const [{ id, answers }] = await answered;
    client.destroy();
    expect([id, answers[0].name, answers[0].type]).toEqual([7, name, type]);
    return answers[0].data;
  }

  close(): Promise<void> {
    return this.#multicast.close();
  }
}

describe.runIf(hasMulticast)('a box with a port', () => {
  let stateDir: string;
  let udpPort: number;
  let port: number;
  let phone: Phone;
  const open: { readonly network: Network; readonly desk: Desk }[] = [];

  async function box(mdns = true, multicast = new MulticastDns({ port: udpPort, loopback: true })) {
    const network = new Network({
      ...{ port, mdns, tls: 'off', stateDir, strict: true, clock: createSystemClock() },
      info: () => undefined,
      warn: (text) => expect.unreachable(text),
      multicast,
    });
    const desk = new Desk(new ScriptedAppliance(), { reach: network.reach, page: network.page });
    open.push({ network, desk });
    await network.start(desk.server);
    return { network, desk };
  }
  const isCalled = (network: Network, name: string) =>
    until(() => network.reach.names.includes(name) && (network.reach.now?.hosts.includes(name) ?? false));

  beforeEach(async () => {
    stateDir = mkdtempSync(join(tmpdir(), 'imagetank-name-'));
    [udpPort, port] = await Promise.all([freePort(), freeTcpPort()]);
    phone = new Phone(udpPort);
    await phone.open();
  });
  afterEach(async () => {
    for (const { network, desk } of open.splice(0)) {
      await network.stop();
      await desk.clear();
    }
    await phone.close();
    rmSync(stateDir, { recursive: true, force: true });
  });

  test('is found by what it is, by its name, and answers under it', { timeout: 20_000 }, async () => {
    const { network, desk } = await box();
    await isCalled(network, 'imagetank.local');
    expect(await phone.ask('_http._tcp.local', 'PTR')).toBe('imagetank._http._tcp.local');
    const service = { port, target: 'imagetank.local' };
    expect(await phone.ask('imagetank._http._tcp.local', 'SRV')).toMatchObject(service);
    expect(await phone.ask('imagetank.local', 'A')).toBe('127.0.0.1');
    const answer = await desk.ask('/healthz', { port, headers: { host: `imagetank.local:${port}` } });
    expect(answer.status).toBe(200);
    expect(network.reach.address?.urls).toContain(`http://imagetank.local:${port}`);
  });

  test('beside another one is the second, and answers under that name', { timeout: 20_000 }, async () => {
    const first = await box();
    await isCalled(first.network, 'imagetank.local');
    port = await freeTcpPort();
    const { network, desk } = await box();
    const name = 'imagetank-2.local';
    const host = { host: `${name}:${port}` };
    expect((await desk.ask('/healthz', { port, headers: host })).status).toBe(421);
    await isCalled(network, name);
    expect((await desk.ask('/healthz', { port, headers: host })).status).toBe(200);
    expect(await phone.ask('imagetank-2._http._tcp.local', 'SRV')).toMatchObject({ target: name, port });
  });

  test('says goodbye when it ends', { timeout: 20_000 }, async () => {
    const { network } = await box();
    await isCalled(network, 'imagetank.local');
    phone.told.length = 0;
    await network.stop();
    const gone = () =>
      phone.told.flatMap(({ answers }) =>
        answers.filter(({ ttlSeconds }) => ttlSeconds === 0).map(({ data }) => data.type),
      );
    await until(() => gone().length >= 4);
    expect(gone().filter((type) => type !== 'AAAA')).toEqual(['A', 'SRV', 'TXT', 'PTR']);
    expect(network.reach.now?.hosts).not.toContain('imagetank.local');
  });

  test('with mdns = false does not even look where it could say something', async () => {
    const multicast = new MulticastDns({ port: udpPort, loopback: true });
    const looked = vi.spyOn(multicast, 'links');
    const { network } = await box(false, multicast);
    expect(network.reach.now?.port).toBe(port);
    await network.stop();
    expect(looked).not.toHaveBeenCalled();
  });
});
