import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { inInbox, staged } from '../uploads/kit.ts';
import { parse, parseProblem, until } from './kit.ts';
import {
  another,
  begin,
  create,
  desk,
  harbour,
  head,
  log,
  open,
  patch,
  port,
  restart,
  root,
  send,
  token,
  UPLOADS,
  uploads,
  uploadsEachTest,
} from './upload-kit.ts';

uploadsEachTest();

const PHOTO = readFileSync(new URL('../cards/NIKON/DCIM/100ND750/DSC_0009.JPG', import.meta.url));
const TAKEN_MS = Date.UTC(2026, 6, 4, 12, 30);
const FOLDER = 'phone-id-1';
const arrivedAs = (name: string) => readFileSync(join(root, 'inbox', FOLDER, name));

test('a photo that was sent whole lies in the inbox as it was, with the time of the phone', async () => {
  const path = await begin(PHOTO.length, { name: 'DSC_0009.JPG', lastModified: TAKEN_MS });
  expect(path).toMatch(/^\/api\/v1\/uploads\/[0-9a-f-]{36}$/);
  expect(inInbox(root)).toEqual([]);
  const answer = await patch(path, 0, PHOTO);
  expect(answer).toMatchObject({ status: 204, headers: { 'upload-offset': String(PHOTO.length) } });
  expect(answer.headers['tus-resumable']).toBe('1.0.0');
  expect(inInbox(root)).toEqual([`${FOLDER}/DSC_0009.JPG`]);
  expect(arrivedAs('DSC_0009.JPG')).toEqual(PHOTO);
  expect(statSync(join(root, 'inbox', FOLDER, 'DSC_0009.JPG')).mtimeMs).toBe(TAKEN_MS);
  expect(staged(root)).toEqual([]);
  // The light tells of it before the phone does.
  expect(harbour.arrived).toEqual(['drive-tank']);
});

test('in pieces, each from where the last one ended', async () => {
  const path = await begin(PHOTO.length);
  for (let at = 0; at < PHOTO.length; at += 10_000) {
    const piece = PHOTO.subarray(at, at + 10_000);
    expect((await patch(path, at, piece)).headers['upload-offset']).toBe(String(at + piece.length));
  }
  expect(arrivedAs('IMG_0001.JPG')).toEqual(PHOTO);
});

test('HEAD tells where it is, and until when', async () => {
  const path = await begin(6);
  await patch(path, 0, Buffer.from('abc'));
  const { status, headers } = await head(path);
  expect({ status, ...headers }).toMatchObject({
    status: 200,
    'upload-offset': '3',
    'upload-length': '6',
    'upload-metadata': expect.stringMatching(/^filename /),
    'upload-expires': 'Sat, 28 Nov 2026 00:00:00 GMT',
    'cache-control': 'no-store',
  });
});

test('a connection that breaks in the middle costs nothing: the rest is sent, the bytes are the same, and nothing failed', async () => {
  const film = randomBytes(1_000_000);
  const path = await begin(film.length, { name: 'MOV_0001.MP4' });
  const sending = open(path, 0, film.length);
  sending.write(film.subarray(0, 700_001));
  await until(() => uploads.isArriving && staged(root).length === 2);
  await until(() => statSync(join(root, '.imagetank/uploads', staged(root).at(-1) ?? '')).size > 0);
  sending.destroy();
  const offset = Number((await head(path)).headers['upload-offset']);
  expect(offset).toBeGreaterThan(0);
  expect(offset).toBeLessThanOrEqual(700_001);
  expect(inInbox(root)).toEqual([]);
  await patch(path, offset, film.subarray(offset));
  expect(arrivedAs('MOV_0001.MP4')).toEqual(film);
  expect(log).toEqual([]);
});

test('a phone that changed its network ends the connection that hangs by asking anew', async () => {
  const path = await begin(10);
  const hanging = open(path, 0, 10);
  hanging.write('abc');
  await until(() => uploads.isArriving);
  const gone = new Promise((resolve) => hanging.once('close', resolve));
  expect((await head(path)).status).toBe(200);
  await gone;
});

test('one that sends nothing any more is hung up on, and what it sent is kept', async () => {
  await restart(50);
  const path = await begin(10);
  const slow = open(path, 0, 10);
  const gone = new Promise((resolve) => slow.once('close', resolve));
  slow.write('abc');
  await gone;
  expect((await head(path)).headers['upload-offset']).toBe('3');
});

