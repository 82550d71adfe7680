import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { Explanation, GroupPageShape, PhotoPageShape } from '../../services/library/shapes.ts';
import { EXPLANATION, GROUP, PHOTO } from '../cli/photo-answers.ts';
import { unknown } from '../cli/scripted-appliance.ts';
import { parse, parseProblem } from './kit.ts';
import { appliance, desk, serveEachTest } from './served.ts';

serveEachTest();

describe('photos', () => {
  test('GET photos, of one filter, page by page', async () => {
    const page = { photos: [PHOTO], next: '1.2' };
    appliance.photoPages = [page, page];
    expect(parse(PhotoPageShape, await desk.get('photos?day=2026-11-21'))).toEqual(page);
    await desk.get('photos?camera=Canon%20EOS&after=1.2&limit=7');
    expect(appliance.asked).toEqual([
      ['photos', '2026-11-21', { day: '2026-11-21' }, {}],
      ['photos', 'Canon EOS', { camera: 'Canon EOS' }, { after: '1.2', limit: 7 }],
    ]);
  });

  test('GET photos, of a part of a name, says how far it looked', async () => {
    const page = { photos: [PHOTO], next: '2019-05-03.1.2', searchedTo: '2019-05-03' };
    appliance.photoPages = [page, page];
    expect(parse(PhotoPageShape, await desk.get('photos?find=0123'))).toEqual(page);
    await desk.get('photos?find=%25_%26&card=SD&after=2019-05-03.1.2&limit=7');
    expect(appliance.asked).toEqual([
      ['find', '0123', {}, {}],
      ['find', '%_&', { card: 'SD' }, { after: '2019-05-03.1.2', limit: 7 }],
    ]);
  });

  test('a search is told when nobody waits for it any more', async () => {
    await new Promise<void>((told) => {
      appliance.searching = (gone) =>
        new Promise((end) => {
          gone?.addEventListener('abort', () => {
            told();
            end();
          });
          sent.destroy();
        });
      const sent = request({ socketPath: desk.socketPath, path: '/api/v1/photos?find=0123' });
      sent.on('error', () => undefined).end();
    });
  });

  test.each(['day', 'camera', 'card', 'backup'])('GET photos/by/%s', async (by) => {
    const page = { groups: [GROUP], next: 'x' };
    appliance.groupPages = [page, page];
    expect(parse(GroupPageShape, await desk.get(`photos/by/${by}`))).toEqual(page);
    await desk.get(`photos/by/${by}?after=2026-11-21&limit=3`);
    expect(appliance.asked).toEqual([
      ['groups', by, {}],
      ['groups', by, { after: '2026-11-21', limit: 3 }],
    ]);
  });

  test('GET explain, narrowed', async () => {
    expect(parse(Explanation, await desk.get('explain?name=IMG_0001.JPG'))).toEqual(EXPLANATION);
    await desk.get('explain?name=DCIM%2F1.JPG&card=SD&day=2026-11-21&limit=2');
    expect(appliance.asked).toEqual([
      ['explain', 'IMG_0001.JPG', { name: 'IMG_0001.JPG' }],
      ['explain', 'DCIM/1.JPG', { name: 'DCIM/1.JPG', card: 'SD', day: '2026-11-21', limit: 2 }],
    ]);
  });

  test.each([
    'photos?month=11',
    'photos?day=',
    'photos?find=',
    `photos?find=${'x'.repeat(256)}`,
    'photos?day=2026-11-21&limit=501',
    'photos/by/month',
    'photos/by/day?last=3',
    'explain',
    'explain?name=',
    'explain?name=x&limit=101',
  ])('GET %s is refused', async (path) => {
    expect(parseProblem(await desk.get(path))).toMatchObject({ status: 400, exitCode: 64 });
    expect(appliance.asked).toEqual([]);
  });

  test('a refusal keeps its exit code, and nothing but GET is known', async () => {
    appliance.refusal = unknown('IMG_9.JPG');
    expect(parseProblem(await desk.get('explain?name=IMG_9.JPG'))).toMatchObject({
      status: 404,
      exitCode: 66,
    });
    for (const path of ['photos', 'photos/by/day', 'explain']) {
      expect((await desk.post(path, {})).status).toBe(404);
    }
  });
});
