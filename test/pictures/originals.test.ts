import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDriveFile } from '../../adapters/fs/drive-file.ts';
import type { DriveFile } from '../../services/pictures/ports.ts';
import { DRIVE, Wall } from './kit.ts';

let wall: Wall;
let id: string;
beforeEach(async () => {
  wall = new Wall();
  id = await wall.hang('IMG_1.JPG', 'abc');
});
afterEach(() => wall.remove());

const away = { code: 'photo-away' };

test('a drive that is let go is closed, and what is read from it breaks off; another drive is read on', async () => {
  const other = new Wall();
  wall.attached = [...wall.attached, { id: DRIVE, path: other.folder }];
  const reading = (await wall.originals.open(id)).read(0, 2);
  await wall.originals.letGo(other.folder);
  expect(wall.open).toBe(1);
  await wall.originals.letGo(wall.folder);
  expect(wall.open).toBe(0);
  await expect(reading.next()).rejects.toThrow();
  other.remove();
});

/** A wall whose files open when the test says so. */
function slowWall() {
  const waiting: (() => void)[] = [];
  let open = 0;
  const slow = new Wall({
    open: async (root, path): Promise<DriveFile | null> => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      const file = await openDriveFile(root, path);
      if (file === null) return null;
      open += 1;
      const close = async () => {
        open -= 1;
        await file.close();
      };
      return { ...file, close };
    },
  });
  return { slow, waiting, count: () => open };
}

test('one that is just being opened is waited for and closed', async () => {
  wall.remove();
  const { slow, waiting, count } = slowWall();
  wall = slow;
  const opening = wall.originals
    .open(await wall.hang('IMG_1.JPG', 'abc'))
    .then((original) => original.read(0, 2).next());
  const broken = expect(opening).rejects.toThrow();
  const letGo = wall.originals.letGo(wall.folder);
  waiting[0]?.();
  await letGo;
  expect(count()).toBe(0);
  await broken;
});

test('one that waits for its turn is not opened on a drive that went meanwhile', async () => {
  wall.remove();
  const { slow, waiting } = slowWall();
  wall = slow;
  const photo = await wall.hang('IMG_1.JPG', 'abc');
  const first = [wall.originals.open(photo), wall.originals.open(photo)];
  const third = wall.originals.open(photo);
  const refused = expect(third).rejects.toMatchObject(away);
  wall.attached = [];
  for (const open of waiting) open();
  for (const original of await Promise.all(first)) await original.close();
  await refused;
  expect(waiting).toHaveLength(2);
});

test('after stop nothing is open, and nothing is opened', async () => {
  await wall.originals.open(id);
  await wall.originals.stop();
  expect(wall.open).toBe(0);
  await expect(wall.originals.open(id)).rejects.toMatchObject(away);
  expect(wall.open).toBe(0);
});
