import type { IncomingMessage } from 'node:http';

const API = '/api/v1/';
/**
 * Percent signs that the router leaves alone in the fixed parts of its paths: every letter of those is unreserved, and
 * whoever encodes one of these wants to be read differently by two readers (RFC 3986, section 6.2.2.2).
 */
const UNRESERVED = /%(?:2[de]|3\d|[46][1-9a-f]|[57][\da]|5f|7e)/i;
const MALFORMED = /%(?![\da-f]{2})/i;

/** As it was sent: nothing is decoded, nothing is made shorter. */
export const pathOf = (request: IncomingMessage): string => (request.url ?? '').split('?')[0] ?? '';

/**
 * Whether the router reads this request target as the gate does: it also takes whole URLs, ends a path at `#`, and decodes
 * what is encoded.
 */
export function isPlain(target: string): boolean {
  const path = target.split('?')[0] ?? '';
  if (!path.startsWith('/') || target.includes('#') || path.includes('\\')) return false;
  if (!path.includes('%')) return true;
  return path.startsWith(API) && !MALFORMED.test(path) && !UNRESERVED.test(path);
}
