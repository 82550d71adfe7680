import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Composition } from '../../bin/composition.ts';
import { Explanation, GroupLine, PhotoLine } from '../../services/library/shapes.ts';
import { BuiltCli } from '../cli/built-cli.ts';
import { Box, until } from '../recordings/box.ts';

const cli = new BuiltCli();
let box: Box;
let drive: string;
beforeAll(() => cli.build());
afterAll(() => cli.remove());
beforeEach(() => {
  box = new Box();
  drive = box.drive('drive');
});
afterEach(async () => {
  await box.stop();
  box.remove();
});

async function backUp(running: Composition, card: string): Promise<void> {
  await running.control.sim.insert(card, null);
  await until(running, 'copying');
  await until(running, 'ready');
}

async function verify(running: Composition): Promise<boolean> {
  for await (const message of running.control.verify(drive))
    if ('result' in message) return message.result.ok;
  throw new Error('no result');
}

/** One bit, and nothing that a listing shows. */
function rot(path: string): void {
  const bytes = readFileSync(path);
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

test('is told from its first card to the copy that replaced a bad one, also when the daemon is gone', async () => {
  const first = box.card('A', { 'IMG_0001.JPG': 5000, 'IMG_0002.JPG': 6000 });
  const running = await box.start(drive);
  await backUp(running, first);
  await running.control.sim.remove(null);

  const second = box.card('B', { 'IMG_0003.JPG': 700 });
  mkdirSync(join(second, 'DCIM/101TEST'));
  copyFileSync(join(first, 'DCIM/100TEST/IMG_0001.JPG'), join(second, 'DCIM/101TEST/IMG_0001.JPG'));
  await backUp(running, second);
  await running.control.sim.remove(null);
  expect(await verify(running)).toBe(true);

  const [copy] = running.control.library.explain({ name: 'img_0001.jpg' }).lives[0]?.copies ?? [];
  rot(join(drive, copy?.path ?? ''));
  expect(await verify(running)).toBe(false);
  const between = running.control.library;
  expect(between.explain({ name: 'IMG_0001.JPG' }).lives).toMatchObject([{ verifiedCopies: 0, copies: [] }]);
  expect(between.groups('day').groups).toMatchObject([{ photos: 3, fewestCopies: 0, photosWithFewest: 1 }]);

  await backUp(running, first);
  const told = running.control.library.explain({ name: 'IMG_0001.JPG' });
  const [life] = told.lives;
  expect([told.lives.length, told.more, life?.sizeBytes, life?.verifiedCopies]).toEqual([1, 0, 5000, 1]);
  expect(life?.chapters.map(({ what }) => what)).toEqual([
    'copied',
    'sealed',
    'found',
    'reread',
    'lost',
    'copied',
    'sealed',
  ]);
  const [copied, sealed, found, , lost, again] = life?.chapters ?? [];
  expect(copied).toMatchObject({ card: { label: 'A' }, path: 'DCIM/100TEST/IMG_0001.JPG', to: copy?.path });
  expect(sealed).toMatchObject({ what: 'sealed', manifest: expect.stringMatching(/^Photos\/ascmhl\/0001_/) });
  const manifest = sealed?.what === 'sealed' ? (sealed.manifest ?? '') : '';
  expect(readFileSync(join(drive, manifest), 'utf8')).toContain(life?.xxh64);
  expect(found).toMatchObject({ card: { label: 'B' }, path: 'DCIM/101TEST/IMG_0001.JPG', to: copy?.path });
  expect(lost).toMatchObject({ why: 'altered', to: copy?.path, backup: null });
  expect(again).toMatchObject({ card: { label: 'A' }, to: expect.stringMatching(/IMG_0001_2\.JPG$/) });
  expect(life?.copies).toMatchObject([{ path: expect.stringMatching(/IMG_0001_2\.JPG$/), verified: true }]);
  expect(life?.cards.map(({ label }) => label)).toEqual(['A', 'B']);

  // Nothing of it is in the daemon: its journal alone tells the same.
  await box.stop();
  box.store?.log.close();
  box.store = null;
  const state = join(box.root, 'state');
  const lines = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await cli.run([...args, '--json'], { state });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
  };
  expect(Explanation.parse((await lines('explain', 'IMG_0001.JPG'))[0])).toEqual(told);
  const groups = (await lines('library', 'list', '--by', 'card')).map((line) => GroupLine.parse(line));
  expect(groups.map(({ label, photos, fewestCopies }) => [label, photos, fewestCopies])).toEqual([
    ['B', 2, 1],
    ['A', 2, 1],
  ]);
  const photos = (await lines('library', 'list', '--card', 'B')).map((line) => PhotoLine.parse(line));
  expect(photos.map(({ name }) => name).sort()).toEqual(['IMG_0001.JPG', 'IMG_0003.JPG']);
  const unknown = await cli.run(['explain', 'IMG_9999.JPG'], { state });
  expect(unknown).toMatchObject({ code: 66, stdout: '' });
  expect(readdirSync(state)).toContain('journal.db');
});

test('without a daemon and without a journal there is nobody to ask', async () => {
  const { code, stderr } = await cli.run(['library', 'list'], { state: box.root });
  expect(code).toBe(69);
  expect(stderr).toContain('the daemon is not running');
});
