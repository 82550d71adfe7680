import { signal } from '@preact/signals';

interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

function read(): Place {
  const [path = '', query = ''] = location.hash.slice(1).split('?');
  return { path: path.startsWith('/') ? path : '/', query: new URLSearchParams(query) };
}

/** `#/photos?day=2026-11-21`: the path is `/` (now), `/photos`, `/upload`, `/history` or `/settings`. */
export const place = signal<Place>(read());

addEventListener('hashchange', () => {
  place.value = read();
});
