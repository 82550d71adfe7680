/** What the way in over the network needs from outside. */
import type { Message } from './dns.ts';

/** A certificate for TLS with its key. */
export interface Certificate {
  /** PEM, with its chain after it. */
  readonly cert: string;
  /** PEM, not encrypted. */
  readonly key: string;
  /** SHA-256 of the certificate, `AB:CD:…`: as browsers show it. */
  readonly fingerprint: string;
  /** The moment before which browsers do not take it yet, in ms since 1970. */
  readonly validFromMs: number;
  /** The moment after which browsers take it no more, in ms since 1970. */
  readonly validToMs: number;
}

/** Where the certificate comes from: made on the box, or files of its owner. */
export interface CertificateSource {
  /** One that can be served. Throws `UserError` 78, with what to do. */
  load(): Promise<Certificate>;
  /**
   * What to serve instead of this one from now on; null while it is right. Cheap: asked once a minute. Throws
   * `UserError` 78 where it should be another one and there is none; then this one goes on.
   */
  newer(than: Certificate): Promise<Certificate | null>;
}

/** A network that an interface of this machine is on. */
export interface Link {
  readonly name: string;
  /** IPv4, to speak from. */
  readonly address: string;
  /** Under which others reach this machine there: IPv4 and IPv6. */
  readonly addresses: readonly string[];
  /** Every address of the interface: who has it is this machine. */
  readonly own: readonly string[];
}

/** Who said something. */
export interface Speaker {
  readonly address: string;
  readonly port: number;
  /** Name of the link; null when no link has such addresses. */
  readonly link: string | null;
  /** Does not listen to the group: an ordinary DNS client with one question (RFC 6762, section 6.7). */
  readonly legacy: boolean;
}

export interface MulticastListener {
  hear(message: Message, from: Speaker): void;
  /** Something could not be sent or heard; it goes on as well as it can. */
  failed(error: Error): void;
}

/** Speaks and hears multicast DNS (RFC 6762), well-formed messages of bounded size only. */
export interface Multicast {
  /** Where there is anybody to talk to, in a stable order, a few at most. */
  links(): readonly Link[];
  /** Hears from now on, also what it says itself. Throws when it can hear nothing at all. */
  open(links: readonly Link[], listener: MulticastListener): Promise<void>;
  /** To everybody on a link, or to one who asked; never throws, in the order of the calls. Nothing while it is closed. */
  send(
    message: Message,
    to: { readonly link: string } | { readonly address: string; readonly port: number },
  ): void;
  /** What was said before is sent first, unless that hangs. Safe twice and before `open`; it can be opened again. */
  close(): Promise<void>;
}
