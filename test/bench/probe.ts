/**
 * Loaded into the daemon before its program (`node --import`): measures what only its own event loop can tell.
 * The lights are those of the daemon's renderer and clock, blinking all the time in the rhythm of `verifying`, so that
 * also a short backup has edges to measure.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createSystemClock } from '../../adapters/node/system-clock.ts';
import { LedRenderer } from '../../services/lights/renderer.ts';

export interface ProbeReport {
  readonly loopDelayP99Ms: number;
  /** How late each edge came, beginning with `begin`. */
  readonly ledErrorsMs: readonly number[];
}

/** The histogram holds the times between two looks, this included. */
const RESOLUTION_MS = 5;
const EDGE_MS = 100;
/** An hour of three LEDs; only the latest edges after that. */
const MAX_EDGES = 120_000;

const clock = createSystemClock();
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
let errors: number[] = [];

function blink(): () => void {
  const startMs = clock.monoMs();
  const renderer = new LedRenderer(
    {
      set: () => {
        const sinceMs = clock.monoMs() - startMs;
        // Edges never come early; the nearest one before is the one that is shown.
        if (sinceMs >= EDGE_MS / 2 && errors.length < MAX_EDGES) errors.push(sinceMs % EDGE_MS);
      },
    },
    clock,
  );
  renderer.show({ red: 'off', amber: `blink ${EDGE_MS}/${EDGE_MS}`, green: 'off' });
  return () => renderer.stop();
}

process.on('message', (message) => {
  if (message === 'begin') {
    errors = [];
    delay.reset();
  } else if (message === 'report') {
    const loopDelayP99Ms = Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS);
    process.send?.({ loopDelayP99Ms, ledErrorsMs: errors } satisfies ProbeReport);
  }
});
delay.enable();
const stopBlinking = blink();
// Neither the ear nor the timers may keep a daemon alive that wants to end.
process.channel?.unref();
process.once('disconnect', stopBlinking);
