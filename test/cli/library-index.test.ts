import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { BuiltCli, serve } from './built-cli.ts';
import { INDEXED, ScriptedAppliance } from './scripted-appliance.ts';

const cli = new BuiltCli();
let appliance: ScriptedAppliance;
let box: Awaited<ReturnType<typeof serve>>;
beforeAll(() => cli.build());
afterAll(() => cli.remove());
beforeEach(async () => {
  appliance = new ScriptedAppliance();
  box = await serve(appliance);
});
afterEach(() => box.stop());

const run = (...args: readonly string[]) =>
  cli.start(['library', 'index', ...args], { state: box.state }).ended;

test('asks for the folder by its whole path, at a rate', async () => {
  await run('/media/D/images', '--rate', '20MB/s');
  await run('some/folder');
  expect(appliance.asked).toEqual([
    ['index', '/media/D/images', 20e6],
    ['index', expect.stringMatching(/^\/.+\/some\/folder$/), null],
  ]);
});

test('says what became copies, what was known, and where the manifest is', async () => {
  const { code, stdout, stderr } = await run('/media/D/images');
  expect(code).toBe(0);
  expect(stdout.split('\n')).toEqual([
    '38 files of PDRIVE128GB/images are verified copies now, 2 were before',
    'manifest    images/ascmhl/0001_images_2026-11-21_041037Z.mhl',
    '',
  ]);
  expect(stderr).toContain('12 of 40 files');
});

test('names what was altered or cannot be read: 1', async () => {
  appliance.indexResult = {
    ...INDEXED,
    known: 0,
    altered: ['images/a\u001b.jpg'],
    unreadable: ['images/b.jpg'],
  };
  const { code, stdout } = await run('/media/D/images');
  expect(code).toBe(1);
  expect(stdout).not.toContain('\u001b');
  expect(stdout.split('\n').slice(0, 3)).toEqual([
    '38 files of PDRIVE128GB/images are verified copies now',
    expect.stringMatching(/^altered {5}images\/a.*jpg {2}\(not what was recorded; see: imagetank verify\)$/),
    'unreadable  images/b.jpg',
  ]);
});

test('gives scripts the result as it is', async () => {
  const { stdout } = await run('/media/D/images', '--json');
  expect(JSON.parse(stdout)).toEqual(INDEXED);
});

test('a daemon that ends in the middle is 69', async () => {
  appliance.failInTheMiddle = true;
  expect((await run('/media/D/images')).code).toBe(69);
});
