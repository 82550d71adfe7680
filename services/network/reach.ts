/** Where the network reaches this box now. */
export interface Where {
  readonly port: number;
  readonly encrypted: boolean;
  /** SHA-256 of the certificate; null without TLS. */
  readonly fingerprint: string | null;
  /** Hosts for a URL, best first. */
  readonly hosts: readonly string[];
}

/** As `status` tells it. */
export interface Address {
  /** Best first, without a slash at the end. */
  readonly urls: string[];
  readonly fingerprint: string | null;
}

export interface ReachParts {
  /** Addresses for URLs, best first; asked anew each time, because they come and go. */
  readonly hosts: () => readonly string[];
  /** Names of the box in a Host header. */
  readonly names: readonly string[];
  readonly monoMs: () => number;
}

/** `status` may be asked 500 times a second, and to list the interfaces takes 0.1 ms. */
const KEEP_MS = 10_000;

/** What is known of the way in: the server says where it listens, multicast DNS how the box is called. */
export class Reach {
  readonly #parts: ReachParts;
  #listening: Pick<Where, 'port' | 'fingerprint'> | null = null;
  #name: string | null = null;
  #kept: { readonly address: Address | null; readonly untilMs: number } | null = null;

  constructor(parts: ReachParts) {
    this.#parts = parts;
  }

  /** Null fingerprint: without TLS. */
  opened(port: number, fingerprint: string | null): void {
    this.#listening = { port, fingerprint };
    this.#kept = null;
  }

  closed(): void {
    this.#listening = null;
    this.#kept = null;
  }

  /** The name that multicast DNS has for this box, `imagetank.local`; null while it has none. */
  called(name: string | null): void {
    this.#name = name;
    this.#kept = null;
  }

  /** Null while nothing listens on the network. */
  get now(): Where | null {
    if (this.#listening === null) return null;
    const { port, fingerprint } = this.#listening;
    return { port, encrypted: fingerprint !== null, fingerprint, hosts: this.#hosts() };
  }

  get names(): readonly string[] {
    return this.#name === null ? this.#parts.names : [...this.#parts.names, this.#name];
  }

  /** As `now`, up to 10 s old. */
  get address(): Address | null {
    const nowMs = this.#parts.monoMs();
    if (this.#kept === null || nowMs >= this.#kept.untilMs) {
      const { now } = this;
      this.#kept = { address: now === null ? null : addressOf(now), untilMs: nowMs + KEEP_MS };
    }
    return this.#kept.address;
  }

  /**
   * An address first, which needs no multicast; then the name, if it is announced: any other is one that nobody answers to.
   * Without both it is reached from the box alone.
   */
  #hosts(): readonly string[] {
    const hosts = this.#parts.hosts();
    if (this.#name === null) return hosts.length === 0 ? ['localhost'] : hosts;
    const at = hosts.findIndex((host) => host.startsWith('169.254.') || host.startsWith('['));
    return hosts.toSpliced(at < 0 ? hosts.length : at, 0, this.#name);
  }
}

/** URLs of each host. */
export function addressOf({ port, encrypted, fingerprint, hosts }: Where): Address {
  const scheme = encrypted ? 'https' : 'http';
  return { urls: hosts.map((host) => `${scheme}://${host}:${port}`), fingerprint };
}
