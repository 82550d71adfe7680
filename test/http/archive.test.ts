import { afterEach, beforeEach, expect, test } from 'vitest';
import { archiveOf } from '../../adapters/http/archive.ts';
import { Wall } from '../pictures/kit.ts';
import { until } from './kit.ts';

let wall: Wall;
beforeEach(() => {
  wall = new Wall();
});
afterEach(() => wall.remove());

test('what is opened after the client has left is closed', async () => {
  const id = await wall.hang('IMG_1.JPG', 'a photo');
  const selection = await wall.selections.make([id], null);
  let open = (): void => undefined;
  let asked = false;
  const originals = {
    open: async (wanted: string) => {
      asked = true;
      await new Promise<void>((resolve) => {
        open = resolve;
      });
      return wall.originals.open(wanted);
    },
  };
  let opened = 0;
  const counting = {
    open: async (wanted: string) => {
      const original = await originals.open(wanted);
      opened = wall.open;
      return original;
    },
  };
  const archive = await archiveOf(selection, counting);
  await until(() => asked);
  await archive.close();
  open();
  await until(() => opened === 1);
  await until(() => wall.open === 0);
});

test('ten thousand photos hold up nothing else: others have their turn every few entries', async () => {
  let looked = 0;
  const photos = Array.from({ length: 10_000 }, (_, at) => ({
    ...{ id: `${at}`, sizeBytes: 1, takenAt: null, day: '2026-11-21' },
    get name() {
      looked += 1;
      return 'IMG_1.JPG';
    },
  }));
  let most = 0;
  let before = 0;
  const look = () => {
    most = Math.max(most, looked - before);
    before = looked;
  };
  let watched = setImmediate(function again() {
    look();
    watched = setImmediate(again);
  });
  const archive = await archiveOf({ id: 's', photos, bytes: 10_000 }, wall.originals);
  clearImmediate(watched);
  look();
  await archive.close();
  expect(looked).toBe(10_000);
  expect(most).toBeLessThanOrEqual(50);
});
