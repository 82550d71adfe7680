import { Buffer } from 'node:buffer';
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
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

/** A drive with a folder of photos that nobody copied there. */
function driveWith(files: Readonly<Record<string, string>>, name = 'drive'): string {
  const drive = box.drive(name);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(drive, path, '..'), { recursive: true });
    writeFileSync(join(drive, path), content);
  }
  return drive;
}

test('keep their numbers: the next photo gets the number behind them, as on a pi-imgtank', async () => {
  const drive = driveWith({
    'images/20190501/pimg_000041.jpg': 'of another trip',
    'images/20190501/pimg_000042.jpg': 'of that trip too',
  });
  const card = box.card('A', { 'IMG_0001.JPG': 5000 });
  const running = await box.start(drive, {}, { layout: 'numbered' });
  expect(await resultOf(running.control.index(join(drive, 'images')))).toMatchObject({ indexed: 2 });
  await running.control.sim.insert(card, null);
  await until(running, 'copying');
  await until(running, 'ready');
  const placed = readdirSync(join(drive, 'Photos'), { recursive: true, encoding: 'utf8' });
  expect(placed.filter((path) => path.endsWith('.jpg'))).toEqual([
    expect.stringMatching(/pimg_000043\.jpg$/),
  ]);
});

test('with names that no manifest can carry are refused, and the next backup goes well all the same', async () => {
  const drive = driveWith({ 'Photos/old/good.jpg': 'good', 'Photos/old/bell\u0007.jpg': 'bell' });
  const odd = Buffer.concat([
    Buffer.from(join(drive, 'Photos/old/')),
    Buffer.from([0xff]),
    Buffer.from('.jpg'),
  ]);
  writeFileSync(odd, 'odd');
  const card = box.card('A', { 'IMG_0001.JPG': 5000 });
  const running = await box.start(drive);
  expect(await resultOf(running.control.index(join(drive, 'Photos/old')))).toMatchObject({
    ...{ indexed: 1, manifests: [expect.stringMatching(/^Photos\/ascmhl\/0001_/)] },
    refused: ['Photos/old/bell\u0007.jpg', 'Photos/old/\ufffd.jpg'],
  });
  await running.control.sim.insert(card, null);
  await until(running, 'copying');
  await until(running, 'ready');
  expect(running.control.history({ last: 1 })).toMatchObject([{ outcome: 'done', copied: 1 }]);
  expect((await running.control.status()).problems.filter(({ blinks }) => blinks > 0)).toEqual([]);
});

test('and go bad later are found by verify, and no card is safe for them any more', async () => {
  const card = box.card('A', { 'IMG_0001.JPG': 5000 });
  const drive = box.drive('drive');
  const running = await box.start(drive);
  const images = join(drive, 'images');
  mkdirSync(images);
  copyFileSync(join(card, 'DCIM/100TEST/IMG_0001.JPG'), join(images, 'a.jpg'));
  writeFileSync(join(images, 'b.jpg'), 'b');
  await resultOf(running.control.index(images));
  expect(await resultOf(running.control.check(card))).toMatchObject({ safe: true });
  const bytes = readFileSync(join(images, 'a.jpg'));
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  writeFileSync(join(images, 'a.jpg'), bytes);
  expect(await resultOf(running.control.verify('drive'))).toMatchObject({
    ...{ ok: false, files: 2, altered: ['images/a.jpg'], missing: [] },
  });
  expect(await resultOf(running.control.check(card))).toMatchObject({ safe: false });
  // The manifest goes on asking for it, as for what a backup copied.
  expect(await resultOf(running.control.verify('drive'))).toMatchObject({
    ok: false,
    altered: ['images/a.jpg'],
  });
  // The manifest says what it was: it is no copy of what it is now either.
  expect(await resultOf(running.control.index(images))).toMatchObject({
    indexed: 0,
    altered: ['images/a.jpg'],
  });
});

