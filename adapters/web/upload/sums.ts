import { type Item, type ItemState, type Queue, TOO_MANY } from './queue.ts';

export interface Total {
  readonly files: number;
  readonly uploaded: number;
  readonly refused: number;
  /** Of those: they were chosen beyond what is taken at once, and may be chosen again. */
  readonly beyond: number;
  readonly bytes: number;
  readonly sentBytes: number;
  readonly mood: 'empty' | 'sending' | 'paused' | 'reconnecting' | 'full' | 'over';
}

/** Of all but what was cancelled; what the box refused is none of its bytes. */
export function totalOf(queue: Queue): Total {
  const counted = queue.filter(({ state }) => state.kind !== 'cancelled');
  const sent = counted.filter(({ state }) => state.kind !== 'refused');
  const sum = (of: (item: Item) => number) => sent.reduce((total, item) => total + of(item), 0);
  return {
    files: counted.length,
    uploaded: counted.filter(({ state }) => state.kind === 'uploaded').length,
    refused: counted.length - sent.length,
    beyond: counted.filter(({ state }) => state.kind === 'refused' && state.why.code === TOO_MANY.code)
      .length,
    bytes: sum(({ sizeBytes }) => sizeBytes),
    sentBytes: sum(({ sentBytes }) => sentBytes),
    mood: moodOf(counted),
  };
}

function moodOf(queue: Queue): Total['mood'] {
  if (queue.length === 0) return 'empty';
  const has = (...kinds: ItemState['kind'][]) => queue.some(({ state }) => kinds.includes(state.kind));
  if (has('sending')) return 'sending';
  const isFull = queue.some(({ state }) => state.kind === 'reconnecting' && state.cause === 'full');
  if (isFull) return 'full';
  if (has('reconnecting')) return 'reconnecting';
  if (has('waiting')) return 'sending';
  return has('paused') ? 'paused' : 'over';
}
