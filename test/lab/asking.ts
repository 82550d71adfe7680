import { setTimeout as sleep } from 'node:timers/promises';

const MIN_REST_MS = 200;
/** Asking takes at most a quarter of the machine: a systemctl is a second of an emulated processor, a status a third of one. */
const REST_RATIO = 3;

/** Between two questions, the first of which was asked at `askedMs` of this process and is answered now. */
export function restAfter(askedMs: number): Promise<void> {
  return sleep(Math.max(MIN_REST_MS, REST_RATIO * (performance.now() - askedMs)));
}
