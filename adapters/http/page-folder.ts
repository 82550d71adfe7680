import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { type Page, type PageFile, PLAIN_PAGE } from './page.ts';

/** By the end of a name; nothing else is part of a page. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
};
const INDEX = '/index.html';
/** Of what Vite builds: `assets/main-Bx3k9_aQ.js`; another content has another name. */
const HASHED = /^\/assets\/.+-[\w-]{8}\.\w+$/;
/** Ours are three dozen files of 1 MB; all of it stays in memory while there is a port. */
const MAX_FILES = 500;
const MAX_BYTES = 16e6;

/**
 * The page as it was built, read as a whole: no path of a request ever meets the file system. Beside a file may lie its
 * `.br` and `.gz`. The plain page where nothing was built. Throws `RangeError` for a folder that is no page of ours.
 */
export function loadPage(folder: string): Page {
  const paths = new Set(pathsIn(folder, '/'));
  if (!paths.has(INDEX)) return PLAIN_PAGE;
  if (paths.size > MAX_FILES) throw new RangeError(`a page of ${paths.size} files, ${folder}`);
  const size = [...paths].reduce((sum, path) => sum + statSync(join(folder, path)).size, 0);
  if (size > MAX_BYTES) throw new RangeError(`a page of ${size} bytes, ${folder}`);
  const page = new Map<string, PageFile>();
  const bodyOf = (path: string) => (paths.has(path) ? readFileSync(join(folder, path)) : null);
  for (const path of paths) {
    const type = TYPES[extname(path)];
    const body = bodyOf(path);
    if (type === undefined || body === null) continue;
    const tag = createHash('sha256').update(body).digest('base64url').slice(0, 22);
    const packed = { br: bodyOf(`${path}.br`), gzip: bodyOf(`${path}.gz`) };
    page.set(path === INDEX ? '/' : path, { type, body, tag, packed, isForEver: HASHED.test(path) });
  }
  return page;
}

/** Names as ours are; a link leads nowhere. */
function pathsIn(folder: string, below: string): string[] {
  return entriesOf(join(folder, below)).flatMap((entry) => {
    if (!/^[\w-][\w.-]*$/.test(entry.name)) return [];
    const path = `${below}${entry.name}`;
    if (entry.isDirectory()) return pathsIn(folder, `${path}/`);
    return entry.isFile() ? [path] : [];
  });
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
