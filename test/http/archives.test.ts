import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MAX_SELECTED } from '../../services/pictures/selections.ts';
import { idOf, photoOf } from '../pictures/kit.ts';
import { desk, fetched, log, port, serveAGalleryEachTest, wall } from './gallery.ts';
import { parseProblem, until } from './kit.ts';
import { unzipped } from './zip.ts';

serveAGalleryEachTest();

/** Whose zipfile is not of the makers of what is tested. */
const hasPython = spawnSync('python3', ['-c', 'import zipfile']).status === 0;
if (!hasPython) console.log('skipped: an archive unpacked by python3, which is not installed');

async function select(ids: readonly string[]): Promise<{ id: string; files: number; bytes: number }> {
  const { status, text } = await desk.post('selections', { ids });
  expect(status, text).toBe(201);
  return JSON.parse(text);
}

const fetchArchive = async (ids: readonly string[]) =>
  fetched(`selections/${(await select(ids)).id}/archive`);

describe('an archive', () => {
  test('holds what was selected, as it is, in its order, and says before how large it is', async () => {
    const film = randomBytes(600_000);
    const ids = [
      await wall.hang('CLIP.MP4', film),
      await wall.hang('IMG_1.JPG', 'a photo'),
      await wall.hang('empty.JPG', ''),
    ];
    expect(await select([...ids, ids[0]!])).toMatchObject({ files: 3, bytes: 600_007 });
    const { status, headers, bytes } = await fetchArchive(ids);
    expect([status, headers['content-length']]).toEqual([200, String(bytes.length)]);
    expect(headers).toMatchObject({
      'content-type': 'application/zip',
      'content-disposition': expect.stringMatching(/^attachment; filename="imagetank-3-photos.zip"/),
      'x-content-type-options': 'nosniff',
    });
    const files = unzipped(bytes);
    expect(files.map(({ name }) => name)).toEqual(['CLIP.MP4', 'IMG_1.JPG', 'empty.JPG']);
    expect(files[0]?.content.equals(film)).toBe(true);
    expect(files[1]?.content.toString()).toBe('a photo');
    expect(files.map(({ method }) => method)).toEqual([0, 0, 0]);
    expect(files[1]?.modifiedAt).toBe('2026-11-21T14:03:58');
    await until(() => wall.open === 0);
  });

  test.runIf(hasPython)('is unpacked by others, whatever its names', async () => {
    const names = [
      'IMG_1.JPG',
      'img_1.jpg',
      'IMG_1.JPG',
      '照片 ä.JPG',
      '-rf',
      '../../etc/passwd',
      '"q"\n?.JPG',
    ];
    const ids = [];
    for (const [at, name] of names.entries())
      ids.push(await wall.hang(name, `content ${at}`, `Photos/${at}`));
    const { bytes } = await fetchArchive(ids);
    const [zip, into] = [join(wall.folder, 'a.zip'), join(wall.folder, 'unzipped')];
    writeFileSync(zip, bytes);
    mkdirSync(into);
    const python = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])';
    execFileSync('python3', ['-c', python, zip, into]);
    const found = readdirSync(into);
    expect(found.sort()).toEqual(
      [
        'IMG_1.JPG',
        'img_1 (2).jpg',
        'IMG_1 (3).JPG',
        '照片 ä.JPG',
        '-rf',
        '.._.._etc_passwd',
        '_q___.JPG',
      ].sort(),
    );
    expect(readFileSync(join(into, 'IMG_1 (3).JPG'), 'utf8')).toBe('content 2');
  });

  test('is not read when only its head is asked for', async () => {
    const { id } = await select([await wall.hang('IMG_1.JPG', 'a photo')]);
    const head = await fetched(`selections/${id}/archive`, { method: 'HEAD' });
    expect([head.status, head.bytes.length]).toEqual([200, 0]);
    expect(Number(head.headers['content-length'])).toBeGreaterThan(7);
    await until(() => wall.open === 0);
  });

  test.each([
    'first',
    'second',
  ])('whose %s file is gone breaks off, does not look whole, and is in the log', async (which) => {
    const ids = [
      await wall.hang('first.JPG', 'a photo'),
      await wall.hang('second.JPG', randomBytes(300_000)),
    ];
    const { id } = await select(ids);
    rmSync(join(wall.folder, `Photos/${which}.JPG`));
    const { broken, bytes, headers } = await fetched(`selections/${id}/archive`);
    expect(broken).toBe(true);
    expect(bytes.length).toBeLessThan(Number(headers['content-length'] ?? 1));
    await until(() => wall.open === 0);
    expect(log).toEqual([
      expect.stringMatching(/^answer broke off, GET \/api\/v1\/selections\/:id\/archive: \w/),
    ]);
  });

  test('lets go of what it read when its client goes', async () => {
    const ids = [await wall.hang('1.MP4', Buffer.alloc(64 << 20)), await wall.hang('2.MP4', Buffer.alloc(9))];
    const { id } = await select(ids);
    const response = await desk.open(`/api/v1/selections/${id}/archive`);
    response.destroy();
    await until(() => wall.open === 0);
    expect(wall.reads.has('Photos/2.MP4')).toBe(false);
    expect(log).toEqual([]);
  });
});

