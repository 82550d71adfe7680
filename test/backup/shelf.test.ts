import { describe, expect, test } from 'vitest';
import { driveId, relativePath } from '../../machines/ids.ts';
import { Shelf, Shelves } from '../../services/backup/shelf.ts';
import type { DriveStore } from '../../services/media-ports.ts';

function counting(names: readonly string[]): { store: DriveStore; listed: string[] } {
  const listed: string[] = [];
  const store: Pick<DriveStore, 'list'> = {
    list: async (folder) => {
      listed.push(folder);
      return names;
    },
  };
  return { store: store as DriveStore, listed };
}

const folder = (n: number) => relativePath(`Photos/${n}`);

describe('the names on a drive', () => {
  test('are listed once a folder, and known by their clash keys', async () => {
    const { store, listed } = counting(['IMG_1.JPG']);
    const shelf = new Shelf();
    expect(await shelf.taken(store, folder(1))).toEqual(new Map([['img_1.jpg', 'IMG_1.JPG']]));
    shelf.placed(folder(1), 'IMG_2.JPG');
    shelf.placed(folder(2), 'IMG_3.JPG');
    expect(await shelf.taken(store, folder(1))).toEqual(
      new Map([
        ['img_1.jpg', 'IMG_1.JPG'],
        ['img_2.jpg', 'IMG_2.JPG'],
      ]),
    );
    expect(listed).toEqual(['Photos/1']);
    shelf.forget();
    expect(await shelf.taken(store, folder(1))).toEqual(new Map([['img_1.jpg', 'IMG_1.JPG']]));
  });

  test('of sixteen folders are kept, the one used longest ago goes', async () => {
    const { store, listed } = counting([]);
    const shelf = new Shelf();
    for (let n = 1; n <= 16; n += 1) await shelf.taken(store, folder(n));
    await shelf.taken(store, folder(1));
    await shelf.taken(store, folder(17));
    listed.splice(0);
    await shelf.taken(store, folder(1));
    await shelf.taken(store, folder(17));
    expect(listed).toEqual([]);
    await shelf.taken(store, folder(2));
    expect(listed).toEqual(['Photos/2']);
  });
});

describe('one at a time', () => {
  test('in the order of the calls, also after one that failed', async () => {
    const shelf = new Shelf();
    const log: string[] = [];
    const step = (name: string) => async (): Promise<string> => {
      log.push(`${name} begins`);
      await Promise.resolve();
      log.push(`${name} ends`);
      return name;
    };
    const failing = shelf.run(async () => {
      throw new Error('no');
    });
    const all = Promise.all([shelf.run(step('a')), shelf.run(step('b'))]);
    await expect(failing).rejects.toThrow('no');
    expect(await all).toEqual(['a', 'b']);
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  test('a drive has one shelf', () => {
    const shelves = new Shelves();
    expect(shelves.of(driveId('x'))).toBe(shelves.of(driveId('x')));
    expect(shelves.of(driveId('x'))).not.toBe(shelves.of(driveId('y')));
  });
});
