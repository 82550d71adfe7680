import { randomBytes } from 'node:crypto';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MAX_DOWNLOADS, MAX_DOWNLOADS_A_DEVICE } from '../../adapters/http/downloads.ts';
import { idOf, photoOf } from '../pictures/kit.ts';
import { desk, fetched, log, port, serveAGalleryEachTest, wall } from './gallery.ts';
import { parseProblem, until } from './kit.ts';

serveAGalleryEachTest();

const FILM = randomBytes(700_001);
const original = (id: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetched(`photos/${id}/original`, { headers, method });

describe('an original', () => {
  test('is sent as it is, and nothing stays open', async () => {
    const id = await wall.hang('CLIP.MOV', FILM);
    const { status, headers, bytes } = await original(id);
    expect([status, bytes.equals(FILM)]).toEqual([200, true]);
    expect(headers).toMatchObject({
      'content-type': 'video/quicktime',
      'content-length': '700001',
      'accept-ranges': 'bytes',
      'content-disposition': `inline; filename="CLIP.MOV"; filename*=UTF-8''CLIP.MOV`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-cache',
      etag: `"${id}"`,
    });
    await until(() => wall.open === 0);
  });

  test.each<[range: string, first: number, last: number]>([
    ['bytes=0-0', 0, 0],
    ['bytes=5-9', 5, 9],
    ['bytes=262100-262200', 262_100, 262_200],
    ['bytes=699999-', 699_999, 700_000],
    ['bytes=-3', 699_998, 700_000],
    ['bytes=10-999999999', 10, 700_000],
    ['bytes=-999999999', 0, 700_000],
  ])('in part: %s', async (range, first, last) => {
    const id = await wall.hang('CLIP.MP4', FILM);
    const { status, headers, bytes } = await original(id, { range });
    expect(status).toBe(206);
    expect(headers['content-range']).toBe(`bytes ${first}-${last}/700001`);
    expect(headers['content-length']).toBe(String(last - first + 1));
    expect(bytes.equals(FILM.subarray(first, last + 1))).toBe(true);
  });

  test.each([
    'bytes=0-1,5-6',
    'bytes=x-y',
    'lines=0-4',
    'nonsense',
    'bytes=0-1,3-4,9-',
  ])('as a whole, for a range that is none or several: %s', async (range) => {
    const id = await wall.hang('IMG_1.JPG', 'a photo');
    const { status, headers, bytes } = await original(id, { range });
    expect([status, bytes.toString(), headers['content-range']]).toEqual([200, 'a photo', undefined]);
  });

  test.each([
    'bytes=7-',
    'bytes=100-200',
    'bytes=9-9',
    'bytes=2-1',
    'bytes=-0',
  ])('not at all beyond its end: %s', async (range) => {
    const id = await wall.hang('IMG_1.JPG', 'a photo');
    const { status, headers, bytes } = await original(id, { range });
    expect([status, bytes.length, headers['content-range']]).toEqual([416, 0, 'bytes */7']);
  });

  test('goes on where it was only if it is the same', async () => {
    const id = await wall.hang('IMG_1.JPG', 'a photo');
    const range = 'bytes=2-';
    expect((await original(id, { range, 'if-range': `"${id}"` })).status).toBe(206);
    for (const other of ['"another"', `W/"${id}"`, 'Sat, 21 Nov 2026 14:00:00 GMT']) {
      const { status, bytes } = await original(id, { range, 'if-range': other });
      expect([status, bytes.toString()], other).toEqual([200, 'a photo']);
    }
  });

  test('is not sent again to who has it', async () => {
    const id = await wall.hang('IMG_1.JPG', 'a photo');
    for (const known of [`"${id}"`, `W/"${id}"`, `"other", "${id}"`, '*']) {
      const { status, bytes } = await original(id, { 'if-none-match': known });
      expect([status, bytes.length], known).toEqual([304, 0]);
    }
    expect((await original(id, { 'if-none-match': '"other"' })).status).toBe(200);
  });

  test('of which the head is asked is not read', async () => {
    const id = await wall.hang('CLIP.MP4', FILM);
    const { status, headers, bytes } = await original(id, { range: 'bytes=0-4' }, 'HEAD');
    expect([status, headers['content-length'], bytes.length]).toEqual([200, '700001', 0]);
    expect(headers['content-range']).toBeUndefined();
  });

  test('that is empty is one', async () => {
    const id = await wall.hang('IMG_1.JPG', '');
    const { status, headers } = await original(id);
    expect([status, headers['content-length']]).toEqual([200, '0']);
  });
});

describe('what a browser makes of it', () => {
  test.each([
    ['IMG_1.JPG', 'image/jpeg', 'inline'],
    ['IMG_1.HEIC', 'image/heic', 'inline'],
    ['GX01.MP4', 'video/mp4', 'inline'],
    ['ZOOM.WAV', 'audio/wav', 'inline'],
    ['IMG_1.CR3', 'application/octet-stream', 'attachment'],
    ['page.html', 'application/octet-stream', 'attachment'],
    ['logo.svg', 'application/octet-stream', 'attachment'],
    ['side.xmp', 'application/octet-stream', 'attachment'],
    ['constructor', 'application/octet-stream', 'attachment'],
    ['._IMG_1.JPG', 'application/octet-stream', 'attachment'],
  ])('%s is %s, %s', async (name, type, shown) => {
    const id = await wall.hang(name, '<script>alert(1)</script>');
    const { headers } = await original(id);
    expect(headers['content-type']).toBe(type);
    expect(headers['content-disposition']).toMatch(new RegExp(`^${shown}; `));
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  test('it is kept as a file where that is asked for, under the name that the camera gave it', async () => {
    const name = 'a "b"\r\nset-cookie: x=1\n; 照片 100% ä’.JPG';
    const id = await wall.hang(name, 'a photo', 'Photos/1.JPG');
    const { headers } = await fetched(`photos/${id}/original?download`);
    expect(headers['set-cookie']).toBeUndefined();
    expect(headers['content-disposition']).toBe(
      'attachment; filename="a _b___set-cookie: x=1_; __ 100_ __.JPG"; ' +
        "filename*=UTF-8''a%20%22b%22__set-cookie%3A%20x%3D1_%3B%20%E7%85%A7%E7%89%87%20100%25%20%C3%A4%E2%80%99.JPG",
    );
  });
});

describe('an original that is not to be had', () => {
  test.each(['0000000000000009-7', '0000000000000009-0'])('nobody knows %s', async (id) => {
    expect(parseProblem(await desk.get(`photos/${id}/original`))).toMatchObject({
      status: 404,
      code: 'unknown-photo',
    });
  });

  test.each([
    'x',
    '..%2F..%2Fetc%2Fpasswd',
    '0000000000000009',
    '0000000000000009-7x',
  ])('%s is no id', async (id) => {
    expect(parseProblem(await desk.get(`photos/${id}/original`))).toMatchObject({ status: 400 });
  });

  test('its drive is away, its file is gone, altered in size, a link, or its copy does not count', async () => {
    const id = await wall.hang('IMG_1.JPG', 'a photo');
    const expectAway = async () =>
      expect(parseProblem(await desk.get(`photos/${id}/original`))).toMatchObject({ code: 'photo-away' });
    const { attached } = wall;
    wall.attached = [];
    await expectAway();
    wall.attached = attached;
    wall.photos.set(id, photoOf(id, 'IMG_1.JPG', 'Photos/IMG_1.JPG', { counts: false }));
    await expectAway();
    wall.photos.set(id, photoOf(id, 'IMG_1.JPG', 'Photos/missing.JPG'));
    await expectAway();
    wall.photos.set(id, photoOf(id, 'IMG_1.JPG', 'Photos/IMG_1.JPG'));
    writeFileSync(join(wall.folder, 'Photos/IMG_1.JPG'), 'a photo that grew');
    await expectAway();
    expect(wall.open).toBe(0);
    writeFileSync(join(wall.folder, 'Photos/IMG_1.JPG'), 'a photo');
    expect((await original(id)).status).toBe(200);
  });

  test('a second drive has it', async () => {
    const id = await wall.hang('IMG_1.JPG', 'a photo');
    wall.attached = [{ ...wall.attached[0]!, path: join(wall.folder, 'missing') }, ...wall.attached];
    expect((await original(id)).bytes.toString()).toBe('a photo');
  });
});

describe('a download', () => {
  test('that cannot be read to its end breaks off, does not look whole, and is in the log', async () => {
    const id = await wall.hang('CLIP.MP4', Buffer.alloc(20 << 20));
    const response = await desk.open(`/api/v1/photos/${id}/original`);
    // It waits for its reader by now.
    truncateSync(join(wall.folder, 'Photos/CLIP.MP4'), 1000);
    let bytes = 0;
    const reading = async () => {
      for await (const chunk of response) bytes += (chunk as Buffer).length;
    };
    await expect(reading()).rejects.toThrow('aborted');
    expect(bytes).toBeLessThan(20 << 20);
    await until(() => wall.open === 0);
    expect(log).toEqual([
      expect.stringMatching(/^answer broke off, GET \/api\/v1\/photos\/:id\/original: \w/),
    ]);
  });

  test('that nobody reads is not read from the drive either', async () => {
    const id = await wall.hang('CLIP.MP4', Buffer.alloc(64 << 20));
    const response = await desk.open(`/api/v1/photos/${id}/original`);
    const small = await wall.hang('IMG_1.JPG', 'a photo');
    // Others come and go meanwhile, more often than it has blocks.
    for (let round = 0; round < 300; round += 1) await original(small);
    // Of 256 blocks: what fits into the buffers of two sockets.
    expect(wall.reads.get('Photos/CLIP.MP4')).toBeLessThan(100);
    response.destroy();
    await until(() => wall.open === 0);
    // Whoever goes away has not failed.
    expect(log).toEqual([]);
  });

  test('ends when its device is revoked, and with the server', async () => {
    const id = await wall.hang('CLIP.MP4', Buffer.alloc(64 << 20));
    const { token, device } = await desk.door.access.admit({ role: 'viewer', name: 'phone' });
    const headers = { authorization: `Bearer ${token}` };
    const mine = await desk.open(`/api/v1/photos/${id}/original`, { headers, port });
    const boxes = await desk.open(`/api/v1/photos/${id}/original`);
    expect([mine.statusCode, wall.open]).toEqual([200, 2]);
    const broken = new Promise((resolve) => mine.once('error', resolve));
    await desk.door.access.unpair(device.id);
    mine.resume();
    await broken;
    await until(() => wall.open === 1);
    boxes.once('error', () => undefined);
    await desk.server.close();
    await until(() => wall.open === 0);
  });

  test('needs a token, of a viewer at least', async () => {
    const id = await wall.hang('IMG_1.JPG', 'a photo');
    for (const path of [`photos/${id}`, `photos/${id}/thumb`, `photos/${id}/original`]) {
      expect((await fetched(path, { port })).status).toBe(401);
    }
  });

  test('is one of a few', async () => {
    const id = await wall.hang('CLIP.MP4', Buffer.alloc(8 << 20));
    const path = `/api/v1/photos/${id}/original`;
    const open = await Promise.all(Array.from({ length: MAX_DOWNLOADS }, () => desk.open(path)));
    expect(parseProblem(await desk.get(`photos/${id}/original`))).toMatchObject({
      status: 503,
      code: 'too-many-downloads',
    });
    for (const response of open) response.destroy();
    await until(() => wall.open === 0);
    expect((await original(id)).status).toBe(200);
  });

  test('is one of a few of its device, and never of those of the box', async () => {
    const id = await wall.hang('CLIP.MP4', Buffer.alloc(8 << 20));
    const path = `/api/v1/photos/${id}/original`;
    const phone = async (name: string) => {
      const { token } = await desk.door.access.admit({ role: 'viewer', name });
      return { port, headers: { authorization: `Bearer ${token}` } };
    };
    const open = [];
    const greedy = await phone('greedy');
    for (let at = 0; at < MAX_DOWNLOADS_A_DEVICE; at += 1) open.push(await desk.open(path, greedy));
    const refused = parseProblem(await desk.ask(path, greedy));
    expect(refused).toMatchObject({ status: 503, code: 'too-many-downloads' });
    for (const name of ['b', 'c', 'd']) {
      const other = await phone(name);
      for (let at = 0; at < MAX_DOWNLOADS_A_DEVICE; at += 1) open.push(await desk.open(path, other));
    }
    const late = await desk.open(path, await phone('late'));
    const here = await desk.open(path);
    expect(open.map(({ statusCode }) => statusCode)).toEqual(Array(MAX_DOWNLOADS).fill(200));
    expect([late.statusCode, here.statusCode]).toEqual([503, 200]);
    for (const response of [...open, late, here]) response.destroy();
    await until(() => wall.open === 0);
  });

  test('from a drive that is let go of breaks off', async () => {
    const id = await wall.hang('CLIP.MP4', Buffer.alloc(64 << 20));
    const response = await desk.open(`/api/v1/photos/${id}/original`);
    await wall.originals.letGo('/another');
    expect(wall.open).toBe(1);
    await wall.originals.letGo(wall.folder);
    expect(wall.open).toBe(0);
    await expect(response.resume().toArray()).rejects.toThrow('aborted');
    expect((await original(await wall.hang('IMG_1.JPG', 'x'))).status).toBe(200);
  });

  test('goes on slowly while a backup runs', async () => {
    const id = await wall.hang('CLIP.MP4', FILM);
    wall.busy = true;
    const answer = original(id);
    // The first block at once, each of the others when 256 KiB are paid for.
    await expect.poll(() => wall.clock.armed).toBe(1);
    wall.clock.advance(250);
    await expect.poll(() => wall.clock.armed).toBe(1);
    wall.clock.advance(250);
    expect((await answer).bytes.equals(FILM)).toBe(true);
    expect(idOf(1, FILM.length)).toBe(id);
  });
});
