import { once } from 'node:events';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import { queueOf } from '../../adapters/http/queue.ts';
import { MAX_STREAMS, Streams } from '../../adapters/http/streams.ts';
import { COPYING, DARK, JOURNAL_LINE } from '../cli/scripted-appliance.ts';
import { deaf, lineReader, parseProblem, turns, until } from './kit.ts';
import { appliance, desk, serveEachTest } from './served.ts';

serveEachTest();

const LIVE = ['events', 'journal?follow=true', 'backups/20261121-57/events'];

/** An open stream of which the first line has arrived. */
async function open(path: string) {
  const response = await desk.open(`/api/v1/${path}`);
  const next = lineReader(response);
  expect(await next()).not.toBeNull();
  return { response, next };
}

describe('a client that leaves', () => {
  test.each(LIVE)('%s: its subscription ends, also while nothing comes', async (path) => {
    appliance.outcome = null;
    const { response } = await open(path);
    expect([appliance.open, desk.server.openStreams()]).toEqual([1, 1]);
    response.destroy();
    await until(() => appliance.open === 0 && desk.server.openStreams() === 0);
  });

  test('in the middle of a check ends the work', async () => {
    let ended = false;
    let go: () => void = () => undefined;
    appliance.check = async function* () {
      try {
        yield { progress: { filesDone: 1, filesTotal: 2, bytesDone: 1, bytesTotal: 2 } };
        await new Promise<void>((resolve) => {
          go = resolve;
        });
        yield { progress: { filesDone: 2, filesTotal: 2, bytesDone: 2, bytesTotal: 2 } };
      } finally {
        ended = true;
      }
    };
    const response = await desk.open('/api/v1/check', { body: { card: 'SD' } });
    await lineReader(response)();
    response.destroy();
    await until(() => {
      go();
      return ended && desk.server.openStreams() === 0;
    });
  });

  test('before the first value comes leaves nothing behind', async () => {
    appliance.heads.next(0);
    const socket = connect(desk.socketPath);
    socket.write('GET /api/v1/journal?follow=true HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => appliance.open === 1);
    socket.destroy();
    await until(() => appliance.open === 0 && desk.server.openStreams() === 0);
  });
});

test('a client that had gone before its stream began is noticed too', async () => {
  const socket = new PassThrough().destroy();
  await once(socket, 'close');
  const reply = { raw: socket, hijack: () => undefined } as unknown as FastifyReply;
  const streams = new Streams(deaf);
  await streams.send({ headers: {} } as FastifyRequest, reply, () => queueOf(appliance.lights$));
  expect([appliance.open, streams.count]).toEqual([0, 0]);
});

describe('close', () => {
  test.each(LIVE)('ends %s with what is on its way', async (path) => {
    appliance.outcome = null;
    const { next } = await open(path);
    await desk.server.close();
    for (let line = await next(); line !== null; line = await next()) JSON.parse(line);
    expect([appliance.open, desk.server.openStreams()]).toEqual([0, 0]);
  });

  test('does not swallow the last line: the lights going off', async () => {
    const { next } = await open('events');
    appliance.lights.next(DARK);
    await desk.server.close();
    expect(await next()).toBe(JSON.stringify(DARK));
    expect(await next()).toBeNull();
  });

  test('does not wait for a client that reads nothing', async () => {
    appliance.heads.next(1_000_000);
    const response = await desk.open('/api/v1/journal');
    response.on('error', () => undefined);
    await turns(200);
    expect(desk.server.openStreams()).toBe(1);
    await desk.server.close();
    await until(() => appliance.open === 0 && desk.server.openStreams() === 0);
    response.destroy();
  });
});

describe('limits', () => {
  test(`${MAX_STREAMS.box} streams may be open; one more is 75, subscribes to nothing, and has its place later`, async () => {
    const streams = [];
    for (let count = 0; count < MAX_STREAMS.box; count++) streams.push(await open('events'));
    for (const path of LIVE) {
      const problem = parseProblem(await desk.get(path));
      expect(problem).toMatchObject({ status: 503, exitCode: 75, code: 'too-many-streams' });
    }
    expect([appliance.open, desk.server.openStreams()]).toEqual([MAX_STREAMS.box, MAX_STREAMS.box]);
    expect((await desk.get('status')).status).toBe(200);
    streams[0]?.response.destroy();
    await until(() => desk.server.openStreams() < MAX_STREAMS.box);
    await open('events');
  });

  test('a journal of a million records is read at the pace of its reader', async () => {
    appliance.heads.next(1_000_000);
    const { response, next } = await open('journal');
    await turns(100);
    const pages = appliance.asked.length;
    expect(pages).toBeLessThan(200);
    for (let seq = 2; seq <= 20_000; seq++) expect(await next()).toBe(JOURNAL_LINE(seq));
    expect(appliance.asked.length).toBeGreaterThanOrEqual(20_000 / 256);
    response.destroy();
  });

  test('a light that nobody reads is kept up to a limit, then the stream says so', async () => {
    const { next } = await open('events');
    for (let count = 0; count < 1001; count++) appliance.lights.next({ ...COPYING, seq: count });
    for (let count = 0; count < 1000; count++) {
      expect(JSON.parse((await next()) ?? '')).toMatchObject({ seq: count });
    }
    expect(JSON.parse((await next()) ?? '')).toMatchObject({ error: { code: 'too-slow', exitCode: 75 } });
    expect(await next()).toBeNull();
    expect(appliance.open).toBe(0);
  });
});
