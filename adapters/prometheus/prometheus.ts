import { Gauge, Histogram, Registry } from 'prom-client';
import type { Gauge as GaugeReading, Metrics, RequestMeasure } from '../../services/metrics.ts';

/** From a status (5 ms) to a check that reads a card for an hour. */
const SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60, 600, 3600];
/** More routes and answers than there are: a mistake there may not fill the memory. */
const MAX_SERIES = 500;

/** Loaded when somebody scrapes for the first time; requests are counted from then on. */
export function createPrometheus(): Metrics {
  const counted = new Registry();
  const requests = new Histogram({
    name: 'imagetank_http_request_seconds',
    help: 'From the first byte to the end of the answer, streams included, since the first scrape',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [counted],
  });
  const series = new Set<string>();
  return {
    contentType: counted.contentType,
    observe({ method, route, status, seconds }: RequestMeasure) {
      const key = `${method} ${route} ${status}`;
      if (!series.has(key) && series.size >= MAX_SERIES) return;
      series.add(key);
      requests.observe({ method, route, status }, seconds);
    },
    async text(gauges) {
      // Made anew each time: of a drive that went nothing is left.
      const now = new Registry();
      for (const reading of gauges) show(reading, now);
      return (await now.metrics()) + (await counted.metrics());
    },
  };
}

function show({ name, help, samples }: GaugeReading, registry: Registry): void {
  // It would be told as 0: no room, on a drive that does not answer.
  if (samples.length === 0) return;
  const labelNames = Object.keys(samples[0]?.labels ?? {});
  const shown = new Gauge({ name, help, labelNames, registers: [registry] });
  for (const { labels, value } of samples) shown.set({ ...labels }, value);
}
