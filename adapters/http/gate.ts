import type { IncomingMessage, ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import type { Access } from '../../services/access/access.ts';
import { UserError } from '../../services/errors.ts';
import { announce, notPaired } from './callers.ts';
import { credentialOf, isEncrypted } from './credentials.ts';
import { problemOf } from './problems.ts';
import { isPlain, pathOf } from './target.ts';
import { UPLOAD_PATH, UPLOAD_TYPE, UPLOADS_PATH } from './upload-paths.ts';

export interface Gate {
  /** At this moment: multicast DNS may give the box another one. */
  readonly names: () => readonly string[];
  readonly access: Pick<Access, 'holderOf'>;
  /** Paths of the page, exactly. */
  readonly page: { has(path: string): boolean };
}

const ALIVE = '/healthz';
const PAIR = '/api/v1/pair';

/**
 * Stands in front of the router for all that comes over the network, so that a route that is added later is closed until
 * somebody opens it here. Returns true when the request may go on, with its caller announced; otherwise it has been
 * answered.
 */
export function passGate(request: IncomingMessage, response: ServerResponse, gate: Gate): boolean {
  const path = pathOf(request);
  harden(response, isApi(path, gate));
  const refusal = refusalOf(request, path, gate);
  if (refusal === null) return true;
  refuse(response, refusal);
  return false;
}

/** There are too many before it: it is not looked at, and may come again. */
export function turnAway(response: ServerResponse, retryAfterSeconds: number): void {
  harden(response, true);
  // RFC 9110, section 10.2.3.
  response.setHeader('retry-after', retryAfterSeconds);
  refuse(response, tooBusy(retryAfterSeconds));
}

/** Everything that is not named, so that a route that is added later is guarded like the others. */
const isApi = (path: string, { page }: Gate): boolean => path !== ALIVE && !page.has(path);

/** Null when it may go on. */
function refusalOf(request: IncomingMessage, path: string, gate: Gate): UserError | null {
  if (!isPlain(request.url ?? '')) return ODD_TARGET;
  const names = gate.names();
  if (!isOwnName(request, names)) return unknownHost(names);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  // A link from anywhere may open the page; nothing else is asked for by another site.
  if ((!isRead || isApi(path, gate)) && isFromElsewhere(request)) return CROSS_SITE;
  const credential = credentialOf(request);
  const device = credential === null ? null : gate.access.holderOf(credential.token);
  if (device === null) {
    if (!isOpen(request.method, path, gate)) return notPaired();
    announce(request, { kind: 'stranger' });
  } else {
    announce(request, { kind: 'device', device });
    // Browsers say where a change comes from. A script has a token of its own, which no page can make a browser send.
    if (!isRead && credential?.from === 'cookie' && !saysOrigin(request)) return CROSS_SITE;
  }
  return takesBody(request.method) && !isJson(request) && !isUpload(request, path) ? NOT_JSON : null;
}

/** The only other bodies, which no form of another site can send either (tus 1.0.0): pieces, and a beginning without any. */
function isUpload({ method, headers }: IncomingMessage, path: string): boolean {
  if (method === 'PATCH') return UPLOAD_PATH.test(path) && headers['content-type'] === UPLOAD_TYPE;
  const isEmpty = (headers['content-length'] ?? '0') === '0' && headers['transfer-encoding'] === undefined;
  return method === 'POST' && path === UPLOADS_PATH && isEmpty && headers['tus-resumable'] !== undefined;
}

/** What answers without a token: the page, `/healthz` and the way in (`contract.md` section 5). */
function isOpen(method: string | undefined, path: string, { page }: Gate): boolean {
  if (method === 'POST') return path === PAIR;
  return (method === 'GET' || method === 'HEAD') && (path === ALIVE || page.has(path));
}

const takesBody = (method: string | undefined) => method === 'POST' || method === 'PUT' || method === 'PATCH';

/** Of what a form of another site can send without asking first, none is JSON. */
const isJson = ({ headers }: IncomingMessage) =>
  /^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '');

const saysOrigin = ({ headers }: IncomingMessage) =>
  headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;

/** By what a browser says (Fetch Metadata, and RFC 6454, section 7); other clients say nothing. */
function isFromElsewhere({ headers, socket }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  const scheme = isEncrypted(socket) ? 'https' : 'http';
  return (
    headers.origin !== undefined && headers.origin.toLowerCase() !== `${scheme}://${hostOf(headers.host)}`
  );
}

const hostOf = (host: string | undefined) => (host ?? '').toLowerCase();

/** Names under which the box is known on a network. */
export const ownNames = (): readonly string[] => {
  const name = hostname().toLowerCase();
  return [name, `${name}.local`, 'imagetank.local', 'localhost'];
};

/** A page that rebinds its own name to our address (DNS rebinding) still sends its own name as Host. */
export function isOwnName(request: IncomingMessage, names: readonly string[]): boolean {
  const host = hostOf(request.headers.host)
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '');
  const own = (request.socket.localAddress ?? '').replace(/^::ffff:/, '');
  return host !== '' && (host === own || names.includes(host));
}

export const unknownHost = (names: readonly string[]) =>
  new UserError('unknown-host', 77, 'this host name is not mine', `use ${names[0] ?? 'the address'}`);
const tooBusy = (seconds: number) =>
  new UserError('too-busy', 75, 'too many requests wait', `try again in ${seconds} s`);
const ODD_TARGET = new UserError(
  'odd-target',
  64,
  'this request target is not accepted',
  'send the plain path, from / on, without # and \\, with nothing encoded that needs no encoding',
);
const CROSS_SITE = new UserError(
  'cross-site',
  77,
  'another site asks for this',
  'open the page of the box itself; scripts use a token: imagetank pair token',
);
const NOT_JSON = new UserError(
  'not-json',
  64,
  'the body is not JSON',
  'send it with content-type: application/json',
);

/** Also scripts and styles of the page are its own files; nobody may show it in a frame. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
const API_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

function harden(response: ServerResponse, isOfApi: boolean): void {
  response.setHeader('content-security-policy', isOfApi ? API_POLICY : PAGE_POLICY);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cache-control', isOfApi ? 'no-store' : 'no-cache');
}

export function refuse(response: ServerResponse, error: UserError): void {
  const problem = problemOf(error);
  const body = JSON.stringify(problem);
  // RFC 9110, section 15.5.2, wants it.
  if (problem.status === 401) response.setHeader('www-authenticate', 'Bearer realm="imagetank"');
  // The body of the request is not read: the connection cannot be used for another one.
  response.writeHead(problem.status, {
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  });
  response.end(body);
}