test('one that goes on sending is not, though it takes longer than any other request may', async () => {
  const path = await begin(6);
  const slow = open(path, 0, 6);
  const answer = new Promise<number>((resolve) =>
    slow.once('response', (got) => resolve(got.statusCode ?? 0)),
  );
  slow.write('abc');
  await until(() => uploads.isArriving);
  // Begun later, and cut off before: a body that does not come.
  const other = connect(port, '127.0.0.1');
  const cut = new Promise((resolve) => other.once('close', resolve));
  other.on('error', () => undefined).resume();
  other.write('POST /api/v1/pair HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n');
  other.write('Content-Length: 9\r\n\r\n{');
  await cut;
  slow.end('def');
  expect(await answer).toBe(204);
  expect(String(arrivedAs('IMG_0001.JPG'))).toBe('abcdef');
});

test('an upload outlives a restart of the daemon', async () => {
  const path = await begin(PHOTO.length);
  const cut = 12_345;
  await patch(path, 0, PHOTO.subarray(0, cut));
  await restart();
  expect((await head(path)).headers['upload-offset']).toBe(String(cut));
  expect((await patch(path, cut, PHOTO.subarray(cut))).status).toBe(204);
  expect(arrivedAs('IMG_0001.JPG')).toEqual(PHOTO);
});

test('what came over a connection that a restart cut is kept', async () => {
  const path = await begin(10);
  const sending = open(path, 0, 10);
  sending.write('abcd');
  await until(() => uploads.isArriving);
  await new Promise((resolve) => setImmediate(resolve));
  await restart();
  const offset = Number((await head(path)).headers['upload-offset']);
  expect((await patch(path, offset, Buffer.from('abcd012345').subarray(offset))).status).toBe(204);
  expect(String(arrivedAs('IMG_0001.JPG'))).toBe('abcd012345');
});

test('a phone that lost the last answer hears that all of it is there, and no second file comes', async () => {
  const path = await begin(3);
  await patch(path, 0, Buffer.from('abc'));
  expect((await head(path)).headers).toMatchObject({ 'upload-offset': '3', 'upload-length': '3' });
  expect(inInbox(root)).toHaveLength(1);
});

test('an empty file arrives when it is begun', async () => {
  await begin(0);
  expect(arrivedAs('IMG_0001.JPG')).toEqual(Buffer.alloc(0));
});

test('two of one name both arrive', async () => {
  for (const text of ['one', 'two']) await patch(await begin(3), 0, Buffer.from(text));
  expect(inInbox(root)).toEqual([`${FOLDER}/IMG_0001 (2).JPG`, `${FOLDER}/IMG_0001.JPG`]);
  expect(String(arrivedAs('IMG_0001.JPG'))).toBe('one');
  expect(String(arrivedAs('IMG_0001 (2).JPG'))).toBe('two');
});

test('a wrong offset is 409 and changes nothing', async () => {
  const path = await begin(6);
  await patch(path, 0, Buffer.from('abc'));
  for (const offset of [0, 2, 4, 6]) {
    expect(parseProblem(await patch(path, offset, Buffer.from('x')))).toMatchObject({
      status: 409,
      code: 'wrong-offset',
    });
  }
  await patch(path, 3, Buffer.from('def'));
  expect(String(arrivedAs('IMG_0001.JPG'))).toBe('abcdef');
});

test.each([
  ['announced', {}],
  ['not announced', { 'transfer-encoding': 'chunked', 'content-length': [] }],
])('more bytes than the upload has, %s, are 413', async (_how, headers) => {
  const path = await begin(3);
  const sending = { headers: headers as unknown as Record<string, string> };
  const problem = parseProblem(await patch(path, 0, Buffer.from('abcd'), sending));
  expect(problem).toMatchObject({ status: 413, code: 'beyond-end' });
  expect(inInbox(root)).toEqual([]);
});

test('one that cannot fit is 413, and nothing is begun', async () => {
  const problem = parseProblem(await create(64 * 1024 ** 3 + 1));
  expect(problem).toMatchObject({ status: 413, code: 'upload-too-large' });
  expect(staged(root)).toEqual([]);
});

test('a drive that is full in the middle is 507, what came is kept, and it goes on when there is room', async () => {
  const { DriveError } = await import('../../services/errors.ts');
  let isFull = false;
  harbour.bend = (store) => ({
    write: async (...args) => {
      if (isFull) throw new DriveError('drive-full', 'no space left on device');
      await store.write(...args);
    },
  });
  const path = await begin(6);
  await patch(path, 0, Buffer.from('abc'));
  isFull = true;
  const problem = parseProblem(await patch(path, 3, Buffer.from('def')));
  expect(problem).toMatchObject({ status: 507, code: 'drive-full-for-uploads' });
  expect(problem.detail + problem.hint).not.toContain('card');
  expect((await head(path)).headers['upload-offset']).toBe('3');
  isFull = false;
  await patch(path, 3, Buffer.from('def'));
  expect(String(arrivedAs('IMG_0001.JPG'))).toBe('abcdef');
});

