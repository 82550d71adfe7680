import { describe, expect, test } from 'vitest';
import { type ExitCode, UserError } from '../../services/errors.ts';
import { ProblemDetails } from '../../services/shapes.ts';
import { parseProblem } from './kit.ts';
import { appliance, desk, serveEachTest } from './served.ts';

serveEachTest();

const long = 'x'.repeat(4097);

describe('a body that is not as documented is 400, and nothing is asked of the appliance', () => {
  test.each<[path: string, body: unknown]>([
    ['backups', { card: 7 }],
    ['backups', { card: '' }],
    ['backups', { card: long }],
    ['backups', { crad: 'SD' }],
    ['backups', { fit: 'yes' }],
    ['backups', []],
    ['check', {}],
    ['check', { card: null }],
    ['check', { card: 'SD', copies: 0 }],
    ['check', { card: 'SD', copies: 1.5 }],
    ['check', { card: 'SD', copies: 'some' }],
    ['check', { card: 'SD', offsite: 'yes' }],
    ['check', { card: 'SD', ofsite: true }],
    ['library/preview', { card: 1 }],
    ['library/preview', { template: 1 }],
    ['library/preview', { style: 'dated' }],
    ['verify', { target: '' }],
    ['verify', { full: 1 }],
    ['verify', { restart: 'yes' }],
    ['verify', { rateBytesPerSecond: 0 }],
    ['verify', { rateBytesPerSecond: 1.5 }],
    ['verify', { rateBytesPerSecond: '20MB/s' }],
    ['verify', { rate: 20e6 }],
    ['library/index', {}],
    ['library/index', { dir: 'images' }],
    ['library/index', { dir: '/media/D/images', rateBytesPerSecond: 0 }],
    ['library/index', { dir: '/media/D/images', dryRun: 'yes' }],
    ['library/index', { dir: '/media/D/images', rate: 20e6 }],
    ['drives/adopt', {}],
    ['drives/adopt', { target: 'X', force: 1 }],
    ['drives/forget', { target: 'X', force: true }],
    ['drives/eject', { target: null }],
    ['ack', { sure: true }],
    ['power', {}],
    ['power', { action: 'poweroff' }],
    ['power', { action: 'poweroff', confirm: false }],
    ['power', { action: 'explode', confirm: true }],
    ['sim/insert', { dir: 'relative' }],
    ['sim/insert', { dir: '/card', label: '' }],
    ['sim/insert', { dir: '/card', label: 'x'.repeat(256) }],
    ['sim/remove', { dir: '' }],
    ['sim/drive-in', {}],
    ['sim/drive-out', { dir: './d' }],
    ['sim/press', { ms: 1 }],
    ['sim/hold', { ms: 0 }],
    ['sim/hold', { ms: 60_001 }],
    ['sim/hold', { ms: 1.5 }],
  ])('POST %s %j', async (path, body) => {
    const problem = parseProblem(await desk.post(path, body));
    expect(problem).toMatchObject({ status: 400, exitCode: 64, code: 'bad-request' });
    expect(problem.detail).not.toBe('');
    expect(appliance.asked).toEqual([]);
  });

  test.each([
    'history?last=-1',
    'history?last=x',
    'history?first=1',
    'journal?last=10001',
    'journal?follow=2',
  ])('GET %s', async (path) => {
    expect(parseProblem(await desk.get(path))).toMatchObject({ status: 400, exitCode: 64 });
    expect(appliance.asked).toEqual([]);
  });

  test.each([
    ['backups', { card: '' }, 'card: it is empty'],
    ['backups', { card: 'x'.repeat(4097) }, 'card: longer than 4096 characters'],
    ['backups', { fit: 'yes' }, 'fit: no boolean'],
    ['backups', { card: 'x', sure: true }, 'the request: unknown: sure'],
    ['drives/adopt', {}, 'target: it is missing'],
    ['power', { action: 'explode', confirm: true }, 'action: it is one of poweroff, reboot'],
    ['sim/insert', { dir: 'relative' }, 'dir: not an absolute path'],
    ['sim/hold', { ms: 0 }, 'ms: less than 1'],
    ['sim/hold', { ms: 60_001 }, 'ms: more than 60000'],
  ])('POST %s %j says %s', async (path, body, words) => {
    expect(parseProblem(await desk.post(path, body)).detail).toBe(words);
  });

  test.each([
    ['explain?name=', 'name: it is empty'],
    ['photos?day=', 'day: it is empty'],
    ['photos/by/moon', 'by: it is one of day, camera, card, backup'],
    ['history?last=x', 'last: no number'],
  ])('GET %s says %s', async (path, words) => {
    expect(parseProblem(await desk.get(path)).detail).toBe(words);
  });

  test('names the field', async () => {
    expect(parseProblem(await desk.post('backups', { fit: 'yes' })).detail).toMatch(/^fit: /);
    expect(parseProblem(await desk.post('backups', null)).detail).toMatch(/^the request: /);
  });
});

