/**
 * Clients of the API, in a process of their own that gives way to the daemon: on a real network they are other machines.
 * `load PORT TOKEN` asks as fast as 100 connections can, `listen PORT TOKEN` holds 50 streams of events, `send PORT TOKEN` is
 * a phone that uploads a film. Says `begun`, and what it saw as one line of JSON when its input ends.
 */
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { setPriority } from 'node:os';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import autocannon from 'autocannon';
import type { ClientReport } from './network-figures.ts';

const CONNECTIONS = 100;
const STREAMS = 50;
const HOURS = 3600;
/** More than is sent while a card is copied. */
const FILM_BYTES = 4 * 1024 ** 3;
/** A phone beside a Pi on Wi-Fi, at 100 Mbit/s. */
const SEND_BYTES_PER_SECOND = 12_500_000;
const PIECE_MS = 20;
const RETRY_MS = 250;
const MAX_TRIES = 240;
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

function open(method: string, path: string, more: OutgoingHttpHeaders = {}): ClientRequest {
  const tus = { ...headers, 'tus-resumable': '1.0.0', ...more };
  return request({ host: '127.0.0.1', port, method, path, headers: tus });
}

async function ask(method: string, path: string, more: OutgoingHttpHeaders = {}): Promise<IncomingMessage> {
  const [response] = (await once(open(method, path, more).end(), 'response')) as [IncomingMessage];
  return response;
}

/** Bytes that the box takes in one upload, once it looked at its drives. */
async function room(): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const response = await ask('GET', '/api/v1/uploads/limits');
    const body = await text(response);
    if (response.statusCode === 200) return (JSON.parse(body) as { maxBytes: number }).maxBytes;
    await sleep(RETRY_MS);
  }
  throw new Error('the box takes no uploads');
}

async function send(end: Promise<void>, begun: () => void): Promise<ClientReport> {
  const length = Math.min(await room(), FILM_BYTES);
  const made = await ask('POST', '/api/v1/uploads', { 'upload-length': length });
  const path = made.headers.location ?? '';
  const type = 'application/offset+octet-stream';
  let failed = made.resume().statusCode === 201 ? 0 : 1;
  let isOver = false;
  const film = open('PATCH', path, {
    ...{ 'content-type': type, 'content-length': length, 'upload-offset': 0 },
  }).on('error', () => {
    if (!isOver) failed += 1;
  });
  film.on('response', (response) => {
    failed += 1;
    response.resume();
  });
  void end.then(() => {
    isOver = true;
    film.destroy();
  });
  const piece = randomFillSync(Buffer.alloc((SEND_BYTES_PER_SECOND / 1000) * PIECE_MS));
  for (let sentBytes = 0; !isOver && sentBytes + piece.length < length; sentBytes += piece.length) {
    const isTaken = film.write(piece);
    if (sentBytes === 0) begun();
    // The pace of the box, where that is slower than ours.
    const taken = isTaken ? null : once(film, 'drain').catch(() => undefined);
    await Promise.race([end, Promise.all([sleep(PIECE_MS), taken])]);
  }
  await end;
  const { headers: told } = await ask('HEAD', path);
  await ask('DELETE', path);
  const offset = Number(told['upload-offset'] ?? 0);
  return { answers: offset / 1e6, p99Ms: null, failed: offset > 0 ? failed : failed + 1 };
}

setPriority(LAST);
const ended = new Promise<void>((resolve) => {
  process.stdin.once('end', resolve).resume();
});
const begun = () => void process.stdout.write('begun\n');
const report = mode === 'send' ? send(ended, begun) : mode === 'load' ? load(ended) : listen(ended);
if (mode !== 'send') begun();
process.stdout.write(`${JSON.stringify(await report)}\n`);
