import type { IncomingMessage, ServerResponse } from 'node:http';
import { UserError } from '../../services/errors.ts';
import { isOwnName, refuse, unknownHost } from './gate.ts';

/** They send a token each time. */
const OF_PROGRAMS = /^\/(api\/|metrics(\?|$))/;

/**
 * What comes without TLS where there is TLS: whoever opens the page is led to it; a program is told, because one that was
 * led on would go on sending its token in the clear. Not for good (307): TLS may be switched off again, and a browser never
 * forgets a 301. No HSTS for the same reason, and because a browser then lets nobody past a certificate that it does not know.
 */
export function leadToTls(
  request: IncomingMessage,
  response: ServerResponse,
  names: readonly string[],
): void {
  const url = request.url ?? '';
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  // An absolute URL in the request line is for proxies.
  const isForPeople = isRead && url.startsWith('/') && !OF_PROGRAMS.test(url);
  if (!isOwnName(request, names) || !isForPeople) {
    refuse(response, isForPeople ? unknownHost(names) : NEEDS_TLS);
    return;
  }
  response.writeHead(307, {
    location: `https://${request.headers.host ?? ''}${url}`,
    'cache-control': 'no-store',
    'content-length': 0,
    connection: 'close',
  });
  response.end();
}

const NEEDS_TLS = new UserError(
  'needs-tls',
  64,
  'this port speaks TLS, and what you sent could be read by everybody on the way',
  'ask again with https://; a token that was sent so is better revoked: imagetank pair revoke NAME',
);
