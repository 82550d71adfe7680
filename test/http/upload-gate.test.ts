import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { inInbox } from '../uploads/kit.ts';
import { parseProblem } from './kit.ts';
import {
  begin,
  create,
  desk,
  PIECE,
  patch,
  port,
  root,
  send,
  TUS,
  token,
  UPLOADS,
  uploadsEachTest,
} from './upload-kit.ts';

uploadsEachTest();

const NOBODY = { authorization: `Bearer ${'x'.repeat(43)}` };
const BYTES = Buffer.from('abc');
const cookie = () => ({ cookie: `imagetank=${token}` });

test('a stranger begins, sends, asks and cancels nothing', async () => {
  const path = await begin(3);
  for (const asked of [
    create(3, { as: NOBODY }),
    patch(path, 0, BYTES, { as: NOBODY }),
    send('DELETE', path, { as: NOBODY }),
    send('OPTIONS', path, { as: NOBODY }),
    send('GET', `${UPLOADS}/limits`, { as: NOBODY }),
  ]) {
    expect(parseProblem(await asked)).toMatchObject({ status: 401, code: 'not-paired' });
  }
  expect((await send('HEAD', path, { as: NOBODY })).status).toBe(401);
  expect(inInbox(root)).toEqual([]);
});

test('the cookie of the page does, with what browsers say; a page of somebody else does not', async () => {
  const own = { ...cookie(), origin: `http://127.0.0.1:${port}` };
  const made = await create(3, { as: own });
  expect(made.status).toBe(201);
  const path = String(made.headers.location);
  for (const as of [
    { ...cookie(), origin: 'http://evil.example' },
    { ...cookie(), 'sec-fetch-site': 'cross-site' },
    cookie(),
  ]) {
    expect(parseProblem(await create(3, { as }))).toMatchObject({ status: 403, code: 'cross-site' });
    expect(parseProblem(await patch(path, 0, BYTES, { as }))).toMatchObject({
      status: 403,
      code: 'cross-site',
    });
  }
  expect((await patch(path, 0, BYTES, { as: own })).status).toBe(204);
});

test.each([
  ['to another route', 'PATCH', '/api/v1/status', PIECE, BYTES],
  ['to what is no id', 'PATCH', `${UPLOADS}/limits`, PIECE, BYTES],
  ['below an id', 'PATCH', `${UPLOADS}/${randomUUID()}/x`, PIECE, BYTES],
  ['as a form', 'PATCH', `${UPLOADS}/${randomUUID()}`, { 'content-type': 'text/plain' }, BYTES],
  ['with POST', 'POST', UPLOADS, PIECE, BYTES],
  [
    'with POST, in chunks',
    'POST',
    UPLOADS,
    { ...PIECE, 'transfer-encoding': 'chunked', 'content-length': [] },
    BYTES,
  ],
  ['with POST to an upload', 'POST', `${UPLOADS}/${randomUUID()}`, {}, undefined],
  ['with POST without the words of tus', 'POST', UPLOADS, { 'tus-resumable': '' }, undefined],
])('bytes %s do not pass the gate', async (_how, method, path, headers, body) => {
  const { 'tus-resumable': version, ...others } = headers as Record<string, string>;
  const asked = { ...(body === undefined ? {} : { body }), headers: others };
  const answer =
    version === undefined
      ? await send(method, path, asked)
      : await desk.ask(path, { method, port, headers: { authorization: `Bearer ${token}`, ...others } });
  expect(parseProblem(answer)).toMatchObject({ status: 415, code: 'not-json' });
});

test('on the socket of the box a beginning with a body is refused, too', async () => {
  const headers = { ...TUS, ...PIECE, 'upload-length': '3' };
  const answer = await desk.ask(UPLOADS, { method: 'POST', raw: 'abc', headers });
  expect(parseProblem(answer)).toMatchObject({ status: 415, code: 'wrong-upload-type' });
});

test.each([
  ['../../x', 'x'],
  ['.hidden', '_hidden'],
  ['CON', '_CON'],
  ['a\u0000b\n.jpg', 'a_b_.jpg'],
  ['🏖️.heic', '🏖️.heic'],
  ['-rf', '-rf'],
  ['', 'upload'],
])('a file called %j arrives as %j, in the folder of its phone', async (name, as) => {
  await patch(await begin(3, { name }), 0, BYTES);
  expect(inInbox(root)).toEqual([`phone-id-1/${as}`]);
});

test.each([
  ['a name of 300 bytes', { name: 'x'.repeat(300) }, 'name-too-long'],
  ['a name that is not UTF-8', { name: Buffer.from([0xff, 0xfe]) }, 'bad-metadata'],
])('%s is 400', async (_what, begun, code) => {
  expect(parseProblem(await create(3, begun))).toMatchObject({ status: 400, code });
});

test.each([
  ['without a length', {}],
  ['whose length is no number', { 'upload-length': '1e9' }],
  ['whose length is less than nothing', { 'upload-length': '-1' }],
  ['whose length is told later', { 'upload-defer-length': '1' }],
  ['with both', { 'upload-length': '3', 'upload-defer-length': '1' }],
])('one %s is 400', async (_what, headers) => {
  expect(parseProblem(await send('POST', UPLOADS, { headers }))).toMatchObject({
    status: 400,
    code: 'bad-request',
  });
});

test.each(['', '-1', 'x', '0x1', '1.5'])('the offset %j is 400', async (offset) => {
  const path = await begin(3);
  const answer = await patch(path, 0, BYTES, { headers: { 'upload-offset': offset } });
  expect(parseProblem(answer)).toMatchObject({ status: 400, code: 'bad-request' });
});

test.each([
  'x',
  '..%2f..%2fdrive',
  '%2e%2e',
  'limits%00',
  `${randomUUID()}x`,
])('the id %j is 404 or no path, and touches nothing', async (id) => {
  const answer = await send('HEAD', `${UPLOADS}/${id}`);
  // What a router would have to decode is refused before it.
  const refused = id === '%2e%2e' ? 400 : 404;
  expect(answer.status).toBe(refused);
  expect((await send('DELETE', `${UPLOADS}/${id}`)).status).toBe(refused);
});
