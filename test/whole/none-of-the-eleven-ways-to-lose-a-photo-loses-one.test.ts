import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDriveStore } from '../../adapters/fs/drive-store.ts';
import type { ComposeOptions, Composition } from '../../bin/composition.ts';
import { DriveError } from '../../services/errors.ts';
import { altered } from '../backup/world.ts';
import { Desk, hashesBelow, photosOn } from '../e2e/imagetank.ts';
import { Box } from '../recordings/box.ts';
import { quickClock } from './machine.ts';

/**
 * Nine ways in which pi-imgtank's `copy_img2` loses photos, and two in which the `rsync -av` of backup_photos.py and of
 * little-backup-box does. Each is told as it happens there, on real files with a real journal.
 */
const MORNING = Date.UTC(2026, 10, 21, 8);
const HOUR_MS = 3_600_000;
const DAY = 'Photos/2026/2026-11-21';

let box: Box;
let drive: string;
beforeEach(() => {
  box = new Box();
  drive = box.drive('drive');
});
afterEach(async () => {
  await box.stop();
  box.remove();
});

type Row = ReturnType<Composition['control']['history']>[number];

/** Settling and debouncing take a fraction of their time. */
const start = (ports: ComposeOptions['ports'] = {}): Promise<Composition> =>
  box.start(drive, { clock: quickClock(20), ...ports });

/** Writes files of a card, all of one moment. */
function shoot(label: string, files: Readonly<Record<string, string>>, atMs = MORNING): string {
  for (const [path, content] of Object.entries(files)) {
    const full = join(box.root, label, 'DCIM', path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, content);
    utimesSync(full, atMs / 1000, atMs / 1000);
  }
  return join(box.root, label);
}

/** Resolves with the row of the next backup that ends. */
async function ended({ control }: Composition, backups: number): Promise<Row | undefined> {
  const rows = () => control.history().filter(({ outcome }) => outcome !== null);
  await expect.poll(() => rows().length, { timeout: 30_000, interval: 5 }).toBe(backups);
  return rows().at(-1);
}

/** Puts the card in, waits for the end, takes it out. */
async function backUp(running: Composition, card: string): Promise<Row | undefined> {
  const before = running.control.history().length;
  await running.control.sim.insert(card, null);
  const row = await ended(running, before + 1);
  await running.control.sim.remove(card);
  return row;
}

const contents = (folder: string): string[] => [...hashesBelow(folder).values()].sort();
const contentsOn = (path = drive): string[] => [...photosOn(path).values()].sort();
const text = (path: string): string => readFileSync(join(drive, path), 'utf8');

test('drive full', async () => {
  // pi-imgtank: `cp` is not asked how it ended; `.last_img` moves on, the light is green, and nothing is copied again.
  let isFull = true;
  let writes = 0;
  const openDrive: NonNullable<ComposeOptions['ports']>['openDrive'] = async (attached) => {
    const store = await openDriveStore(attached);
    return altered(store, {
      createIncoming: async () => {
        const file = await store.createIncoming();
        return altered(file, {
          write: async (bytes) => {
            writes += 1;
            if (isFull && writes > 2) throw new DriveError('drive-full', 'no space left on device');
            await file.write(bytes);
          },
        });
      },
    });
  };
  const card = shoot('A', { '100/IMG_1.JPG': 'one', '100/IMG_2.JPG': 'two', '100/IMG_3.JPG': 'three' });
  const running = await start({ openDrive });
  await running.control.sim.insert(card, null);
  expect(await ended(running, 1)).toMatchObject({ outcome: 'failed', reason: 'drive-full' });
  expect(await running.control.status()).toMatchObject({ signal: 'error', code: 3 });
  await running.control.sim.remove(card);
  isFull = false;
  expect(await backUp(running, card)).toMatchObject({ outcome: 'done', failed: 0 });
  expect(contentsOn()).toEqual(contents(card));
});

test('camera clock set back', async () => {
  // pi-imgtank: `find -newer .last_img`: what a camera with an earlier clock shoots is never newer than the last photo.
  const card = shoot('A', { '100/IMG_1.JPG': 'before' });
  const running = await start();
  await backUp(running, card);
  shoot('A', { '100/IMG_2.JPG': 'after' }, MORNING - 400 * 24 * HOUR_MS);
  expect(await backUp(running, card)).toMatchObject({ outcome: 'done', copied: 1 });
  expect(contentsOn()).toEqual(contents(card));
});

