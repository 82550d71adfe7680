import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Composition } from '../../bin/composition.ts';
import { PLAIN_CHECK } from '../../services/appliance.ts';
import { CheckResult } from '../../services/work-shapes.ts';
import { Box, until } from '../recordings/box.ts';

const FILES = { 'IMG_0001.JPG': 5000, 'IMG_0002.JPG': 6000, 'IMG_0004.JPG': 7000 };

let box: Box;
let card: string;
let [one, two] = ['', ''];
let running: Composition;
beforeEach(async () => {
  box = new Box();
  card = box.card('A', FILES);
  one = box.drive('one');
  two = box.drive('two');
  running = await box.start(one);
  await running.control.adopt(two, false);
  await running.control.sim.insert(card, null);
  await until(running, 'copying');
  await until(running, 'ready');
});
afterEach(async () => {
  await box.stop();
  box.remove();
});

/** As the socket gives it, held against its shape. */
async function check(target: string, options: Partial<CheckResultOptions> = {}): Promise<CheckResult> {
  for await (const message of running.control.check(target, { ...PLAIN_CHECK, ...options })) {
    if ('result' in message) return CheckResult.strict().parse(message.result);
  }
  throw new Error('no result');
}
type CheckResultOptions = typeof PLAIN_CHECK;

/** Everything that a write would change: times of data and of names, sizes, names. */
function traces(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .concat('.')
    .sort()
    .map((path) => {
      const { ino, size, mode, nlink, mtimeNs, ctimeNs } = lstatSync(join(folder, path), { bigint: true });
      return [path, ino, size, mode, nlink, mtimeNs, ctimeNs].join(' ');
    });
}

describe('so many drives', () => {
  test('each attached one as configured, a number, and one that was ejected on record', async () => {
    expect(await check('A')).toMatchObject({
      safe: true,
      copies: { asked: 'all', required: 2, lookedAt: 2, onRecord: 0 },
      drives: [
        { label: 'one', state: 'attached', files: 3 },
        { label: 'two', state: 'attached', files: 3 },
      ],
    });
    expect(await check('A', { copies: 3 })).toMatchObject({
      safe: false,
      missing: [{ why: 'too-few-copies', copies: 2 }, {}, {}],
    });
    await running.control.eject(two);
    expect(await check('A', { copies: 2 })).toMatchObject({
      safe: true,
      copies: { required: 2, lookedAt: 1, onRecord: 1 },
      drives: [{ state: 'attached' }, { label: 'two', state: 'away', files: 3 }],
    });
    await running.control.forget(two);
    expect(await check('A', { copies: 2 })).toMatchObject({ safe: false, drives: [{ label: 'one' }] });
    expect(await check('A', { copies: 1 })).toMatchObject({ safe: true });
  });

  test('on record only, when no drive is attached', async () => {
    await running.control.eject(one);
    await running.control.eject(two);
    expect(await check('A')).toMatchObject({
      safe: true,
      copies: { asked: 'all', required: 1, lookedAt: 0, onRecord: 1 },
      drives: [{ state: 'away' }, { state: 'away' }],
    });
    expect((await running.control.status()).leds.green).toBe('off');
  });

  test('an off-site copy: no, for none is recorded; the light speaks for what is configured', async () => {
    expect((await running.control.status()).leds.green).toBe('on');
    expect(await check('A', { offsite: true })).toMatchObject({
      safe: false,
      verified: 0,
      offsite: { verified: 0 },
      missing: [{ why: 'not-offsite', copies: 2 }, {}, {}],
    });
    expect((await running.control.status()).leds.green).toBe('on');
  });
});

describe('a drive is never held against itself', () => {
  const refused = { exitCode: 64 };

  test('attached, ejected or forgotten, from inside or from above', async () => {
    await running.control.sim.remove(null);
    const photos = join(two, 'Photos');
    for (const folder of [two, photos, box.root]) await expect(check(folder)).rejects.toMatchObject(refused);
    await running.control.eject(two);
    for (const folder of [two, photos]) await expect(check(folder)).rejects.toMatchObject(refused);
    await running.control.forget(two);
    for (const folder of [two, photos]) await expect(check(folder)).rejects.toMatchObject(refused);
    // Nothing above it is attached any more: it is found while it is read.
    await running.control.eject(one);
    await expect(check(box.root)).rejects.toMatchObject({ ...refused, code: 'is-a-drive' });
  });

  test('an empty mount point is no card, and one that is not there is none either', async () => {
    const empty = join(box.root, 'empty');
    mkdirSync(empty);
    await expect(check(empty)).rejects.toMatchObject({ exitCode: 66, code: 'no-file' });
    await expect(check(join(box.root, 'nowhere'))).rejects.toMatchObject({ exitCode: 66 });
  });
});

test('a folder that was never a card is safe by content, and leaves no card behind', async () => {
  const copy = box.card('copy', {});
  for (const name of Object.keys(FILES)) {
    writeFileSync(join(copy, 'DCIM/100TEST', name), readPhoto(name));
  }
  expect(await check(copy)).toMatchObject({
    safe: true,
    files: 3,
    gaps: [expect.stringContaining('IMG_0003')],
  });
  expect((await running.control.status()).cards).toHaveLength(1);
});

test('neither a backup nor a check writes anything to the card', async () => {
  const fresh = box.card('B', { 'IMG_0101.JPG': 4000, 'IMG_0102.JPG': 300_000 });
  const before = traces(fresh);
  await running.control.sim.insert(fresh, null);
  await until(running, 'copying');
  await until(running, 'ready');
  expect(await check('B')).toMatchObject({ safe: true });
  expect(await check('B', { copies: 3, offsite: true })).toMatchObject({ safe: false });
  expect(traces(fresh)).toEqual(before);
});

function readPhoto(name: string): Buffer {
  return readFileSync(join(card, 'DCIM/100TEST', name));
}
