/** Files on their way to the box. What happens is told by `step`; which may begin, by `startable`. */
export type ItemState =
  | { readonly kind: 'waiting' | 'sending' | 'paused' | 'uploaded' | 'cancelled' }
  /** The connection is gone: the next try is due after a while, or when the browser says that it is back. */
  | { readonly kind: 'reconnecting'; readonly tries: number; readonly cause: Cause }
  /** The box does not take it, or it cannot be read. */
  | { readonly kind: 'refused'; readonly why: Why };

/** `busy`: the box answers, and asks for patience. `full`: its drive is, and somebody has to make room. */
export type Cause = 'lost' | 'busy' | 'full';

export interface Why {
  /** The box's own code, or one of this page's. */
  readonly code: string;
  /** What the box said. */
  readonly detail: string;
}

export interface Item {
  readonly id: string;
  readonly name: string;
  readonly sizeBytes: number;
  /** So many are with the box. */
  readonly sentBytes: number;
  readonly state: ItemState;
  /** How often in a row it was lost without a byte getting through. */
  readonly tries: number;
}

export type Queue = readonly Item[];

export type Happened =
  | { readonly type: 'added'; readonly items: readonly Pick<Item, 'id' | 'name' | 'sizeBytes'>[] }
  | { readonly type: 'begun' | 'uploaded' | 'due' | 'paused' | 'resumed' | 'cancelled'; readonly id: string }
  | { readonly type: 'progressed'; readonly id: string; readonly sentBytes: number }
  | { readonly type: 'lost'; readonly id: string; readonly cause: Cause }
  | { readonly type: 'refused'; readonly id: string; readonly why: Why }
  | { readonly type: 'all-paused' | 'all-resumed' | 'online' | 'cleared' };

/** Two: one is sent while the box puts the other one away. */
export const AT_ONCE = 2;
/** That are not over: each is a file that the browser holds. What is chosen beyond them is refused, each by its name. */
export const MAX_ITEMS = 5_000;
export const TOO_MANY: Why = { code: 'too-many-at-once', detail: '' };

export function step(queue: Queue, happened: Happened): Queue {
  switch (happened.type) {
    case 'added':
      return withAdded(queue, happened.items);
    case 'all-paused':
      return queue.map((item) => stepItem(item, { type: 'paused', id: item.id }));
    case 'all-resumed':
      return queue.map((item) => stepItem(item, { type: 'resumed', id: item.id }));
    case 'online':
      return queue.map((item) => stepItem({ ...item, tries: 0 }, { type: 'due', id: item.id }));
    case 'cleared':
      return queue.filter((item) => !isOver(item));
    default:
      return queue.map((item) => (item.id === happened.id ? stepItem(item, happened) : item));
  }
}

/** Chosen once more after it ended badly, a file begins again; otherwise it is there already. */
function withAdded(queue: Queue, items: readonly Pick<Item, 'id' | 'name' | 'sizeBytes'>[]): Queue {
  const again = new Set(items.map(({ id }) => id));
  const kept = queue.filter(
    ({ id, state }) => !again.has(id) || (state.kind !== 'cancelled' && state.kind !== 'refused'),
  );
  const ids = new Set(kept.map(({ id }) => id));
  const room = MAX_ITEMS - kept.filter((item) => !isOver(item)).length;
  const added = items
    .filter(({ id }) => !ids.has(id) && ids.add(id))
    .map((item, at): Item => ({ ...item, sentBytes: 0, tries: 0, state: at < room ? WAITING : BEYOND }));
  return [...kept, ...added];
}

const WAITING: ItemState = { kind: 'waiting' };
const BEYOND: ItemState = { kind: 'refused', why: TOO_MANY };

type OfItem = Extract<Happened, { readonly id: string }>;

function stepItem(item: Item, happened: OfItem): Item {
  // What is over stays so: answers of the connection may come after that.
  if (isOver(item)) return item;
  switch (happened.type) {
    case 'begun':
      return item.state.kind === 'waiting' ? { ...item, state: { kind: 'sending' } } : item;
    case 'progressed':
      return progressed(item, happened.sentBytes);
    case 'uploaded':
      return { ...item, sentBytes: item.sizeBytes, tries: 0, state: { kind: 'uploaded' } };
    case 'lost':
      return lost(item, happened.cause);
    case 'due':
      return item.state.kind === 'reconnecting' ? { ...item, state: { kind: 'waiting' } } : item;
    case 'refused':
      return { ...item, state: { kind: 'refused', why: happened.why } };
    case 'paused':
      return { ...item, state: { kind: 'paused' } };
    case 'resumed':
      return item.state.kind === 'paused' ? { ...item, tries: 0, state: { kind: 'waiting' } } : item;
    case 'cancelled':
      return { ...item, state: { kind: 'cancelled' } };
  }
}

function progressed(item: Item, sentBytes: number): Item {
  if (item.state.kind !== 'sending') return item;
  return { ...item, sentBytes, tries: sentBytes > item.sentBytes ? 0 : item.tries };
}

function lost(item: Item, cause: Cause): Item {
  if (item.state.kind !== 'sending') return item;
  const tries = item.tries + 1;
  return { ...item, tries, state: { kind: 'reconnecting', tries, cause } };
}

export const isOver = ({ state: { kind } }: Item): boolean =>
  kind === 'uploaded' || kind === 'refused' || kind === 'cancelled';

/** Those that begin now, in their order. */
export function startable(queue: Queue, atOnce = AT_ONCE): Item[] {
  const sending = queue.filter(({ state }) => state.kind === 'sending').length;
  return queue.filter(({ state }) => state.kind === 'waiting').slice(0, Math.max(0, atOnce - sending));
}

/** Seconds that double, so that a box that is off is not asked all the time; someone who comes home waits half a minute at most. */
export function retryDelayMs(tries: number): number {
  return Math.min(30_000, 1_000 * 2 ** Math.max(0, tries - 1));
}
