import { afterEach, beforeEach, expect, test } from 'vitest';
import { Selections } from '../../services/pictures/selections.ts';
import { countedIds } from '../access/kit.ts';
import { flush } from '../runtime/kit.ts';
import { idOf, Wall } from './kit.ts';

let wall: Wall;
beforeEach(() => {
  wall = new Wall();
});
afterEach(() => wall.remove());

const hung = async (count: number) => {
  const ids: string[] = [];
  for (let at = 0; at < count; at += 1) ids.push(await wall.hang(`IMG_${at}.JPG`, 'abc'));
  return ids;
};

test('one is made at a time, whoever asks: only one of them waits for its turn', async () => {
  const ids = await hung(60);
  const asked = ['one', 'two', null].map((owner) => wall.selections.make(ids, owner));
  for (let made = 0; made < asked.length; made += 1) {
    await flush();
    expect(wall.clock.armed).toBe(1);
    wall.clock.advance(0);
    await asked[made];
  }
  expect((await Promise.all(asked)).map(({ photos }) => photos.length)).toEqual([60, 60, 60]);
});

test('others have a turn after 4 ms, however few were looked up by then', async () => {
  const ids = await hung(3);
  const originals = {
    find: (id: string) => {
      wall.clock.advance(4);
      return wall.originals.find(id);
    },
    isHere: () => true,
  };
  const selections = new Selections({ originals, clock: wall.clock, ids: countedIds() });
  let turns = 0;
  let isMade = false;
  const made = selections.make(ids, null).then(() => {
    isMade = true;
  });
  for (await flush(); !isMade; await flush()) {
    turns += wall.clock.armed;
    wall.clock.advance(0);
  }
  await made;
  expect(turns).toBe(2);
});

test('a second one of the same owner is refused meanwhile; one that fails keeps nobody out', async () => {
  const [id = ''] = await hung(1);
  const failing = wall.selections.make([idOf(9, 9)], 'one');
  await expect(wall.selections.make([id], 'one')).rejects.toMatchObject({ code: 'selection-being-made' });
  const other = wall.selections.make([id], 'two');
  await expect(failing).rejects.toMatchObject({ code: 'unknown-photo' });
  expect((await other).photos).toHaveLength(1);
  expect((await wall.selections.make([id], 'one')).photos).toHaveLength(1);
});
