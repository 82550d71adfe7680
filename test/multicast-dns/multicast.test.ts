import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import makeMdns from 'multicast-dns';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MulticastDns } from '../../adapters/multicast-dns/multicast.ts';
import { EMPTY, type Message } from '../../services/network/dns.ts';
import type { Speaker } from '../../services/network/ports.ts';
import { MARK, multicastContract } from '../contracts/multicast.contract.ts';
import { turns, until } from '../http/kit.ts';
import { addressRecord } from '../network/wire.ts';
import { freePort, hasMulticast } from './loopback.ts';

const query = (name: string): Message => {
  return { ...EMPTY, kind: 'query', questions: [{ name, type: 'A', unicast: false }] };
};
const deaf = { hear: () => undefined, failed: () => undefined };

if (hasMulticast) {
  multicastContract('multicast-dns on the loopback', async () => {
    const port = await freePort();
    const [one, other, third] = Array.from({ length: 3 }, () => new MulticastDns({ port, loopback: true }));
    if (one === undefined || other === undefined || third === undefined) throw new Error('unreachable');
    return {
      one,
      other,
      // Everybody's packets arrive in the order in which they were sent: who heard the mark heard what came before.
      settle: async (speakers) => {
        let marks = 0;
        const hear = ({ questions }: Message) => {
          if (questions[0]?.name === MARK) marks++;
        };
        await third.open(third.links(), { ...deaf, hear });
        for (const speaker of speakers) speaker.send(query(MARK), { link: 'lo' });
        await until(() => marks === speakers.length);
        await third.close();
        await turns(5);
      },
      cleanUp: async () => void (await Promise.all([one, other, third].map((each) => each.close()))),
    };
  });
}

describe.runIf(hasMulticast)('over a real socket', () => {
  let port: number;
  let multicast: MulticastDns;
  const heard: [Message, Speaker][] = [];
  const errors: string[] = [];
  const listener = {
    hear: (message: Message, from: Speaker) => void heard.push([message, from]),
    failed: (error: Error) => void errors.push(error.message),
  };
  beforeEach(async () => {
    heard.length = 0;
    errors.length = 0;
    port = await freePort();
    multicast = new MulticastDns({ port, loopback: true });
  });
  afterEach(() => multicast.close());

  test('an ordinary client is told from a responder, and answered alone with its number', async () => {
    await multicast.open(multicast.links(), listener);
    const client = makeMdns({ port: 0, multicast: false, bind: false });
    const answers: [object, RemoteInfo][] = [];
    client.on('response', (response: object, from: RemoteInfo) => answers.push([response, from]));
    const send = { id: 4711, questions: [{ name: 'imagetank.local', type: 'A' as const }] };
    client.query(send, { address: '127.0.0.1', port });
    await until(() => heard.length > 0);
    const [[asked, from] = []] = heard;
    expect(asked).toEqual({ ...query('imagetank.local'), id: 4711 });
    expect(from).toMatchObject({ address: '127.0.0.1', legacy: true, link: 'lo' });
    multicast.send(
      { ...EMPTY, kind: 'response', id: 4711, answers: [addressRecord('192.168.1.7')] },
      { address: '127.0.0.1', port: from?.port ?? 0 },
    );
    await until(() => answers.length > 0);
    expect(answers[0]?.[0]).toMatchObject({
      id: 4711,
      flag_aa: true,
      answers: [{ data: '192.168.1.7', flush: true }],
    });
    client.destroy();
  });

  test('a port that somebody has for himself cannot be opened; later it can', async () => {
    const greedy = createSocket('udp4');
    greedy.bind({ port, address: '0.0.0.0' });
    await once(greedy, 'listening');
    await expect(multicast.open(multicast.links(), listener)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    multicast.send(query('imagetank.local'), { link: 'lo' });
    await new Promise<void>((resolve) => void greedy.close(resolve));
    await multicast.open(multicast.links(), listener);
    multicast.send(query('imagetank.local'), { link: 'lo' });
    await until(() => heard.length > 0);
    expect(errors).toEqual([]);
  });

  test('a link that went is told, and the others go on; without any it cannot be opened', async () => {
    // TEST-NET-3 (RFC 5737): no machine has it.
    const gone = { name: 'gone', address: '203.0.113.77', addresses: [], own: [] };
    await expect(multicast.open([gone], listener)).rejects.toThrow();
    await multicast.open([gone, ...multicast.links()], listener);
    expect(errors).toHaveLength(1);
    multicast.send(query('imagetank-a.local'), { link: 'gone' });
    multicast.send(query('imagetank-b.local'), { link: 'lo' });
    await until(() => heard.length > 0);
    expect(heard.map(([{ questions }]) => questions[0]?.name)).toEqual(['imagetank-b.local']);
    expect(errors).toHaveLength(2);
  });

  test('an error of the socket is told and ends nothing', async () => {
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    multicast = new MulticastDns({ port, loopback: true, openSocket: () => socket });
    const ttl = vi.spyOn(socket, 'setMulticastTTL');
    await multicast.open(multicast.links(), listener);
    expect(ttl).toHaveBeenCalledExactlyOnceWith(255);
    for (const code of ['ENETDOWN', 'EACCES']) socket.emit('error', Object.assign(new Error(code), { code }));
    expect(errors).toEqual(['ENETDOWN', 'EACCES']);
    multicast.send(query('imagetank.local'), { link: 'lo' });
    await until(() => heard.length > 0);
  });

  test('of a thousand words at once the first 64 are said', async () => {
    await multicast.open(multicast.links(), listener);
    for (let times = 0; times < 1000; times++)
      multicast.send(query(`imagetank-${times}.local`), { link: 'lo' });
    await until(() => heard.length >= 64);
    await turns(20);
    expect(heard.map(([{ questions }]) => questions[0]?.name)).toEqual(
      Array.from({ length: 64 }, (_, at) => `imagetank-${at}.local`),
    );
    multicast.send(query('imagetank-after.local'), { link: 'lo' });
    await until(() => heard.length > 64);
  });
});
