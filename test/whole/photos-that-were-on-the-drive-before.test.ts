import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Work } from '../../services/appliance.ts';
import { Box, until } from '../recordings/box.ts';

let box: Box;
beforeEach(() => {
  box = new Box();
});
afterEach(async () => {
  await box.stop();
  box.remove();
});

async function resultOf<Result>(work: Work<Result, object>): Promise<Result> {
  for await (const message of work) if ('result' in message) return message.result;
  throw new Error('no result');
}

test('are copies after they were indexed: nothing is copied twice, a manifest lists them, the card is safe', async () => {
  const card = box.card('A', { 'IMG_0001.JPG': 5000, 'IMG_0002.JPG': 6000 });
  const drive = box.drive('drive');
  const images = join(drive, 'images');
  mkdirSync(images);
  const folders = readdirSync(card, { recursive: true, encoding: 'utf8' });
  const [first = ''] = folders.filter((path) => path.endsWith('IMG_0001.JPG'));
  copyFileSync(join(card, first), join(images, 'pimg_000001.jpg'));
  writeFileSync(join(images, 'older.jpg'), 'of another trip');

  const running = await box.start(drive);
  expect(await resultOf(running.control.index(images))).toMatchObject({
    ...{ folder: 'images', files: 2, indexed: 2, known: 0 },
    manifests: [expect.stringMatching(/^images\/ascmhl\/0001_images_/)],
  });
  expect(await resultOf(running.control.index(images))).toMatchObject({
    ...{ indexed: 0, known: 2, manifests: [] },
  });
  await running.control.sim.insert(card, null);
  await until(running, 'copying');
  await until(running, 'ready');
  expect(running.control.history({ last: 1 })).toMatchObject([{ outcome: 'done', copied: 1, duplicates: 1 }]);
  expect(await resultOf(running.control.check('A'))).toMatchObject({ safe: true, verified: 2 });
  expect(await resultOf(running.control.verify(images))).toMatchObject({ ok: true, files: 2 });
  expect(await resultOf(running.control.verify('drive'))).toMatchObject({ ok: true, files: 3 });
});
