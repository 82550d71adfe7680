import { expect, test } from 'vitest';
import { useCleaner } from '../fs/folders.ts';
import { Harbour } from './kit.ts';

const clean = useCleaner();
const HOUR_MS = 3_600_000;

async function startedFourTimes() {
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
  for (let time = 0; time < 4; time += 1) await uploads.start();
  looks = 0;
  return { harbour, uploads, looks: () => looks };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('each hour there is one look, however often it was started', async () => {
  const { harbour, looks } = await startedFourTimes();
  harbour.clock.advance(HOUR_MS);
  for (let turn = 0; turn < 20; turn += 1) await settled();
  expect(looks()).toBe(1);
});

test('after the end there is none: a drive may be let go by then', async () => {
  const { harbour, uploads, looks } = await startedFourTimes();
  await uploads.stop();
  harbour.clock.advance(HOUR_MS);
  for (let turn = 0; turn < 20; turn += 1) await settled();
  expect(looks()).toBe(0);
});
