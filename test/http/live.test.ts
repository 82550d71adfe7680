import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { MAX_STREAMS } from '../../adapters/http/streams.ts';
import { LightLine, Status } from '../../services/shapes.ts';
import { COPYING, LIGHT, STATUS } from '../cli/scripted-appliance.ts';
import { lineReader, parseProblem, until } from './kit.ts';
import { appliance, desk, paired, port, serveTheNetworkEachTest } from './network.ts';

serveTheNetworkEachTest();

interface Event {
  readonly [field: string]: string;
}

/** Reads an open stream event by event, as a browser does; comments are the field ''. */
function eventsOf(response: IncomingMessage): () => Promise<Event | null> {
  const line = lineReader(response);
  return async () => {
    const event: Record<string, string> = {};
    for (let text = await line(); text !== null && text !== ''; text = await line()) {
      const colon = text.indexOf(':');
      event[text.slice(0, colon)] = text.slice(colon + 1).trimStart();
    }
    return Object.keys(event).length === 0 ? null : event;
  };
}

async function watch(lastEventId?: string, headers: Readonly<Record<string, string>> = {}, over?: number) {
  const last = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const response = await desk.open('/api/v1/events', {
    headers: { accept: 'text/event-stream', ...last, ...headers },
    ...(over === undefined ? {} : { port: over }),
  });
  expect(response.headers['content-type']).toBe('text/event-stream');
  const next = eventsOf(response);
  expect(await next()).toEqual({ retry: '3000' });
  return { response, next };
}

const light = (seq: number) => ({ ...COPYING, seq });
const lightEvent = (line: LightLine) => ({
  id: String(line.seq),
  event: 'light',
  data: JSON.stringify(line),
});

describe('GET events for a page', () => {
  test('the light of this moment, the status, then each change', async () => {
    const { next } = await watch();
    const first = await next();
    expect(first).toEqual(lightEvent(LIGHT));
    expect(LightLine.parse(JSON.parse(first?.['data'] ?? ''))).toEqual(LIGHT);
    const second = await next();
    expect(second).toEqual({ event: 'status', data: JSON.stringify(STATUS) });
    expect(Status.parse(JSON.parse(second?.['data'] ?? ''))).toEqual(STATUS);
    appliance.lights.next(light(9));
    expect(await next()).toEqual(lightEvent(light(9)));
    appliance.statusAnswer = { ...STATUS, code: 3 };
    desk.clock.advance(500);
    expect(JSON.parse((await next())?.['data'] ?? '')).toMatchObject({ code: 3 });
  });

  test('a comment every 2 s, so that both ends know', async () => {
    appliance.statusAnswer = { ...STATUS, backups: [] };
    const { next } = await watch();
    await next();
    await next();
    desk.clock.advance(1999);
    desk.clock.advance(1);
    expect(await next()).toEqual({ '': 'alive' });
    desk.clock.advance(2000);
    expect(await next()).toEqual({ '': 'alive' });
  });

  test('whoever comes back gets what was missed, once, also if nobody watched meanwhile', async () => {
    const first = await watch();
    await first.next();
    first.response.destroy();
    await until(() => desk.server.openStreams() === 0);
    for (const seq of [10, 11, 12]) appliance.lights.next(light(seq));
    const { next } = await watch('10');
    expect([await next(), await next()]).toEqual([lightEvent(light(11)), lightEvent(light(12))]);
    expect(await next()).toMatchObject({ event: 'status' });
  });

  test.each([
    ['of the light that still shines', '12', []],
    ['of a record between two lights', '11', [12]],
    ['from before all that is kept', '1', [7, 10, 12]],
    ['of a journal that is gone', '999', [12]],
    ['that is no number', 'x', [12]],
    ['that is none of ours', '-1', [12]],
  ])('an id %s gives what it should', async (_what, id, seqs) => {
    const first = await watch();
    await first.next();
    for (const seq of [10, 12]) appliance.lights.next(light(seq));
    const { next } = await watch(id);
    const got = [];
    for (let event = await next(); event?.['event'] === 'light'; event = await next())
      got.push(Number(event['id']));
    expect(got).toEqual(seqs);
  });

  test('of very many lights the last are kept', async () => {
    await watch();
    for (let seq = 1000; seq < 2000; seq++) appliance.lights.next(light(seq));
    const { next } = await watch('1000');
    expect(await next()).toEqual(lightEvent(light(2000 - 256)));
  });
});

