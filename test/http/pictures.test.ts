import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PhotoDetail } from '../../services/library/shapes.ts';
import { PHOTO_DETAIL } from '../cli/photo-answers.ts';
import { unknown } from '../cli/scripted-appliance.ts';
import { appliance, desk, fetched, pictures, port, serveAGalleryEachTest, wall } from './gallery.ts';
import { Desk, parse, parseProblem } from './kit.ts';

serveAGalleryEachTest();

const ID = '0123456789abcdef-4900000';

describe('one photo', () => {
  test('is told with what the camera wrote', async () => {
    expect(parse(PhotoDetail, await desk.get(`photos/${ID}`))).toEqual(PHOTO_DETAIL);
    expect(appliance.asked).toEqual([['photo', ID]]);
  });

  test('that nobody knows, and what is no id', async () => {
    appliance.refusal = unknown(ID);
    expect(parseProblem(await desk.get(`photos/${ID}`))).toMatchObject({ status: 404 });
    appliance.refusal = null;
    for (const id of ['..', 'x', `${ID}x`, ID.toUpperCase(), `x${ID}`]) {
      expect([400, 404], id).toContain((await desk.get(`photos/${id}`)).status);
    }
    expect(appliance.asked).toEqual([['photo', ID]]);
  });
});

describe.each(['thumb', 'preview'])('GET photos/ID/%s', (size) => {
  const url = `photos/${ID}/${size}`;

  test('is a JPEG that may be kept, by this client alone', async () => {
    const path = join(wall.folder, 'made.jpg');
    writeFileSync(path, 'a picture');
    pictures.answer = { path };
    const { token } = await desk.door.access.admit({ role: 'viewer', name: 'phone' });
    // Over the network, where the gate says no-store to all else.
    const asked = { port, headers: { authorization: `Bearer ${token}` } };
    const { status, headers, bytes } = await fetched(url, asked);
    expect([status, bytes.toString()]).toEqual([200, 'a picture']);
    expect(headers).toMatchObject({
      'content-type': 'image/jpeg',
      'content-length': '9',
      'cache-control': 'private, max-age=31536000, immutable',
      etag: `"${ID}-${size}"`,
      'x-content-type-options': 'nosniff',
    });
    expect(pictures.asked).toEqual([`${ID} ${size}`]);
    expect((await fetched(`photos/${ID}`, asked)).headers['cache-control']).toBe('no-store');
  });

  test('is not sent again to who has it, and only its head where that is asked for', async () => {
    const path = join(wall.folder, 'made.jpg');
    writeFileSync(path, 'a picture');
    pictures.answer = { path };
    const known = await fetched(url, { headers: { 'if-none-match': `"${ID}-${size}"` } });
    expect([known.status, known.bytes.length]).toEqual([304, 0]);
    const head = await fetched(url, { method: 'HEAD' });
    expect([head.status, head.headers['content-length'], head.bytes.length]).toEqual([200, '9', 0]);
  });

  test.each([
    ['none', 404, 'no-picture'],
    ['away', 404, 'photo-away'],
    ['unknown', 404, 'unknown-photo'],
    ['later', 503, 'later'],
  ] as const)('%s is %i %s, and is not kept', async (answer, status, code) => {
    pictures.answer = answer;
    const refused = await desk.get(url);
    expect(parseProblem(refused)).toMatchObject({ status, code });
    expect(refused.headers['cache-control']).toBeUndefined();
    expect(refused.headers['retry-after']).toBe(answer === 'later' ? '30' : undefined);
  });

  test('that had to make room meanwhile comes later', async () => {
    pictures.answer = { path: join(wall.folder, 'gone.jpg') };
    expect(parseProblem(await desk.get(url))).toMatchObject({ status: 503, code: 'later' });
  });
});

test('without a gallery nothing is known of its routes', async () => {
  const plain = new Desk(appliance);
  await plain.listen();
  for (const path of [`photos/${ID}/thumb`, `photos/${ID}/original`, 'selections/x/archive']) {
    expect(parseProblem(await plain.get(path))).toMatchObject({ status: 404, code: 'no-such-route' });
  }
  await plain.clear();
});
