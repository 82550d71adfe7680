/**
 * Clients of the API, in a process of their own that gives way to the daemon: on a real network they are other machines.
 * `load PORT TOKEN` asks as fast as 100 connections can, `listen PORT TOKEN` holds 50 streams of events. Says `begun`, and
 * what it saw as one line of JSON when its input ends.
 */
import { request } from 'node:http';
import { setPriority } from 'node:os';
import autocannon from 'autocannon';
import type { ClientReport } from './network-figures.ts';

const CONNECTIONS = 100;
const STREAMS = 50;
const HOURS = 3600;
/** nice(1): after everything else. */
const LAST = 19;

const [mode, port, token] = process.argv.slice(2);
const headers = { authorization: `Bearer ${token}` };

function load(end: Promise<void>): Promise<ClientReport> {
  const paths = ['status', 'history?last=10', 'cards', 'photos/by/day'];
  return new Promise((resolve, reject) => {
    const instance = autocannon(
      {
        url: `http://127.0.0.1:${port}`,
        connections: CONNECTIONS,
        duration: HOURS,
        headers,
        requests: paths.map((path) => ({ path: `/api/v1/${path}` })),
      },
      (error, { requests, latency, errors, non2xx }) => {
        if (error) reject(error);
        else resolve({ answers: requests.total, p99Ms: latency.p99, failed: errors + non2xx });
      },
    );
    void end.then(() => instance.stop());
  });
}

async function listen(end: Promise<void>): Promise<ClientReport> {
  let [answers, failed] = [0, 0];
  const streams = Array.from({ length: STREAMS }, () =>
    request(
      {
        host: '127.0.0.1',
        port,
        path: '/api/v1/events',
        headers: { ...headers, accept: 'text/event-stream' },
      },
      (response) => {
        if (response.statusCode !== 200) failed += 1;
        response.on('data', (chunk: Buffer) => {
          answers += chunk.toString().split('\n\n').length - 1;
        });
        response.on('error', () => undefined);
      },
    )
      .on('error', () => undefined)
      .end(),
  );
  await end;
  for (const stream of streams) stream.destroy();
  return { answers, p99Ms: null, failed };
}

setPriority(LAST);
const ended = new Promise<void>((resolve) => {
  process.stdin.once('end', resolve).resume();
});
const report = mode === 'load' ? load(ended) : listen(ended);
process.stdout.write('begun\n');
process.stdout.write(`${JSON.stringify(await report)}\n`);
