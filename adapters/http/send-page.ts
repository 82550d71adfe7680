import type { IncomingMessage, ServerResponse } from 'node:http';
import { UserError } from '../../services/errors.ts';
import { refuse } from './gate.ts';
import type { PageFile } from './page.ts';

const YEAR_SECONDS = 31_536_000;
const ONLY_READ = new UserError(
  'page-only-read',
  64,
  'this is a file of the page, which is only read',
  'send GET; what can be ordered is under /api/v1/: see /api/v1/openapi.json',
);

/** Answers GET and HEAD for a file of the page, and 405 for everything else. */
export function sendPage(request: IncomingMessage, response: ServerResponse, file: PageFile): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    // RFC 9110, section 15.5.6, wants it.
    response.setHeader('allow', 'GET, HEAD');
    refuse(response, ONLY_READ);
    return;
  }
  const encoding = encodingFor(request.headers['accept-encoding'] ?? '', file);
  const body = (encoding === null ? null : file.packed[encoding]) ?? file.body;
  // Each form has a tag of its own (RFC 9110, section 8.8.3).
  const tag = `"${file.tag}${encoding === null ? '' : `-${encoding}`}"`;
  response.setHeader('etag', tag);
  response.setHeader(
    'cache-control',
    file.isForEver ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache',
  );
  if (file.packed.br !== null || file.packed.gzip !== null) response.setHeader('vary', 'accept-encoding');
  if (hasTag(request.headers['if-none-match'] ?? '', tag)) {
    response.writeHead(304).end();
    return;
  }
  response.writeHead(200, {
    'content-type': file.type,
    'content-length': body.length,
    ...(encoding === null ? {} : { 'content-encoding': encoding }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** The smallest form there is that the client takes; null for the file itself. Weights but 0 are not looked at. */
function encodingFor(accepted: string, { packed }: PageFile): 'br' | 'gzip' | null {
  const words = accepted.toLowerCase().split(',');
  const takes = (name: string) =>
    words.some((word) => {
      const [coding = '', ...parameters] = word.split(';').map((part) => part.trim());
      return coding === name && !parameters.some((text) => /^q=0(\.0*)?$/.test(text));
    });
  if (packed.br !== null && takes('br')) return 'br';
  return packed.gzip !== null && takes('gzip') ? 'gzip' : null;
}

const hasTag = (header: string, tag: string): boolean =>
  header.split(',').some((one) => one.trim().replace(/^W\//, '') === tag || one.trim() === '*');