describe('many pages', () => {
  test('fifty cost one subscription and one status, and all hear each change', async () => {
    let asked = 0;
    const { status } = appliance;
    appliance.status = () => {
      asked += 1;
      return status.call(appliance);
    };
    const { bearer } = await paired('viewer');
    const pages = [];
    for (let count = 0; count < 50; count++) pages.push(await watch(undefined, bearer, port));
    for (const { next } of pages) {
      expect([(await next())?.['event'], (await next())?.['event']]).toEqual(['light', 'status']);
    }
    // Lights and the head of the journal.
    expect([asked, appliance.open]).toEqual([1, 2]);
    appliance.lights.next(light(20));
    for (const { next } of pages) expect(await next()).toEqual(lightEvent(light(20)));
    for (const { response } of pages) response.destroy();
    await until(() => desk.server.openStreams() === 0);
    expect(appliance.open).toBe(1);
  });

  test('the network fills its own places, never those of the box', async () => {
    const { bearer } = await paired('viewer');
    for (let count = 0; count < MAX_STREAMS.network; count++) await watch(undefined, bearer, port);
    const refused = await desk.ask('/api/v1/events', { port, headers: bearer });
    expect(parseProblem(refused)).toMatchObject({ status: 503, code: 'too-many-streams' });
    const { next } = await watch();
    expect(await next()).toMatchObject({ event: 'light' });
  });

  test('whoever has most makes room for another device, newest first, until all have the same', async () => {
    const greedy = (await paired('viewer', 'greedy')).bearer;
    const other = (await paired('owner', 'other')).bearer;
    const pages: Awaited<ReturnType<typeof watch>>[] = [];
    for (let count = 0; count < MAX_STREAMS.network; count++)
      pages.push(await watch(undefined, greedy, port));
    const share = MAX_STREAMS.network / 2;
    for (let count = 0; count < share; count++) {
      expect(await (await watch(undefined, other, port)).next()).toMatchObject({ event: 'light' });
    }
    await until(() => desk.server.openStreams() === MAX_STREAMS.network);
    const ended = () => pages.map(({ response }) => response.readableEnded || response.complete);
    await until(() => ended().filter(Boolean).length === share);
    expect(ended().slice(0, share)).not.toContain(true);
    for (const headers of [other, greedy]) {
      const refused = await desk.ask('/api/v1/events', { port, headers });
      expect(parseProblem(refused)).toMatchObject({ status: 503, code: 'too-many-streams' });
    }
  });

  test.each(['events', 'journal?follow=true'])('HEAD of %s is a head, and no stream', async (path) => {
    const { bearer } = await paired('owner');
    const question = { port, headers: bearer, method: 'HEAD' };
    const { status, text } = await desk.ask(`/api/v1/${path}`, question);
    expect([status, text]).toEqual([200, '']);
    expect([appliance.open, desk.server.openStreams()]).toEqual([0, 0]);
  });

  test('one that reads nothing holds up nobody and gets the newest status', async () => {
    const slow = await watch();
    const quick = await watch();
    await quick.next();
    await quick.next();
    const long = 'x'.repeat(200_000);
    for (let code = 2; code <= 60; code++) {
      const message = `${code} ${long}`;
      appliance.statusAnswer = { ...STATUS, problems: [{ code: 'x', blinks: 0, message, since: '' }] };
      desk.clock.advance(500);
      let event = await quick.next();
      if (event?.[''] === 'alive') event = await quick.next();
      expect(event?.['data']).toContain(`"${code} xxx`);
    }
    const got = [];
    for (let event = await slow.next(); ; event = await slow.next()) {
      if (event?.['event'] === 'status')
        got.push(Number(/"message":"(\d+) x/.exec(event['data'] ?? '')?.[1] ?? 0));
      if (got.at(-1) === 60) break;
    }
    expect(got.length).toBeLessThan(59);
    expect(got).toEqual(got.toSorted((a, b) => a - b));
  });
});

test('a page goes with its device, and all with the server', async () => {
  const { bearer, device } = await paired();
  const phone = await watch(undefined, bearer, port);
  const here = await watch();
  await desk.door.access.unpair(device.id);
  for (let event = await phone.next(); event !== null; event = await phone.next());
  expect(desk.server.openStreams()).toBe(1);
  await desk.server.close();
  for (let event = await here.next(); event !== null; event = await here.next());
  expect([appliance.open, desk.clock.armed]).toEqual([0, 0]);
});
