import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { parseCookie, stringifySetCookie } from 'cookie';

/** With TLS browsers give the prefix its meaning: set by this host, over TLS, for all of it (RFC 6265bis, section 4.1.3). */
export const COOKIE = 'imagetank';
export const SECURE_COOKIE = '__Host-imagetank';
/** Browsers keep none longer (RFC 6265bis, section 5.5). */
const MAX_AGE_SECONDS = 400 * 86_400;
/** Node takes 16 KiB of headers; a browser sends the cookies of all that runs on this host. */
const MAX_COOKIES = 8192;

/** What a request shows, and how: a browser sends its cookie by itself, a bearer token is sent by somebody's code. */
export interface Credential {
  readonly token: string;
  readonly from: 'bearer' | 'cookie';
}

export const isEncrypted = (socket: object): boolean => (socket as Partial<TLSSocket>).encrypted === true;

/**
 * Null when there is none. A bearer token counts alone: whoever sends one does not mean the cookie. Of the cookies only the
 * one that this door gives: one of before TLS was switched on may have gone through the air in the clear.
 */
export function credentialOf({ headers, socket }: IncomingMessage): Credential | null {
  if (headers.authorization !== undefined) {
    const token = /^Bearer +([^ ]+)$/i.exec(headers.authorization)?.[1];
    return token === undefined ? null : { token, from: 'bearer' };
  }
  const text = headers.cookie;
  if (text === undefined || text.length > MAX_COOKIES) return null;
  const token = parseCookie(text)[isEncrypted(socket) ? SECURE_COOKIE : COOKIE];
  return token === undefined ? null : { token, from: 'cookie' };
}

/** `Set-Cookie` that no script can read and no other site's request carries. Null takes it away. */
export function cookieOf(token: string | null, encrypted: boolean): string {
  return stringifySetCookie(encrypted ? SECURE_COOKIE : COOKIE, token ?? '', {
    httpOnly: true,
    sameSite: 'strict',
    path: '/',
    secure: encrypted,
    maxAge: token === null ? 0 : MAX_AGE_SECONDS,
  });
}
