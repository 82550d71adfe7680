import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import { createServer as createNetServer, type Socket } from 'node:net';
import { messageOf, UserError } from '../../services/errors.ts';
import type { Certificate } from '../../services/network/ports.ts';
import type { Clock } from '../../services/ports.ts';
import { Guests, type Limits } from './guests.ts';
import { leadToTls } from './lead-on.ts';
import { CLOSE_GRACE_MS, listenOnPort } from './listen.ts';

/** How long a client of the network may take. */
export interface Patience {
  /** For the handshake, and for all headers; a browser sends them at once. */
  readonly headersMs: number;
  /** For the whole request: bodies are small. Uploads alone take as long as they take. */
  readonly requestMs: number;
  /** Between two pieces of an upload's body. */
  readonly pauseMs: number;
  /** How often that is looked at. */
  readonly lookMs: number;
}

/** Node's own limit, which is an option of its command line. */
const MAX_HEADER_BYTES = 16 * 1024;
/** A browser sends twenty; what is more is dropped unread. */
const MAX_HEADERS = 100;
/** First byte of a TLS record with a handshake (RFC 8446, section 5.1); no method of HTTP begins so. */
const HANDSHAKE = 0x16;

export type Serve = (request: IncomingMessage, response: ServerResponse) => void;

export interface NetworkDoorParts {
  readonly serve: Serve;
  /** Names of the box in a Host header, at this moment. */
  readonly names: () => readonly string[];
  readonly certificate: Certificate | null;
  readonly patience: Patience;
  readonly clock: Pick<Clock, 'monoMs' | 'setTimer'>;
  readonly limits?: Limits | undefined;
}

/** One port: with a certificate TLS, and a word for what comes without. Every connection is counted first. */
export class NetworkDoor {
  readonly guests: Guests;
  readonly #patience: Patience;
  readonly #plain: Server;
  readonly #secure: SecureServer | null;
  readonly #front = createNetServer((socket) => this.#receive(socket));

  /** Throws `UserError` 78 for a certificate that OpenSSL does not take. */
  constructor({ serve, names, certificate, patience, clock, limits }: NetworkDoorParts) {
    this.guests = new Guests(clock, limits);
    this.#patience = patience;
    const options = {
      headersTimeout: patience.headersMs,
      // Node's own would cut a long upload.
      requestTimeout: 0,
      connectionsCheckingInterval: patience.lookMs,
      maxHeaderSize: MAX_HEADER_BYTES,
    };
    this.#plain = createServer(
      options,
      certificate === null ? serve : (request, response) => leadToTls(request, response, names()),
    );
    this.#secure =
      certificate === null
        ? null
        : sure(() => https().createServer({ ...options, ...tlsOf(certificate, patience) }, serve));
    for (const server of this.#servers) server.maxHeadersCount = MAX_HEADERS;
  }

  /** All addresses. Returns the port, which is new when 0 is asked for. Throws `UserError` 75, 77. */
  async listen(asked: number): Promise<number> {
    await listenOnPort(this.#front, asked);
    // They get their connections from the front; what they do when they listen is to look for those that are too slow.
    for (const server of this.#servers) server.emit('listening');
    const address = this.#front.address();
    return typeof address === 'object' && address !== null ? address.port : asked;
  }

  /** For connections from now on. Throws `UserError` 78 for one that OpenSSL does not take. */
  useCertificate(certificate: Certificate): void {
    sure(() => this.#secure?.setSecureContext(tlsOf(certificate, this.#patience)));
  }

  async close(): Promise<void> {
    const cut = setTimeout(() => this.guests.closeAll(), CLOSE_GRACE_MS);
    await new Promise<void>((resolve) => {
      this.#front.close(() => resolve());
      for (const server of this.#servers) {
        server.closeIdleConnections();
        server.close();
      }
    });
    clearTimeout(cut);
    this.guests.stop();
  }

  get #servers(): readonly (Server | SecureServer)[] {
    return this.#secure === null ? [this.#plain] : [this.#plain, this.#secure];
  }

  #receive(socket: Socket): void {
    socket.on('error', () => undefined);
    if (!this.guests.enter(socket)) return;
    const secure = this.#secure;
    if (secure === null) {
      this.#plain.emit('connection', socket);
      return;
    }
    const late = setTimeout(() => socket.destroy(), this.#patience.headersMs);
    socket.once('close', () => clearTimeout(late));
    socket.once('data', (first: Buffer) => {
      clearTimeout(late);
      socket.pause();
      socket.unshift(first);
      (first[0] === HANDSHAKE ? secure : this.#plain).emit('connection', socket);
      process.nextTick(() => socket.resume());
    });
  }
}

/** Not imported: a daemon without TLS must not load it (2.6 MB), and the bundle has nothing in its place. */
function https(): typeof import('node:https') {
  return process.getBuiltinModule('node:https');
}

/** Node takes nothing older than TLS 1.2. */
const tlsOf = ({ cert, key }: Certificate, { headersMs }: Patience) =>
  ({ cert, key, handshakeTimeout: headersMs }) as const;

/** What is read well may still be refused: a key that is too short, for one. */
function sure<Result>(make: () => Result): Result {
  try {
    return make();
  } catch (error) {
    throw new UserError(
      'bad-certificate',
      78,
      `tls: the certificate cannot be used: ${messageOf(error)}`,
      'make one with a key of today: ECDSA P-256 or RSA of 2048 bits and more',
      error,
    );
  }
}
