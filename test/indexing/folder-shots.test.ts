import { describe, expect, it } from 'vitest';
import { MAX_FOLDER_FILES, shotsOfFolder } from '../../services/indexing/folder-shots.ts';
import { MemoryDrive, rel } from '../manifest/memory-drive.ts';

const at = (name: string) => rel(`images/${name}`);

/** As many photos as asked for, each with a raw file. */
function folderOf(pairs: number) {
  const names = Array.from({ length: pairs }, (_, nth) => [`${nth}.jpg`, `${nth}.nef`]).flat();
  const calls: number[] = [];
  return {
    calls,
    list: async () => names,
    statAll: async (paths: readonly string[]) => {
      calls.push(paths.length);
      return paths.map((path) => ({ sizeBytes: 1, mtimeMs: 1, file: path }));
    },
  };
}

describe('the shots of a folder', () => {
  it('are those of its media, and of nothing else', async () => {
    const drive = new MemoryDrive();
    for (const name of ['a.jpg', 'a.nef', '._a.jpg', 'a.txt', 'a.mov/b.jpg'])
      drive.put(`images/${name}`, 'x');
    const { groupOf, find } = await shotsOfFolder(rel('images'), drive);
    expect(groupOf(at('a.jpg'))?.members.map(({ path }) => path)).toEqual([at('a.nef'), at('a.jpg')]);
    expect(groupOf(at('a.nef'))).toBe(groupOf(at('a.jpg')));
    for (const name of ['._a.jpg', 'a.txt', 'a.mov', 'a.mov/b.jpg', 'gone.jpg']) {
      expect([groupOf(at(name)), find({ path: at(name) })]).toEqual([null, null]);
    }
  });

  it('are looked at many at a time', async () => {
    const store = folderOf(1000);
    const { groupOf } = await shotsOfFolder(rel('images'), store);
    expect(store.calls).toEqual([1024, 976]);
    expect(groupOf(at('999.nef'))?.members).toMatchObject([{ path: at('999.nef') }, { path: at('999.jpg') }]);
  });

  it('are none where there are too many to hold', async () => {
    const store = folderOf(MAX_FOLDER_FILES / 2 + 1);
    const { groupOf } = await shotsOfFolder(rel('images'), store);
    expect([store.calls, groupOf(at('1.nef'))]).toEqual([[], null]);
  });
});
