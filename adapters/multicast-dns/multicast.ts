import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import makeMdns from 'multicast-dns';
import type { Message } from '../../services/network/dns.ts';
import type { Link, Multicast, MulticastListener } from '../../services/network/ports.ts';
import { messageOf, packetOf } from './convert.ts';
import { type Interfaces, linkOf, linksOf } from './links.ts';
import { Sieve } from './sieve.ts';

const GROUP = '224.0.0.251';
const PORT = 5353;
/** RFC 6762, section 11. */
const TTL = 255;
/** Messages that wait to be sent. */
const MAX_QUEUE = 64;
/** The last words of a daemon that ends. */
const FLUSH_MS = 500;
/** Labels of what the box is asked for; see `Sieve`. */
const LABELS = ['imagetank', '_http', '_services'];

export interface MulticastDnsOptions {
  /** UDP. Default 5353. */
  readonly port?: number;
  /** Speaks to this machine alone, for tests. Default false. */
  readonly loopback?: boolean;
  readonly interfaces?: () => Interfaces;
  /** Default: one of Node's. */
  readonly openSocket?: () => Socket;
  /** Default: time since the process began. */
  readonly monoMs?: () => number;
}

type Target = Parameters<Multicast['send']>[1];
type Voice = ReturnType<typeof makeMdns>;

interface Opened {
  readonly socket: Socket;
  readonly mdns: Voice;
  readonly links: readonly Link[];
  readonly listener: MulticastListener;
}

/**
 * One socket for all links. The library encodes and decodes; joining and choosing a link are done here, because it would
 * speak on the first one only, and not join anew where an address came back.
 */
export class MulticastDns implements Multicast {
  readonly #options: MulticastDnsOptions;
  #opened: Opened | null = null;
  #queued = 0;
  #sending: Promise<void> = Promise.resolve();

  constructor(options: MulticastDnsOptions = {}) {
    this.#options = options;
  }

  links(): readonly Link[] {
    return linksOf(this.#interfaces(), this.#options.loopback);
  }

  async open(links: readonly Link[], listener: MulticastListener): Promise<void> {
    const { openSocket = () => createSocket({ type: 'udp4', reuseAddr: true }) } = this.#options;
    const socket = openSocket();
    const mdns = makeMdns({ socket, port: this.#port, multicast: false, bind: false });
    // Said by the socket itself below; without somebody who listens an `error` would end the process.
    mdns.on('error', () => undefined);
    this.#filter(socket);
    mdns.on('packet', (packet: Parameters<typeof messageOf>[0], from: RemoteInfo) => {
      this.#hear(messageOf(packet), from, listener);
    });
    try {
      await bound(socket, this.#port);
      socket.setMulticastTTL(TTL);
      socket.setMulticastLoopback(true);
      joinAll(socket, links, listener);
    } catch (error) {
      await ended(mdns);
      throw error;
    }
    socket.on('error', (error) => listener.failed(error));
    this.#opened = { socket, mdns, links, listener };
  }

  send(message: Message, to: Target): void {
    const opened = this.#opened;
    if (opened === null || this.#queued >= MAX_QUEUE) return;
    this.#queued++;
    // One after the other: the link is chosen for the whole socket.
    this.#sending = this.#sending
      .then(() => this.#put(opened, message, to))
      .catch((error: Error) => opened.listener.failed(error))
      .finally(() => {
        this.#queued--;
      });
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = null;
    if (opened === null) return;
    await Promise.race([this.#sending, afterMs(FLUSH_MS)]);
    this.#sending = Promise.resolve();
    await ended(opened.mdns);
  }

  get #port(): number {
    return this.#options.port ?? PORT;
  }

  #interfaces(): Interfaces {
    return (this.#options.interfaces ?? networkInterfaces)();
  }

  /** Puts the sieve between the socket and the library. */
  #filter(socket: Socket): void {
    const { monoMs = () => performance.now() } = this.#options;
    const sieve = new Sieve(LABELS);
    const decoders = socket.listeners('message');
    socket.removeAllListeners('message');
    socket.on('message', (packet, from) => {
      if (!sieve.lets(packet, monoMs())) return;
      for (const decode of decoders) decode(packet, from);
    });
  }

  #hear(message: Message | null, { address, port }: RemoteInfo, listener: MulticastListener): void {
    if (message === null) return;
    const link = linkOf(address, this.#interfaces());
    listener.hear(message, { address, port, link, legacy: port !== this.#port });
  }

  #put({ socket, mdns, links }: Opened, message: Message, to: Target): Promise<void> {
    const packet = packetOf(message);
    if (!('link' in to)) return sent(mdns, packet, to);
    const link = links.find(({ name }) => name === to.link);
    if (link === undefined) return Promise.resolve();
    socket.setMulticastInterface(link.address);
    return sent(mdns, packet, { address: GROUP, port: this.#port });
  }
}

const sent = (mdns: Voice, packet: ReturnType<typeof packetOf>, to: { address: string; port: number }) =>
  new Promise<void>((resolve, reject) => {
    const done = (error: Error | null) => (error ? reject(error) : resolve());
    const { questions = [], answers = [] } = packet;
    if (packet.type === 'query') mdns.query({ ...packet, questions }, to, done);
    else mdns.respond({ ...packet, answers }, to, done);
  });

const bound = (socket: Socket, port: number) =>
  new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ port, address: '0.0.0.0' }, () => {
      socket.removeListener('error', reject);
      resolve();
    });
  });

/** A link that cannot be joined is told; all of them together are an error. */
function joinAll(socket: Socket, links: readonly Link[], listener: MulticastListener): void {
  const errors = links.flatMap(({ address }) => {
    try {
      socket.addMembership(GROUP, address);
      return [];
    } catch (error) {
      return [error instanceof Error ? error : new Error(String(error))];
    }
  });
  const [first] = errors;
  if (first === undefined) return;
  if (errors.length === links.length) throw first;
  listener.failed(first);
}

const ended = (mdns: Voice) => new Promise<void>((resolve) => mdns.destroy(resolve));

const afterMs = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms).unref());
