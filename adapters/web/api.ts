import { Refusal, type Refused } from './refusal.ts';

export interface Asking {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Longer than the box takes for anything but long work, which is streamed. */
export const PATIENCE_MS = 30_000;

/** `path` below /api/v1. Throws `Refusal`, and `TypeError` or `DOMException` when the box does not answer. */
export async function ask<Answer>(path: string, asking: Asking = {}): Promise<Answer> {
  const signal = asking.signal ?? AbortSignal.timeout(PATIENCE_MS);
  const response = await send(path, { ...asking, signal });
  return response.json() as Promise<Answer>;
}

/** As `ask`, with the body still to be read. */
export async function send(
  path: string,
  { method = 'GET', body, signal }: Asking = {},
  accept = 'application/json',
): Promise<Response> {
  // Whatever changes something says that it is JSON: the box takes nothing else.
  const sent =
    method === 'GET' || method === 'DELETE'
      ? { headers: { accept } }
      : { body: JSON.stringify(body ?? {}), headers: { accept, 'content-type': 'application/json' } };
  const response = await fetch(`/api/v1${path}`, {
    method,
    cache: 'no-store',
    ...sent,
    ...(signal === undefined ? {} : { signal }),
  });
  if (response.ok) return response;
  throw new Refusal(response.status, await problemOf(response));
}

async function problemOf(response: Response): Promise<Refused> {
  const unknown = { detail: `${response.status} ${response.statusText}`, code: 'unknown', hint: '' };
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retryAfterSeconds = Number.isFinite(seconds) ? seconds : null;
  return { ...unknown, ...(await response.json().catch(() => ({}))), retryAfterSeconds };
}
