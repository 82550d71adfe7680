import { describe, expect, test } from 'vitest';
import { createPrometheus } from '../../adapters/prometheus/prometheus.ts';
import { gaugesOf } from '../../services/metrics.ts';
import { HISTORY_LINE, STATUS } from '../cli/scripted-appliance.ts';

const GAUGES = gaugesOf({ status: STATUS, backups: [HISTORY_LINE], head: 25, streams: 3 });

/** The text format of Prometheus, version 0.0.4: comments, and lines of name, labels and value. */
const LINE =
  /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+="(\\.|[^"\\\n])*"(,[a-z_]+="(\\.|[^"\\\n])*")*\})? [-+.\dInfe]+)$/;

describe('the text for Prometheus', () => {
  test('has only lines of its format, and each name one type', async () => {
    const metrics = createPrometheus();
    metrics.observe({ method: 'GET', route: '/api/v1/backups/:id', status: 200, seconds: 0.004 });
    const text = await metrics.text(GAUGES);
    const lines = text.split('\n').filter((line) => line !== '');
    for (const line of lines) expect(line).toMatch(LINE);
    const types = lines.filter((line) => line.startsWith('# TYPE'));
    expect(new Set(types).size).toBe(types.length);
    expect(lines).toContain('imagetank_state{state="copying"} 1');
    expect(lines).toContain('imagetank_journal_seq 25');
    expect(lines).toContain(
      'imagetank_http_request_seconds_count{method="GET",route="/api/v1/backups/:id",status="200"} 1',
    );
    expect(metrics.contentType).toMatch(/^text\/plain; version=0\.0\.4/);
  });

  test('of a label that a card has is one line all the same', async () => {
    const samples = [{ labels: { label: 'a"b\nc\\d' }, value: 1 }];
    const text = await createPrometheus().text([{ name: 'x_bytes', help: 'x', samples }]);
    expect(text).toContain('x_bytes{label="a\\"b\\nc\\\\d"} 1\n');
  });

  test('of what has no value says nothing, rather than 0', async () => {
    expect(await createPrometheus().text([{ name: 'x_bytes', help: 'x', samples: [] }])).not.toContain(
      'x_bytes',
    );
  });

  test('forgets gauges that are gone, and keeps what it counted', async () => {
    const metrics = createPrometheus();
    metrics.observe({ method: 'GET', route: '/', status: 200, seconds: 1 });
    expect(await metrics.text(GAUGES)).toContain('imagetank_journal_seq');
    const next = await metrics.text([]);
    expect(next).not.toContain('imagetank_journal_seq');
    expect(next).toContain('imagetank_http_request_seconds_count');
  });

  test('is bounded, whatever is asked', async () => {
    const metrics = createPrometheus();
    for (let route = 0; route < 2000; route++) {
      metrics.observe({ method: 'GET', route: `/${route}`, status: 200, seconds: 0 });
    }
    metrics.observe({ method: 'GET', route: '/0', status: 200, seconds: 0 });
    const text = await metrics.text([]);
    expect(text.match(/_count\{/g)).toHaveLength(500);
    expect(text).toContain('_count{method="GET",route="/0",status="200"} 2');
  });

  test('two of them do not share what they count', async () => {
    createPrometheus().observe({ method: 'GET', route: '/', status: 200, seconds: 1 });
    expect(await createPrometheus().text([])).not.toContain('_count{');
  });
});
