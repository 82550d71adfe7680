import type { FastifyInstance } from 'fastify';
import { firstValueFrom } from 'rxjs';
import type { Appliance } from '../../services/appliance.ts';
import { gaugesOf, MAX_COUNTED, type Metrics } from '../../services/metrics.ts';
import type { Clock } from '../../services/ports.ts';
import type { Api } from './api.ts';
import type { Streams } from './streams.ts';

export interface MetricsParts {
  readonly appliance: Pick<Appliance, 'status' | 'history' | 'head$'>;
  readonly streams: Pick<Streams, 'count'>;
  readonly clock: Pick<Clock, 'monoMs'>;
  /** Called when somebody scrapes for the first time. */
  readonly openMetrics: () => Promise<Metrics>;
}

/** For Prometheus. Nothing is loaded and nothing measured before the first scrape. */
export function addMetricsRoute(app: FastifyInstance, api: Api, parts: MetricsParts): void {
  const { appliance, streams, clock } = parts;
  let opening: Promise<Metrics> | null = null;
  let metrics: Metrics | null = null;
  const beganMs = new WeakMap<object, number>();
  app.addHook('onRequest', async ({ raw }) => void (metrics === null || beganMs.set(raw, clock.monoMs())));
  app.addHook('onResponse', async ({ raw, method, routeOptions }, { statusCode: status }) => {
    const began = beganMs.get(raw);
    if (metrics === null || began === undefined) return;
    // The pattern: a path would make a series of each id, and strangers would choose their names.
    metrics.observe({
      method,
      route: routeOptions.url ?? 'unknown',
      status,
      seconds: (clock.monoMs() - began) / 1000,
    });
  });
  const about = {
    summary: 'For Prometheus',
    answer: { type: 'text/plain; version=0.0.4; charset=utf-8' },
  };
  api.get('/metrics', about, async ({ reply }) => {
    opening ??= parts.openMetrics();
    metrics ??= await opening.catch((error: unknown) => {
      opening = null;
      throw error;
    });
    reply.type(metrics.contentType);
    return metrics.text(
      gaugesOf({
        status: await appliance.status(),
        backups: appliance.history({ last: MAX_COUNTED }),
        head: await firstValueFrom(appliance.head$),
        streams: streams.count,
      }),
    );
  });
}