test('two DCIM folders out of order', async () => {
  // pi-imgtank: `.last_img` gets the time of the last path, not of the newest photo: older ones of 100 are left out.
  const card = shoot('A', { '101OTHER/IMG_1.JPG': 'of the other camera' }, MORNING + HOUR_MS);
  shoot('A', { '100CANON/IMG_1.JPG': 'first' }, MORNING);
  const running = await start();
  await backUp(running, card);
  shoot('A', { '100CANON/IMG_2.JPG': 'shot before the last of the other one' }, MORNING + HOUR_MS / 2);
  expect(await backUp(running, card)).toMatchObject({ outcome: 'done', copied: 1 });
  expect(contentsOn()).toEqual(contents(card));
});

test('counter lost', async () => {
  // pi-imgtank: without `.currentNumber` it begins with 0 again, and `cp` replaces the first photos of that day.
  const first = shoot('A', { '100/IMG_0001.JPG': 'the first', '100/IMG_0002.JPG': 'the second' });
  await backUp(await start(), first);
  await box.stop();
  box.store?.log.close();
  rmSync(join(box.root, 'state'), { recursive: true });
  const next = shoot('B', { '100/IMG_0001.JPG': 'another first', '100/IMG_0002.JPG': 'another second' });
  const running = await start();
  expect(await backUp(running, next)).toMatchObject({ outcome: 'done', copied: 2 });
  expect(contentsOn()).toEqual([...contents(first), ...contents(next)].sort());
  expect(text(`${DAY}/IMG_0001.JPG`)).toBe('the first');
  // What only the manifests on the drive tell of is not copied again.
  expect(await backUp(running, first)).toMatchObject({ outcome: 'done', copied: 0, duplicates: 2 });
});

test('blank in a name', async () => {
  // pi-imgtank: `for img in $(find …)` takes `IMG 1.JPG` for two files, and neither is there.
  const names = ['IMG 1.JPG', ' IMG.JPG', 'a\nb.JPG', 'a\tb.JPG', '*.JPG', '-rf .JPG'];
  const card = shoot('A B', Object.fromEntries(names.map((name) => [`100 CANON/${name}`, `shot ${name}`])));
  const running = await start();
  expect(await backUp(running, card)).toMatchObject({ outcome: 'done', copied: names.length });
  expect(contentsOn()).toEqual(contents(card));
});

test('name without extension', async () => {
  // pi-imgtank: `${img##*.}` is the whole path then, and `cp` has no folder to copy it to.
  const card = shoot('A', {
    '100/IMG_0001': 'one',
    '100/README': 'two',
    '100/.hidden': 'three',
    '100/end.': 'four',
  });
  const running = await start();
  expect(await backUp(running, card)).toMatchObject({ outcome: 'done', copied: 4 });
  expect(contentsOn()).toEqual(contents(card));
});

test('killed in mid copy', async () => {
  // pi-imgtank: `cp` writes under the final name: half a photo stays there, and looks like any other.
  const desk = new Desk();
  try {
    const shots = Array.from({ length: 40 }, (_, n) => [
      `DCIM/100/IMG_${1000 + n}.JPG`,
      randomBytes(3_000_000),
    ]);
    const card = desk.folder('SD1', Object.fromEntries(shots));
    const tank = desk.folder('tank');
    let daemon = await desk.start();
    expect((await desk.run('drive', 'adopt', tank)).code).toBe(0);
    expect((await desk.run('backup', card)).code).toBe(0);
    const incoming = (): number => filesIn(join(tank, '.imagetank/incoming'));
    await expect.poll(incoming, { timeout: 30_000, interval: 1 }).toBeGreaterThan(2);
    daemon.kill('SIGKILL');
    await new Promise((resolve) => daemon.once('exit', resolve));
    expect(incoming()).toBeGreaterThan(0);
    const whole = new Set(contents(card));
    expect(contentsOn(tank).filter((hash) => !whole.has(hash))).toEqual([]);
    daemon = await desk.start();
    expect((await desk.run('drive', 'adopt', tank)).code).toBe(0);
    expect((await desk.run('backup', '--wait', card)).code).toBe(0);
    expect(contentsOn(tank)).toEqual(contents(card));
    expect(incoming()).toBe(0);
  } finally {
    await desk.clear();
  }
});

