import { beforeEach, describe, expect, it } from 'vitest';
import type { Capture } from '../../machines/media.ts';
import { rel } from '../manifest/memory-drive.ts';
import { IndexKit } from './kit.ts';

const ms = (at: string): number => Date.parse(`${at}Z`);
const [TWENTIETH, NEXT, LATER] = ['2026-11-20', '2026-11-21', '2026-11-22'];

let kit: IndexKit;
beforeEach(() => {
  kit = new IndexKit();
  kit.drive.files.clear();
});

/** In the folder that is indexed; each with content of its own. */
function put(name: string, mtime: string, capture?: Capture): void {
  kit.drive.put(`images/${name}`, `content of ${name}`, ms(mtime));
  if (capture !== undefined) kit.captures.set(`/drive/images/${name}`, capture);
}

const shown = (...names: readonly string[]) => names.map((name) => kit.dayOf(`images/${name}`));
const told = () => kit.facts.flatMap((fact) => (fact.type === 'FilesIndexed' ? fact.files : []));

describe('a shot has one day', () => {
  it('that of the member that tells it', async () => {
    put('DSC_0001.JPG', `${NEXT}T09:00:00`, { at: `${TWENTIETH}T23:50:00` });
    put('DSC_0001.NEF', `${NEXT}T00:10:00`);
    await kit.index();
    expect(shown('DSC_0001.JPG', 'DSC_0001.NEF')).toEqual([TWENTIETH, TWENTIETH]);
    expect(told().map(({ to, day }) => [to, day])).toEqual([
      ['images/DSC_0001.JPG', undefined],
      ['images/DSC_0001.NEF', TWENTIETH],
    ]);
  });

  it('else that of its leader’s file', async () => {
    put('IMG_0002.HEIC', `${TWENTIETH}T10:00:00`);
    put('IMG_0002.MOV', `${LATER}T10:00:00`);
    put('IMG_0003.MOV', `${LATER}T10:00:00`);
    await kit.index();
    expect(shown('IMG_0002.HEIC', 'IMG_0002.MOV', 'IMG_0003.MOV')).toEqual([TWENTIETH, TWENTIETH, LATER]);
  });

  it('of which sidecars tell nobody', async () => {
    put('IMG_1.JPG', `${NEXT}T10:00:00`, { at: `${TWENTIETH}T10:00:00` });
    put('IMG_1.XMP', `${LATER}T10:00:00`);
    await kit.index();
    expect(told().map((file) => 'day' in file)).toEqual([false, false]);
  });

  it('that begins when the configuration says so', async () => {
    kit.dayStarts = '03:00';
    put('a.jpg', `${NEXT}T10:00:00`, { at: `${NEXT}T02:59:00` });
    put('a.wav', `${NEXT}T10:00:00`);
    put('b.jpg', `${NEXT}T10:00:00`, { at: `${NEXT}T03:00:00` });
    await kit.index();
    expect(shown('a.jpg', 'a.wav', 'b.jpg')).toEqual([TWENTIETH, TWENTIETH, NEXT]);
  });

  it('with all chapters of a video', async () => {
    put('GX010007.MP4', `${TWENTIETH}T23:50:00`);
    put('GX020007.MP4', `${NEXT}T00:10:00`);
    await kit.index();
    expect(shown('GX010007.MP4', 'GX020007.MP4')).toEqual([TWENTIETH, TWENTIETH]);
  });

  it('but not with a namesake in another folder, or in a tree that is kept whole', async () => {
    put('100/IMG_1.JPG', `${LATER}T10:00:00`, { at: `${TWENTIETH}T10:00:00` });
    put('101/IMG_1.NEF', `${LATER}T10:00:00`);
    put('PRIVATE/AVCHD/IMG_1.JPG', `${LATER}T10:00:00`, { at: `${TWENTIETH}T10:00:00` });
    put('PRIVATE/AVCHD/IMG_1.NEF', `${LATER}T10:00:00`);
    await kit.index();
    expect(shown('101/IMG_1.NEF', 'PRIVATE/AVCHD/IMG_1.NEF')).toEqual([LATER, LATER]);
  });
});

