import { expect, test } from 'vitest';
import { useCleaner } from '../fs/folders.ts';
import { Harbour } from './kit.ts';

const clean = useCleaner();
const HOUR_MS = 3_600_000;

/** A box from which a drive is ejected begins anew each time (`letGo` in bin/compose.ts). */
async function ejectedThreeTimes() {
  const harbour = new Harbour(await clean.folder());
  harbour.moor('one');
  let looks = 0;
  harbour.bend = (store) => ({
    list: (max) => {
      looks += 1;
      return store.list(max);
    },
  });
  const uploads = harbour.uploads();
  for (let ejected = 0; ejected < 4; ejected += 1) await uploads.start();
  looks = 0;
  return { harbour, uploads, looks: () => looks };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('each hour there is one look, however many drives were ejected', async () => {
  const { harbour, looks } = await ejectedThreeTimes();
  harbour.clock.advance(HOUR_MS);
  for (let turn = 0; turn < 20; turn += 1) await settled();
  expect(looks()).toBe(1);
});

test('after the end there is none: a drive may be let go by then', async () => {
  const { harbour, uploads, looks } = await ejectedThreeTimes();
  await uploads.stop();
  harbour.clock.advance(HOUR_MS);
  for (let turn = 0; turn < 20; turn += 1) await settled();
  expect(looks()).toBe(0);
});
