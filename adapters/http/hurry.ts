import type { IncomingMessage, ServerResponse } from 'node:http';
import { pathOf } from './target.ts';
import { UPLOAD_PATH } from './upload-paths.ts';

/** As Node says it itself. */
const TOO_SLOW = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';

/**
 * Ends the connection of a request whose body is not here in time, as `Server.requestTimeout` does, which knows no
 * exceptions: an upload takes as long as it takes, and its route watches over it.
 */
export function hurry(request: IncomingMessage, response: ServerResponse, patienceMs: number): void {
  if (request.method === 'PATCH' && UPLOAD_PATH.test(pathOf(request))) return;
  const timer = setTimeout(() => {
    if (request.complete) return;
    if (response.headersSent) request.socket.destroy();
    else request.socket.end(TOO_SLOW, () => request.socket.destroy());
  }, patienceMs);
  const calm = () => clearTimeout(timer);
  request.once('end', calm);
  response.once('close', calm);
}
