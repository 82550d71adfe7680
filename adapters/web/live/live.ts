import { computed, signal } from '@preact/signals';
import type { LightLine, Status } from '../../../services/shapes.ts';
import { entry, leave, lookWhoIAm } from '../access.ts';
import { send } from '../api.ts';
import { Refusal } from '../refusal.ts';
import { waitMs } from './backoff.ts';
import { type Feed, type Heard, hear, isLive, type Moment, NOTHING_HEARD } from './feed.ts';
import { EventParser, type Incoming } from './sse.ts';
import { verdictOf } from './verdict.ts';

const moment = (): Moment => ({ wallMs: Date.now(), monoMs: performance.now() });

const feed = signal<Feed>(NOTHING_HEARD);
const now = signal<Moment>(moment());

/** The box is heard, and what it says is of now. */
export const live = computed(() => isLive(feed.value, now.value));
export const verdict = computed(() => verdictOf(feed.value, now.value));
/** The last one heard: show what is in it as of now only while `live`. */
export const status = computed(() => feed.value.status);
/** Null while the box is not heard: nobody knows what its LEDs do. */
export const light = computed(() => (live.value ? feed.value.light : null));
/** The first answer is still awaited: nothing is wrong yet. */
export const isFirst = signal(true);

const TICK_MS = 1000;
/** A connection that does not say anything in this time is tried again, and so is one that is not made by then. */
const DEAF_MS = 10_000;

let stop: AbortController | null = null;
let begunMs = 0;
let failures = 0;
let retry: ReturnType<typeof setTimeout> | undefined;

/** Once. Listens while the page is seen: a hidden one costs the phone's battery and one of the box's few streams. */
export function startListening(): void {
  setInterval(tick, TICK_MS);
  document.addEventListener('visibilitychange', () => (document.hidden ? hangUp() : listenNow()));
  addEventListener('offline', hangUp);
  addEventListener('online', tryAgain);
  addEventListener('focus', tryAgain);
  // A page that comes back from the browser's cache shows what was then.
  addEventListener('pagehide', hangUp);
  addEventListener('pageshow', listenNow);
  listenNow();
}

/** At once, also where an attempt hangs: of a box that went away a phone hears nothing for minutes. */
export function tryAgain(): void {
  // A page that comes into view is told so in several ways: one attempt is enough.
  if (live.value || (stop !== null && performance.now() - begunMs < TICK_MS)) return;
  hangUp();
  failures = 0;
  listenNow();
}

/** Also after the pairing. */
export function listenNow(): void {
  if (document.hidden || stop !== null) return;
  clearTimeout(retry);
  begunMs = performance.now();
  stop = new AbortController();
  void listen(stop);
}

function hangUp(): void {
  clearTimeout(retry);
  stop?.abort();
  stop = null;
  take({ type: 'closed' });
}

function tick(): void {
  now.value = moment();
  const { connected, heardAt } = feed.value;
  const silentMs =
    connected && heardAt !== null ? now.value.wallMs - heardAt.wallMs : now.value.monoMs - begunMs;
  if (stop === null || silentMs <= DEAF_MS) return;
  hangUp();
  listenNow();
}

async function listen(mine: AbortController): Promise<void> {
  try {
    await lookWhoIAm(mine.signal);
    const response = await send('/events', { signal: mine.signal }, 'text/event-stream');
    take({ type: 'opened' });
    await readAll(response, mine);
  } catch (error) {
    if (error instanceof Refusal && error.status === 401) leave();
  }
  isFirst.value = false;
  if (stop !== mine) return;
  stop = null;
  take({ type: 'closed' });
  if (entry.value === 'out') return;
  failures += 1;
  retry = setTimeout(listenNow, waitMs(failures));
}

async function readAll({ body }: Response, mine: AbortController): Promise<void> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) return;
  const parser = new EventParser();
  for (let step = await reader.read(); !step.done && stop === mine; step = await reader.read()) {
    for (const incoming of parser.take(step.value)) {
      const heard = heardIn(incoming);
      if (heard !== null) take(heard);
    }
  }
}

/** Null for what is not for us. Throws `SyntaxError`: then the connection is begun anew. */
function heardIn(incoming: Incoming): Heard | null {
  if (incoming.type === 'heartbeat') return incoming;
  const { name, data } = incoming;
  if (name === 'light') return { type: 'light', light: JSON.parse(data) as LightLine };
  return name === 'status' ? { type: 'status', status: JSON.parse(data) as Status } : null;
}

function take(heard: Heard): void {
  now.value = moment();
  feed.value = hear(feed.value, heard, now.value);
  if (heard.type === 'status') failures = 0;
}