describe('where the layout put photos of which nobody can tell the day', () => {
  const index = (name: string) => kit.dayOf(`Photos/2026/2026-11-20/${name}`);

  it.each([
    ['that of the folder goes for all', undefined, TWENTIETH],
    ['the camera’s word goes for all, where there is one', { at: `${NEXT}T10:00:00` }, NEXT],
  ] as const)('%s', async (_, capture, day) => {
    const folder = 'Photos/2026/2026-11-20';
    kit.drive.put(`${folder}/a.nef`, 'raw', ms(`${NEXT}T10:00:00`));
    kit.drive.put(`${folder}/a.jpg`, 'jpeg', ms(`${LATER}T10:00:00`));
    if (capture !== undefined) kit.captures.set(`/drive/${folder}/a.jpg`, capture);
    await kit.index({ folder: rel('Photos') });
    expect([index('a.nef'), index('a.jpg')]).toEqual([day, day]);
  });
});

describe('chapters of a video that the layout put together', () => {
  it('stay there, whatever one of them says', async () => {
    const folder = 'Photos/2026/2026-11-20';
    kit.drive.put(`${folder}/GX010007.MP4`, 'one', ms(`${LATER}T10:00:00`));
    kit.drive.put(`${folder}/GX020007.MP4`, 'two', ms(`${LATER}T10:00:00`));
    kit.captures.set(`/drive/${folder}/GX020007.MP4`, { at: `${NEXT}T00:10:00` });
    await kit.index({ folder: rel('Photos') });
    const days = ['GX010007.MP4', 'GX020007.MP4'].map((name) => kit.dayOf(`${folder}/${name}`));
    expect(days).toEqual([TWENTIETH, TWENTIETH]);
  });
});

describe('what is recorded together', () => {
  it('is not where a shot ends', async () => {
    for (let at = 100; at < 227; at += 1) put(`A${at}.JPG`, `${LATER}T10:00:00`);
    put('B.JPG', `${LATER}T10:00:00`);
    put('B.NEF', `${NEXT}T10:00:00`, { at: `${TWENTIETH}T10:00:00` });
    await kit.index();
    expect(kit.told.map(([, files]) => files.length)).toEqual([128, 1]);
    expect(shown('B.JPG', 'B.NEF')).toEqual([TWENTIETH, TWENTIETH]);
  });

  it('asks no file twice, and looks at a folder once', async () => {
    for (let at = 0; at < 300; at += 1) put(`A${at}.JPG`, `${NEXT}T10:00:00`);
    const { list } = kit.drive;
    const looks: string[] = [];
    kit.drive.list = async (folder) => {
      looks.push(folder);
      return list.call(kit.drive, folder);
    };
    await kit.index();
    expect(kit.asked.length).toBe(300);
    expect(looks.filter((folder) => folder === 'images')).toEqual(['images']);
  });
});

describe('a companion that comes later', () => {
  it('joins the day that was recorded', async () => {
    put('DSC_0001.JPG', `${NEXT}T09:00:00`, { at: `${TWENTIETH}T23:50:00` });
    await kit.index();
    put('DSC_0001.NEF', `${NEXT}T00:10:00`);
    await kit.index();
    expect(shown('DSC_0001.JPG', 'DSC_0001.NEF')).toEqual([TWENTIETH, TWENTIETH]);
  });

  it('joins it even where it knows better', async () => {
    put('DSC_0001.NEF', `${NEXT}T00:10:00`);
    await kit.index();
    put('DSC_0001.JPG', `${NEXT}T09:00:00`, { at: `${TWENTIETH}T23:50:00` });
    await kit.index();
    expect(shown('DSC_0001.JPG', 'DSC_0001.NEF')).toEqual([NEXT, NEXT]);
  });
});
