import { cpSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Composition } from '../../bin/composition.ts';
import { until } from '../recordings/box.ts';
import { box, freshBoxEachTest } from '../recordings/fresh-box.ts';

freshBoxEachTest();

async function green(card: string, drive: string): Promise<Composition> {
  const running = await box.start(drive);
  await running.control.sim.insert(card, null);
  await until(running, 'copying');
  await until(running, 'ready');
  return running;
}

const FILES = { 'IMG_0001.JPG': 5000, 'IMG_0002.JPG': 6000 };
const copied = (running: Composition) => running.control.history({ last: 1 })[0]?.copied;

test('by a drive that was emptied while it was away', async () => {
  const drive = box.drive('drive');
  const running = await green(box.card('A', FILES), drive);
  renameSync(drive, `${drive}.away`);
  await until(running, 'waiting');
  for (const year of readdirSync(join(`${drive}.away`, 'Photos'))) {
    rmSync(join(`${drive}.away`, 'Photos', year), { recursive: true });
  }
  renameSync(`${drive}.away`, drive);
  await until(running, 'copying');
  await until(running, 'ready');
  expect(copied(running)).toBe(2);
});

test('by another drive, when the one that held the card was forgotten', async () => {
  const drive = box.drive('drive');
  const running = await green(box.card('A', FILES), drive);
  await running.control.forget(drive);
  await until(running, 'attention');
  await running.control.adopt(box.drive('other'), false);
  await until(running, 'copying');
  await until(running, 'ready');
  expect(copied(running)).toBe(2);
});

test('after a check that said no', async () => {
  const card = box.card('A', FILES);
  const running = await green(card, box.drive('drive'));
  writeFileSync(join(card, 'DCIM/100TEST/IMG_0003.JPG'), 'new');
  for await (const _ of running.control.check('A'));
  await until(running, 'attention');
  expect((await running.control.status()).cards).toMatchObject([{ backedUp: false }]);
});

test('copies on a drive that is attached and cannot be used do not make a card safe', async () => {
  const drive = box.drive('drive');
  const running = await green(box.card('A', FILES), drive);
  // A clone of it comes: which of the two the journal speaks of is unknown.
  cpSync(drive, join(box.root, 'clone'), { recursive: true });
  await running.control.sim.driveIn(join(box.root, 'clone'));
  await until(running, 'error');
  for await (const message of running.control.check('A')) {
    if ('result' in message) expect(message.result).toMatchObject({ safe: false, verified: 0 });
  }
});

test('a folder drive that is an empty folder now is no drive', async () => {
  const drive = box.drive('drive');
  const running = await green(box.card('A', FILES), drive);
  renameSync(drive, `${drive}.away`);
  mkdirSync(drive);
  await until(running, 'waiting');
  expect((await running.control.status()).drives).toMatchObject([{ adopted: false }]);
});
