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
import type { CertificateSource, Multicast } from '../services/network/ports.ts';
import { Reach } from '../services/network/reach.ts';
import type { Clock } from '../services/ports.ts';

/** Built by Vite; missing where the sources run unbuilt. */
const PAGE_FOLDER = fileURLToPath(new URL('./web', import.meta.url));

export interface NetworkParts {
  readonly port: number;
  readonly tls: Config['tls'];
  /** Whether it is found as `imagetank.local`. */
  readonly mdns: boolean;
  readonly stateDir: string;
  /** Nobody sits in front of it: a certificate that has ended is no reason to back up nothing. */
  readonly service: boolean;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
  /** Stands in for the real one. */
  readonly multicast?: Multicast;
}

export class Network {
  readonly reach: Reach;
  readonly #parts: NetworkParts;
  #watch: CertificateWatch | null = null;
  #announcer: Announcer | null = null;

  constructor(parts: NetworkParts) {
    this.#parts = parts;
    this.reach = new Reach({
      hosts: hostsForUrls,
      names: ownNames(),
      monoMs: () => parts.clock.monoMs(),
    });
  }

  readonly page = () => loadPage(PAGE_FOLDER);

  /** Throws `UserError` 75, 77, 78. */
  async open(server: Pick<HttpServer, 'listenPort' | 'useCertificate'>): Promise<void> {
    const { port, clock, warn } = this.#parts;
    const source = this.#source();
    const certificate = source === null ? null : await source.load();
    await server.listenPort(port, certificate);
    await this.#announce();
    if (source === null || certificate === null) return;
    const serve = server.useCertificate.bind(server);
    this.#watch = new CertificateWatch({ source, clock, serve, warn });
    this.#watch.start(certificate);
  }

  /** Safe twice and before `open`. */
  async stop(): Promise<void> {
    this.#watch?.stop();
    await this.#announcer?.stop();
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

  /** Null without TLS. */
  #source(): CertificateSource | null {
    const { tls, stateDir, service, clock, warn } = this.#parts;
    const nowMs = () => Date.parse(clock.stamp().at);
    if (tls === 'off') return null;
    if (tls !== 'self-signed') return given({ ...tls, nowMs, warn, takesExpired: service });
    return selfSigned({ stateDir, names: () => [...ownNames(), ...ownAddresses()], nowMs, warn });
  }
}
