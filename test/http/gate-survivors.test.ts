import { expect, test } from 'vitest';
import { parseProblem } from './kit.ts';
import { ask, paired, serveTheNetworkEachTest } from './network.ts';

serveTheNetworkEachTest();

test('a picture that a page of another port of this host embeds is 403: it says no origin', async () => {
  const { cookie } = await paired();
  const answer = await ask('/api/v1/status', { headers: { ...cookie, 'sec-fetch-site': 'same-site' } });
  expect(parseProblem(answer)).toMatchObject({ status: 403, code: 'cross-site' });
});

test('who was refused with a body on the way gets no other request through that connection', async () => {
  const answer = await ask('/api/v1/ack', {
    method: 'POST',
    raw: '{}',
    headers: { connection: 'keep-alive' },
  });
  expect(answer.status).toBe(401);
  expect(answer.headers.connection).toBe('close');
});
