/** What `port` and `tls` bring with them: where the box is reached, its page and its certificate. */
import { fileURLToPath } from 'node:url';
import { ownNames } from '../adapters/http/gate.ts';
import { hostsForUrls, ownAddresses } from '../adapters/http/hosts.ts';
import { loadPage } from '../adapters/http/page-folder.ts';
import type { HttpServer } from '../adapters/http/server.ts';
import { given } from '../adapters/openssl/given.ts';
import { selfSigned } from '../adapters/openssl/self-signed.ts';
import type { Config } from '../services/config/schema.ts';
import type { Announcer } from '../services/network/announcer.ts';
import { CertificateWatch } from '../services/network/certificates.ts';
import { Opening } from '../services/network/opening.ts';
import type { CertificateSource, Multicast } from '../services/network/ports.ts';
import { Reach } from '../services/network/reach.ts';
import type { Clock } from '../services/ports.ts';
import type { Problem } from '../services/shapes.ts';

/** Built by Vite; missing where the sources run unbuilt. */
const PAGE_FOLDER = fileURLToPath(new URL('./web', import.meta.url));

export interface NetworkParts {
  readonly port: number;
  readonly tls: Config['tls'];
  /** Whether it is found as `imagetank.local`. */
  readonly mdns: boolean;
  readonly stateDir: string;
  /** Somebody who sees the answer asked for this port now: what is wrong ends the program at once. */
  readonly strict: boolean;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
  readonly info: (text: string) => void;
  /** Stands in for the real one. */
  readonly multicast?: Multicast;
}

type Server = Pick<HttpServer, 'listenPort' | 'useCertificate'>;

export class Network {
  readonly reach: Reach;
  readonly #parts: NetworkParts;
  #watch: CertificateWatch | null = null;
  #announcer: Announcer | null = null;
  #opening: Opening | null = null;
  /** The port is being bound. Never rejects. */
  #binding: Promise<unknown> = Promise.resolve();
  #stopped = false;
  readonly #source: CertificateSource | null;

  constructor(parts: NetworkParts) {
    this.#parts = parts;
    this.#source = sourceOf(parts);
    this.reach = new Reach({
      hosts: hostsForUrls,
      names: ownNames(),
      monoMs: () => parts.clock.monoMs(),
    });
  }

  readonly page = () => loadPage(PAGE_FOLDER);

  /** Why the network is closed. */
  get problems(): readonly Problem[] {
    return this.#opening?.problems ?? [];
  }

  /** Throws `UserError` 73, 75, 77, 78 where it is strict; else it goes on trying and nothing waits for it. */
  async start(server: Server): Promise<void> {
    if (this.#parts.strict) return this.#open(server);
    // A certificate on a disk that hangs must not keep the box from its work.
    this.#opening = new Opening({ ...this.#parts, open: () => this.#open(server) });
    void this.#opening.start();
  }

  /** Safe twice and before `start`. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#opening?.stop();
    this.#watch?.stop();
    await this.#binding;
    await this.#announcer?.stop();
  }

  async #open(server: Server): Promise<void> {
    const { clock, warn } = this.#parts;
    const source = this.#source;
    const certificate = source === null ? null : await source.load();
    if (this.#stopped) return;
    const binding = server.listenPort(this.#parts.port, certificate).then(() => this.#announce());
    this.#binding = binding.catch(() => undefined);
    await binding;
    if (source === null || certificate === null || this.#stopped) return;
    const serve = server.useCertificate.bind(server);
    this.#watch = new CertificateWatch({ source, clock, serve, warn });
    this.#watch.start(certificate);
  }

  async #announce(): Promise<void> {
    const { mdns, port, clock, warn, multicast } = this.#parts;
    if (!mdns) return;
    const { createAnnouncer } = await import('./announcer.ts');
    this.#announcer = createAnnouncer({
      port,
      clock,
      warn,
      multicast,
      called: (name) => this.reach.called(name),
    });
    this.#announcer.start();
  }
}

/** Null without TLS. */
function sourceOf({ tls, stateDir, strict, clock, warn }: NetworkParts): CertificateSource | null {
  const nowMs = () => Date.parse(clock.stamp().at);
  const isSynced = () => clock.stamp().clock === 'synced';
  let said = '';
  // It is loaded anew with each attempt.
  const once = (text: string) => {
    if (text !== said) warn(text);
    said = text;
  };
  if (tls === 'off') return null;
  if (tls !== 'self-signed') return given({ ...tls, nowMs, warn: once, takesExpired: !strict });
  return selfSigned({
    stateDir,
    names: () => [...ownNames(), ...ownAddresses()],
    nowMs,
    isSynced,
    warn: once,
  });
}