test('are one copy where two drives have one file under two names', async () => {
  const card = box.card('A', { 'IMG_0001.JPG': 5000 });
  const one = driveWith({ 'images/other.jpg': 'other' }, 'one');
  const two = driveWith({ 'images/another.jpg': 'another' }, 'two');
  copyFileSync(join(card, 'DCIM/100TEST/IMG_0001.JPG'), join(one, 'images/a.jpg'));
  linkSync(join(one, 'images/a.jpg'), join(two, 'images/b.jpg'));
  linkSync(join(one, 'images/a.jpg'), join(one, 'images/c.jpg'));
  const running = await box.start(one);
  await running.control.adopt(two, false);
  expect(await resultOf(running.control.index(join(one, 'images')))).toMatchObject({
    indexed: 3,
    linked: [],
  });
  expect(await resultOf(running.control.index(join(two, 'images')))).toMatchObject({
    ...{ indexed: 1, linked: ['images/b.jpg'] },
  });
  const asked = { copies: 2, offsite: false } as const;
  expect(await resultOf(running.control.check(card, asked))).toMatchObject({
    ...{ safe: false, missing: [{ why: 'too-few-copies', copies: 1 }] },
  });
});

test('are read on from where it was when nobody waited for the end', async () => {
  const files = Array.from({ length: 20 }, (_, at) => [
    `images/${String(at).padStart(2, '0')}.jpg`,
    `${at}`.repeat(50),
  ]);
  const drive = driveWith(Object.fromEntries(files));
  const running = await box.start(drive);
  const images = join(drive, 'images');
  const work = running.control
    .index(images, { rateBytesPerSecond: 500, dryRun: false })
    [Symbol.asyncIterator]();
  for (let done = 0; done < 3; ) {
    const { value } = await work.next();
    done = value !== undefined && 'progress' in value ? value.progress.filesDone : 20;
  }
  await work.return?.();
  const before = running.control.history({ last: 9 });
  const { known, indexed } = await resultOf(running.control.index(images));
  expect([known + indexed, known >= 3, indexed > 0]).toEqual([20, true, true]);
  expect(running.control.history({ last: 9 })).toEqual(before);
});

test('and are hard links to those of the card are no copies: check says so, and a backup copies them', async () => {
  const card = box.card('A', { 'IMG_0001.JPG': 5000, 'IMG_0002.JPG': 6000 });
  const drive = box.drive('drive');
  const images = join(drive, 'images');
  mkdirSync(images);
  linkSync(join(card, 'DCIM/100TEST/IMG_0001.JPG'), join(images, 'a.jpg'));
  copyFileSync(join(card, 'DCIM/100TEST/IMG_0002.JPG'), join(images, 'b.jpg'));
  const running = await box.start(drive);
  expect(await resultOf(running.control.index(images))).toMatchObject({ indexed: 2 });
  expect(await resultOf(running.control.check(card))).toMatchObject({
    ...{ safe: false, files: 2, verified: 1 },
    missing: [{ path: 'DCIM/100TEST/IMG_0001.JPG', why: 'hard-link', copies: 0, drives: [] }],
  });
  await running.control.sim.insert(card, null);
  await until(running, 'copying');
  await until(running, 'ready');
  expect(running.control.history({ last: 1 })).toMatchObject([{ outcome: 'done', copied: 1, duplicates: 1 }]);
  expect(await resultOf(running.control.check('A'))).toMatchObject({ safe: true, verified: 2 });
});

test('are listed under the day of their shot, as after a backup of the same files', async () => {
  const names = ['DSC_0001.JPG', 'DSC_0001.NEF', 'IMG_0002.HEIC', 'IMG_0002.MOV'];
  const days = ['2026-11-21', '2026-11-20', '2026-11-20', '2026-11-22'];
  const card = box.card('A', Object.fromEntries(names.map((name, at) => [name, 5000 + at])));
  const drive = driveWith(Object.fromEntries(names.map((name) => [`images/${name}`, `other ${name}`])));
  for (const [at, name] of names.entries()) {
    const time = new Date(`${days[at]}T12:00:00Z`);
    for (const path of [join(drive, 'images', name), join(card, 'DCIM/100TEST', name)]) {
      utimesSync(path, time, time);
    }
  }
  const running = await box.start(drive);
  const daysOf = () => running.control.library.groups('day').groups.map(({ key, photos }) => [key, photos]);
  expect(await resultOf(running.control.index(join(drive, 'images')))).toMatchObject({ indexed: 4 });
  expect(daysOf()).toEqual([['2026-11-20', 4]]);
  await running.control.sim.insert(card, null);
  await until(running, 'copying');
  await until(running, 'ready');
  expect(daysOf()).toEqual([['2026-11-20', 8]]);
});
