import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPrometheus } from '../../adapters/prometheus/prometheus.ts';
import { ScriptedAppliance } from '../cli/scripted-appliance.ts';
import { Desk, parseProblem } from './kit.ts';

let desk: Desk;
let opened: number;
let fails: boolean;
beforeEach(async () => {
  opened = 0;
  fails = false;
  desk = new Desk(new ScriptedAppliance(), {
    openMetrics: async () => {
      opened += 1;
      if (fails) throw new Error('no such module');
      return createPrometheus();
    },
  });
  await desk.listen();
});
afterEach(() => desk.clear());

const scrape = () => desk.ask('/metrics');
const counts = async () =>
  (await scrape()).text.split('\n').filter((line) => line.startsWith('imagetank_http_request_seconds_count'));

test('nothing is loaded before the first scrape, then once', async () => {
  await desk.get('status');
  expect(opened).toBe(0);
  const { status, type, text } = await scrape();
  expect({ status, type }).toEqual({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8' });
  expect(text).toContain('imagetank_journal_seq 25\n');
  await scrape();
  expect(opened).toBe(1);
});

test('requests are measured from the first scrape on, by route and never by path', async () => {
  await scrape();
  await desk.get('backups/20261121-57');
  await desk.get('backups/another');
  await desk.get('nothing/of/this/name');
  await desk.get('history');
  // An answer is measured when it has gone, which may be after it has arrived.
  let lines = await counts();
  while (!lines.some((line) => line.includes('history'))) lines = await counts();
  expect(lines).toContain(
    'imagetank_http_request_seconds_count{method="GET",route="/api/v1/backups/:id",status="200"} 2',
  );
  expect(lines).toContain(
    'imagetank_http_request_seconds_count{method="GET",route="unknown",status="404"} 1',
  );
  expect(lines).toContain(
    'imagetank_http_request_seconds_count{method="GET",route="/api/v1/history",status="200"} 1',
  );
  expect(lines.join()).not.toContain('20261121');
});

test('without a token it is 401, and a viewer may scrape', async () => {
  const port = await desk.server.listenPort(0);
  expect(parseProblem(await desk.ask('/metrics', { port }))).toMatchObject({ status: 401 });
  const { token } = await desk.door.access.admit({ role: 'viewer', name: 'prometheus' });
  const headers = { authorization: `Bearer ${token}` };
  expect((await desk.ask('/metrics', { port, headers })).status).toBe(200);
});

test('what could not be loaded is tried again', async () => {
  fails = true;
  expect(parseProblem(await scrape())).toMatchObject({
    status: 500,
    detail: expect.stringContaining('no such module'),
  });
  fails = false;
  expect((await scrape()).status).toBe(200);
});
