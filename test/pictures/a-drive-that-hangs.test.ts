import { expect, test } from 'vitest';
import { driveId, relativePath } from '../../machines/ids.ts';
import { idOf, photoOf, Wall } from './kit.ts';

test('photos of one drive come while another one hangs', async () => {
  const hangs = '/mnt/hangs';
  const wall: Wall = new Wall({
    open: async (root) => ({
      sizeBytes: 7,
      read: (buffer) => (root === hangs ? new Promise(() => undefined) : Promise.resolve(buffer.length)),
      close: async () => undefined,
    }),
  });
  wall.attached = [{ id: driveId('d-0'), path: hangs }, ...wall.attached];
  const [one, two, three] = [idOf(1, 7), idOf(2, 7), idOf(3, 7)];
  for (const id of [one, two]) {
    wall.photos.set(id, photoOf(id, 'A.JPG', 'Photos/A.JPG', { driveId: driveId('d-0') }));
  }
  wall.photos.set(three, { ...photoOf(three, 'B.JPG', 'Photos/B.JPG'), name: relativePath('B.JPG') });
  for (const id of [one, two]) void (await wall.originals.open(id)).read(0, 6).next();
  let came = false;
  void wall.originals
    .open(three)
    .then((original) => original.read(0, 6).next())
    .then(() => (came = true));
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  wall.remove();
  expect(came).toBe(true);
});