test('of another device nothing is told, and nothing is taken', async () => {
  const path = await begin(3);
  const as = await another('owner');
  for (const asked of [patch(path, 0, Buffer.from('abc'), { as }), send('DELETE', path, { as })]) {
    expect(parseProblem(await asked)).toMatchObject({ status: 404, code: 'no-such-upload' });
  }
  expect((await head(path, as)).status).toBe(404);
  expect((await head(path)).headers['upload-offset']).toBe('0');
  await patch(path, 0, Buffer.from('abc'));
  expect((await head(path, as)).status).toBe(404);
});

test('a viewer sends nothing, and reads nothing of it', async () => {
  const path = await begin(3);
  const as = await another('viewer');
  for (const asked of [
    create(3, { as }),
    patch(path, 0, Buffer.from('abc'), { as }),
    send('GET', `${UPLOADS}/limits`, { as }),
    send('OPTIONS', UPLOADS, { as }),
    send('DELETE', path, { as }),
  ]) {
    expect(parseProblem(await asked)).toMatchObject({ status: 403, code: 'viewer-only-reads' });
  }
  expect((await head(path, as)).status).toBe(403);
});

test('a device that is revoked in the middle ends there, and its file never arrives', async () => {
  const path = await begin(6);
  const sending = open(path, 0, 6);
  const answer = new Promise<number>((resolve) =>
    sending.once('response', (got) => resolve(got.statusCode ?? 0)),
  );
  sending.write('abc');
  await until(() => uploads.isArriving);
  const [device] = desk.door.access.devices;
  await desk.door.access.unpair(device?.id ?? '');
  sending.write('def');
  expect(await answer).toBe(401);
  expect(inInbox(root)).toEqual([]);
});

test('one that nobody went on with for a week is given up', async () => {
  const path = await begin(6);
  await patch(path, 0, Buffer.from('abc'));
  harbour.clock.advance(7 * 86_400_000);
  await uploads.limits();
  expect((await head(path)).status).toBe(200);
  harbour.clock.advance(1);
  await uploads.limits();
  expect((await head(path)).status).toBe(404);
  expect(staged(root)).toEqual([]);
});

test('it can be cancelled', async () => {
  const path = await begin(6);
  await patch(path, 0, Buffer.from('abc'));
  expect((await send('DELETE', path)).status).toBe(204);
  expect(staged(root)).toEqual([]);
  expect((await head(path)).status).toBe(404);
});

test('limits are told before anything is begun', async () => {
  await begin(6);
  const Limits = z.strictObject({
    maxBytes: z.number(),
    freeBytes: z.number(),
    maxFiles: z.literal(32),
    open: z.literal(1),
  });
  const { maxBytes, freeBytes } = parse(Limits, await send('GET', `${UPLOADS}/limits`));
  expect(maxBytes).toBeGreaterThan(0);
  expect(maxBytes * 2).toBeLessThanOrEqual(freeBytes);
});

test('without a drive it is 503, with what to do', async () => {
  harbour.drives = [];
  for (const asked of [create(3), send('GET', `${UPLOADS}/limits`)]) {
    expect(parseProblem(await asked)).toMatchObject({
      status: 503,
      code: 'no-drive-for-uploads',
      exitCode: 66,
      hint: expect.stringContaining('adopt'),
    });
  }
});

test('OPTIONS tells the version and what else is spoken', async () => {
  const { status, headers } = await send('OPTIONS', UPLOADS);
  expect({ status, ...headers }).toMatchObject({
    status: 204,
    'tus-version': '1.0.0',
    'tus-extension': 'creation,expiration,termination',
    'tus-max-size': String(64 * 1024 ** 3),
  });
  expect(headers['access-control-allow-origin']).toBeUndefined();
});

test('who speaks another tus is told which one it is', async () => {
  const answer = await send('HEAD', `${UPLOADS}/x`, { headers: { 'tus-resumable': '0.2.2' } });
  expect(answer).toMatchObject({ status: 412, headers: { 'tus-version': '1.0.0' } });
});

test('somebody on the box sends without a token, and sees what a device sends', async () => {
  const path = await begin(3);
  expect(token).not.toBe('');
  const local = await desk.ask(path, { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } });
  expect(local.status).toBe(200);
});