describe('a request that is none', () => {
  test('no JSON is 400', async () => {
    const answer = await desk.ask('/api/v1/backups', { raw: '{"card":' });
    expect(parseProblem(answer)).toMatchObject({ status: 400, exitCode: 64 });
  });

  test('another type than JSON is 415', async () => {
    const headers = { 'content-type': 'application/xml' };
    const answer = await desk.ask('/api/v1/backups', { raw: '<card/>', headers });
    expect(parseProblem(answer)).toMatchObject({ status: 415, exitCode: 64 });
  });

  test('a body over 64 KiB is 413', async () => {
    const answer = await desk.post('backups', { card: 'x'.repeat(65 * 1024) });
    expect(parseProblem(answer)).toMatchObject({ status: 413, exitCode: 64 });
  });

  test.each([
    ['GET', '/api/v1/nothing'],
    ['POST', '/api/v1/status'],
    ['GET', '/api/v2/status'],
    ['DELETE', '/api/v1/backups'],
    ['GET', '/nothing'],
    ['POST', '/'],
  ])('%s %s is an unknown route: 404, for the command line 69', async (method, path) => {
    const problem = parseProblem(await desk.ask(path, { method }));
    expect(problem).toMatchObject({ status: 404, exitCode: 69, code: 'no-such-route' });
    expect(problem.detail).toContain(`${method} ${path}`);
  });

  test('a long unknown route is not repeated in full', async () => {
    expect(parseProblem(await desk.get(long)).detail.length).toBeLessThan(300);
  });
});

describe('what the appliance refuses', () => {
  test.each<[exitCode: ExitCode, status: number]>([
    [1, 409],
    [64, 400],
    [65, 422],
    [66, 404],
    [69, 503],
    [73, 409],
    [74, 500],
    [75, 503],
    [77, 403],
    [78, 500],
  ])('with exit code %d is HTTP %d', async (exitCode, status) => {
    appliance.refusal = new UserError('some-code' as never, exitCode, 'what, where', 'what to do');
    const answer = await desk.post('backups', {});
    expect(answer.status).toBe(status);
    expect(parseProblem(answer)).toEqual({
      type: 'urn:imagetank:problem:some-code',
      title: 'some code',
      status,
      detail: 'what, where',
      code: 'some-code',
      hint: 'what to do',
      exitCode,
    });
  });

  test('everywhere, streams included', async () => {
    appliance.refusal = new UserError('no' as never, 66, 'no such card, X', 'look');
    const answers = [
      await desk.get('history'),
      await desk.get('journal'),
      await desk.get('drives'),
      await desk.get('backups/x/events'),
      await desk.post('check', { card: 'X' }),
      await desk.post('verify', {}),
      await desk.post('drives/adopt', { target: 'X' }),
      await desk.post('ack', {}),
      await desk.post('power', { action: 'reboot', confirm: true }),
    ];
    for (const answer of answers) expect(parseProblem(answer)).toMatchObject({ exitCode: 66, hint: 'look' });
    expect(desk.server.openStreams()).toBe(0);
  });

  test('what is our own mistake is 500 with its text and without its stack', async () => {
    appliance.refusal = new TypeError('x is undefined');
    const answer = await desk.post('backups', {});
    expect(parseProblem(answer)).toMatchObject({ status: 500, exitCode: 74, code: 'internal' });
    expect(answer.text).toContain('x is undefined');
    expect(answer.text).not.toContain('.ts');
  });

  test('what went wrong within names no folder of the box to a device, whatever its role, nor at the end of a stream', async () => {
    const port = await desk.server.listenPort(0);
    const { token } = await desk.door.access.admit({ role: 'owner', name: 'phone' });
    const question = { port, headers: { authorization: `Bearer ${token}` } };
    const failed = new Error("ENOENT: open '/var/lib/imagetank/x'");
    appliance.check = async function* () {
      yield { progress: { filesDone: 1, filesTotal: 2, bytesDone: 1, bytesTotal: 2 } };
      throw failed;
    };
    const stream = await desk.ask('/api/v1/check', { ...question, body: { card: 'SD' } });
    expect(stream.text).toContain('"code":"internal"');
    appliance.refusal = failed;
    const answer = await desk.ask('/api/v1/backups', { ...question, body: {} });
    expect(parseProblem(answer)).toMatchObject({
      status: 500,
      code: 'internal',
      detail: 'the daemon failed',
    });
    expect(stream.text + answer.text).not.toContain('/var');
    expect((await desk.post('backups', {})).text).toContain('/var/lib');
  });

  test('in the middle of a stream is its last line', async () => {
    appliance.failInTheMiddle = true;
    const answer = await desk.post('check', { card: 'SD' });
    expect(answer.status).toBe(200);
    const [progress, last, ...more] = answer.text.trimEnd().split('\n');
    expect(JSON.parse(progress ?? '')).toHaveProperty('progress');
    const { error } = JSON.parse(last ?? '') as { error: unknown };
    expect(ProblemDetails.parse(error)).toMatchObject({ exitCode: 74, code: 'io-error' });
    expect(more).toEqual([]);
  });
});
