// Keeps the shell of the page, so that it opens in a tent where the box is not reached yet. It never answers for the
// box: what is under /api/ is not touched, and the page shows no state that it has not just heard.
const SHELL = 'imagetank-shell';
const PAGE = '/';
const ASSET = /\/(?:assets\/[\w.-]+|icon\.svg)/g;

self.addEventListener('install', (event) => {
  event.waitUntil(refresh().then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener('fetch', (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== 'GET' || origin !== self.location.origin) return;
  if (mode === 'navigate' && pathname === PAGE) event.respondWith(fromBox(event));
  else if (pathname.startsWith('/assets/')) event.respondWith(fromShell(event.request));
});

/** The newest page there is; the kept one when the box does not answer. */
async function fromBox(event) {
  try {
    const response = await fetch(event.request);
    if (response.ok) event.waitUntil(keep(response.clone()));
    return response;
  } catch (error) {
    const kept = await caches.match(PAGE);
    if (kept === undefined) throw error;
    return kept;
  }
}

/** Names of assets have the hash of their content: a kept one is never an old one. */
async function fromShell(request) {
  return (await caches.match(request)) ?? fetch(request);
}

async function refresh() {
  const response = await fetch(PAGE, { cache: 'no-cache' });
  if (!response.ok) throw new Error(`no page: ${response.status}`);
  await keep(response);
}

/** The page and what it names, all or nothing; what an earlier one named goes. */
async function keep(response) {
  const cache = await caches.open(SHELL);
  const html = await response.clone().text();
  const named = new Set(html.match(ASSET) ?? []);
  const kept = await cache.keys();
  const paths = new Set(kept.map(({ url }) => new URL(url).pathname));
  await cache.addAll([...named].filter((path) => !paths.has(path)));
  await cache.put(PAGE, response);
  const old = kept.filter(({ url }) => {
    const { pathname } = new URL(url);
    return pathname !== PAGE && !named.has(pathname);
  });
  await Promise.all(old.map((request) => cache.delete(request)));
}