test('two runs at once', async () => {
  // pi-imgtank: udev starts a script a card; both read one `.currentNumber`, and one photo replaces the other.
  const names = Array.from({ length: 30 }, (_, n) => `100/IMG_${1000 + n}.JPG`);
  const cards = ['A', 'B'].map((label) =>
    shoot(label, Object.fromEntries(names.map((name) => [name, `${name} of ${label}`]))),
  );
  const running = await start();
  await Promise.all(cards.map((card) => running.control.sim.insert(card, null)));
  expect(await ended(running, 2)).toMatchObject({ outcome: 'done' });
  expect(running.control.history().map(({ copied }) => copied)).toEqual([30, 30]);
  expect(contentsOn()).toEqual(cards.flatMap(contents).sort());
});

test('counter past its end', async () => {
  // pi-imgtank: `printf '%04g'` writes 1000000 to 1000009 as `1e+06`: ten photos under one name. Here the camera's own
  // counter wraps around on one day, and its numbers grow by a digit.
  const card = shoot('A', { '100/IMG_9999.JPG': 'the last', '100/IMG_0001.JPG': 'the first' });
  shoot('A', { '101/IMG_0001.JPG': 'after the last', '101/IMG_10000.JPG': 'a digit more' });
  const tens = [999_999, 1_000_000, 1_000_001, 1_000_009, '1e+06'];
  shoot('A', Object.fromEntries(tens.map((n) => [`102/pimg_${n}.jpg`, `number ${n}`])));
  const running = await start();
  expect(await backUp(running, card)).toMatchObject({ outcome: 'done', copied: 9 });
  expect(contentsOn()).toEqual(contents(card));
  for (const n of tens) expect(text(`${DAY}/pimg_${n}.jpg`)).toBe(`number ${n}`);
  expect([`${DAY}/IMG_0001.JPG`, `${DAY}/IMG_0001_2.JPG`].map(text).sort()).toEqual([
    'after the last',
    'the first',
  ]);
});

test('same name and size, other content', async () => {
  // little-backup-box, backup_photos.py: `rsync -av` holds size and time for the content: it is skipped, and so is the
  // repair of a copy that lost its bytes.
  const card = shoot('A', { '100/IMG_1.JPG': 'content one', '100/IMG_2.JPG': 'rotten soon' });
  const running = await start();
  await backUp(running, card);
  shoot('A', { '100/IMG_1.JPG': 'content two' });
  writeFileSync(join(drive, DAY, 'IMG_2.JPG'), Buffer.alloc('rotten soon'.length));
  expect(await backUp(running, card)).toMatchObject({ outcome: 'done', copied: 2 });
  expect(text(`${DAY}/IMG_1.JPG`)).toBe('content one');
  expect(text(`${DAY}/IMG_1_2.JPG`)).toBe('content two');
  expect(contentsOn()).toEqual(expect.arrayContaining(contents(card)));
});

test('same name, other size', async () => {
  // little-backup-box, backup_photos.py: `rsync -av` replaces the first one, which is on no card any more.
  const card = shoot('A', { '100/IMG_1.JPG': 'the photo of yesterday' });
  const running = await start();
  await backUp(running, card);
  rmSync(join(card, 'DCIM'), { recursive: true });
  shoot('A', { '100/IMG_1.JPG': 'today', '100/IMG_2.JPG': '' });
  expect(await backUp(running, card)).toMatchObject({ outcome: 'done', copied: 2 });
  expect(text(`${DAY}/IMG_1.JPG`)).toBe('the photo of yesterday');
  expect(text(`${DAY}/IMG_1_2.JPG`)).toBe('today');
  expect(text(`${DAY}/IMG_2.JPG`)).toBe('');
});

/** 0 where there is no such folder yet. */
function filesIn(folder: string): number {
  try {
    return readdirSync(folder).length;
  } catch {
    return 0;
  }
}
