import { computed, effect, signal, untracked } from '@preact/signals';
import { ask } from '../api.ts';
import { live } from '../live/live.ts';
import { Refusal } from '../refusal.ts';
import { idOfFile } from './files.ts';
import { type Limits, NO_PACE, type Pace, paceAfter, whyNot } from './limits.ts';
import {
  type Cause,
  type Happened,
  isOver,
  type Queue,
  retryDelayMs,
  startable,
  step,
  type Why,
} from './queue.ts';
import { Sending } from './sending.ts';
import { totalOf } from './sums.ts';
import { keepAwake } from './wake.ts';

/** Uploads go on while somebody looks at other parts of the page. */
export const queue = signal<Queue>([]);
export const total = computed(() => totalOf(queue.value));
export const pace = signal<Pace>(NO_PACE);
export const limits = signal<Limits | null>(null);
/** Why the box takes nothing at all; null: it does, or nobody asked. */
export const closed = signal<Why | null>(null);

const files = new Map<string, File>();
const sendings = new Map<string, Sending>();

/** Asks what the box would take now. */
export async function lookForRoom(): Promise<void> {
  try {
    limits.value = await ask<Limits>('/uploads/limits');
    closed.value = null;
  } catch (error) {
    // Without an answer the files tell: they wait for the connection.
    if (!(error instanceof Refusal) || error.status >= 500) return;
    closed.value = { code: error.code, detail: error.message };
  }
}

export async function add(chosen: readonly File[]): Promise<void> {
  await lookForRoom();
  const items = chosen.map((file) => ({ id: idOfFile(file), name: file.name, sizeBytes: file.size }));
  for (const [at, { id }] of items.entries()) {
    const file = chosen[at];
    // The one that was chosen last can be read.
    if (file !== undefined && !sendings.has(id)) files.set(id, file);
  }
  tell({ type: 'added', items });
  for (const item of items) {
    const why = closed.value ?? (limits.value === null ? null : whyNot(item, limits.value));
    if (why !== null) tell({ type: 'refused', id: item.id, why });
  }
  letGo();
  run();
}

export function pauseAll(): void {
  tell({ type: 'all-paused' });
  for (const sending of sendings.values()) void sending.pause();
}

export function resumeAll(): void {
  tell({ type: 'all-resumed' });
  run();
}

export function cancel(id: string): void {
  tell({ type: 'cancelled', id });
  const sending = sendings.get(id);
  // One that was begun before the page was loaded anew is given up by the box by itself.
  void (sending?.cancel() ?? Promise.resolve()).finally(() => forget(id));
  run();
}

export function clear(): void {
  tell({ type: 'cleared' });
}

function tell(happened: Happened): void {
  queue.value = step(queue.value, happened);
  pace.value = paceAfter(pace.value, performance.now(), total.value.sentBytes);
  keepAwake(total.value.mood === 'sending');
}

/** Begins what may begin. */
function run(): void {
  for (const { id } of startable(queue.value)) {
    const file = files.get(id);
    if (file === undefined) continue;
    tell({ type: 'begun', id });
    const sending = sendings.get(id) ?? new Sending(file, listener(id));
    sendings.set(id, sending);
    void sending.start();
  }
}

/** Browsers tell it twenty times a second, of each file. */
const PROGRESS_MS = 200;

const listener = (id: string, told = { atMs: 0 }) => ({
  progressed: (sentBytes: number) => {
    const nowMs = performance.now();
    if (nowMs - told.atMs < PROGRESS_MS) return;
    told.atMs = nowMs;
    tell({ type: 'progressed', id, sentBytes });
  },
  uploaded: () => {
    tell({ type: 'uploaded', id });
    forget(id);
    run();
  },
  failed: (failure: Cause | Why) => {
    if (typeof failure === 'string') lose(id, failure);
    else {
      tell({ type: 'refused', id, why: failure });
      forget(id);
    }
    run();
  },
});

function lose(id: string, cause: Cause): void {
  tell({ type: 'lost', id, cause });
  const { tries = 1 } = queue.value.find((item) => item.id === id) ?? {};
  setTimeout(() => {
    tell({ type: 'due', id });
    run();
  }, retryDelayMs(tries));
}

/** What is over is not read any more. */
function letGo(): void {
  const unfinished = new Set(queue.value.filter((item) => !isOver(item)).map(({ id }) => id));
  for (const id of files.keys()) if (!unfinished.has(id)) files.delete(id);
}

function forget(id: string): void {
  sendings.delete(id);
  const item = queue.value.find((one) => one.id === id);
  if (item === undefined || isOver(item)) files.delete(id);
}

function goOn(): void {
  tell({ type: 'online' });
  run();
}

window.addEventListener('online', goOn);
// The browser does not know when the box is back; the page hears it.
effect(() => {
  if (live.value) untracked(goOn);
});
// A browser asks before it leaves a page that still sends.
window.addEventListener('beforeunload', (event) => {
  if (['sending', 'reconnecting', 'full'].includes(total.value.mood)) event.preventDefault();
});
