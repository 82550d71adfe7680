import { afterEach, beforeEach, test } from 'vitest';
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