describe('a selection', () => {
  test.each<[string, unknown]>([
    ['nothing', { ids: [] }],
    ['no list', { ids: '0000000000000001-7' }],
    ['what is no id', { ids: ['../x'] }],
    ['more than it may', { ids: Array(MAX_SELECTED + 1).fill(idOf(1, 7)) }],
    ['more words', { ids: [idOf(1, 7)], to: '/tmp' }],
  ])('of %s is refused', async (_what, body) => {
    expect(parseProblem(await desk.post('selections', body))).toMatchObject({ status: 400 });
  });

  test('may be as large as it may, the longest ids too', async () => {
    for (let at = 0; at < MAX_SELECTED; at += 1) {
      const id = `${String(at).padStart(16, 'f')}-1234567890123456`;
      wall.photos.set(id, photoOf(id, `IMG_${at}.JPG`, 'Photos/IMG.JPG'));
    }
    const asked = desk.post('selections', { ids: [...wall.photos.keys()] });
    // Others have a turn while so many are looked up.
    let turns = 0;
    const done = asked.then(() => true);
    while (!(await Promise.race([done, new Promise<false>((resolve) => setImmediate(resolve, false))]))) {
      turns += wall.clock.armed;
      wall.clock.advance(0);
    }
    expect((await asked).status).toBe(201);
    expect(turns).toBe(MAX_SELECTED / 50 - 1);
  });

  test('is refused while another of this device is made, and is then made', async () => {
    const ids = [];
    for (let at = 0; at < 60; at += 1) ids.push(await wall.hang(`IMG_${at}.JPG`, 'a photo'));
    const first = desk.post('selections', { ids });
    await until(() => wall.clock.armed > 0);
    const refused = parseProblem(await desk.post('selections', { ids }));
    expect(refused).toMatchObject({ status: 429, code: 'selection-being-made' });
    wall.clock.advance(0);
    expect((await first).status).toBe(201);
    expect(await select(ids.slice(0, 1))).toMatchObject({ files: 1 });
  });

  test('of what nobody knows or nobody has at hand is refused', async () => {
    const id = await wall.hang('IMG_1.JPG', 'a photo');
    expect(parseProblem(await desk.post('selections', { ids: [id, idOf(9, 7)] }))).toMatchObject({
      code: 'unknown-photo',
    });
    const other = await wall.hang('IMG_2.JPG', 'a photo');
    wall.attached = [];
    expect(parseProblem(await desk.post('selections', { ids: [id, other] }))).toMatchObject({
      code: 'photo-away',
      detail: expect.stringContaining('IMG_1.JPG and 1 more'),
    });
  });

  test('is over after an hour', async () => {
    const { id } = await select([await wall.hang('IMG_1.JPG', 'a photo')]);
    wall.clock.advance(3_600_000 - 1);
    expect((await fetched(`selections/${id}/archive`)).status).toBe(200);
    wall.clock.advance(1);
    expect(parseProblem(await desk.get(`selections/${id}/archive`))).toMatchObject({
      status: 404,
      code: 'unknown-selection',
    });
  });

  test('is found by who made it, also by a device that may only read', async () => {
    const ids = [await wall.hang('IMG_1.JPG', 'a photo')];
    const { id } = await select(ids);
    const { token } = await desk.door.access.admit({ role: 'viewer', name: 'phone' });
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetched(`selections/${id}/archive`, { port, headers })).status).toBe(404);
    const made = await desk.ask('/api/v1/selections', { port, headers, body: { ids } });
    expect(made.status, made.text).toBe(201);
    const { id: own } = JSON.parse(made.text);
    expect((await fetched(`selections/${own}/archive`, { port, headers })).status).toBe(200);
    expect((await fetched(`selections/${own}/archive`)).status).toBe(404);
  });

  test('is one of two that a device has, and of eight in all', async () => {
    const { selections } = wall;
    const ids = [await wall.hang('IMG_1.JPG', 'a photo')];
    const made = [];
    for (let at = 0; at < 3; at += 1) made.push((await selections.make(ids, 'phone')).id);
    expect(made.map((id) => selections.find(id, 'phone') !== null)).toEqual([false, true, true]);
    for (let at = 0; at < 6; at += 1) made.push((await selections.make(ids, `tablet ${at}`)).id);
    expect(made.filter((id) => selections.find(id, 'phone') !== null)).toEqual([made[1], made[2]]);
    await selections.make(ids, 'television');
    expect(made.filter((id) => selections.find(id, 'phone') !== null)).toEqual([made[2]]);
  });
});
