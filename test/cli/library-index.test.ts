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
  await run('some/folder', '--dry-run');
  expect(appliance.asked).toEqual([
    ['index', '/media/D/images', { rateBytesPerSecond: 20e6, dryRun: false }],
    ['index', expect.stringMatching(/^\/.+\/some\/folder$/), { rateBytesPerSecond: null, dryRun: true }],
  ]);
});

test('says what became copies, what was known, and where the manifest is', async () => {
  const { code, stdout, stderr } = await run('/media/D/images');
  expect(code).toBe(0);
  expect(stdout.split('\n')).toEqual([
    '38 files of PDRIVE128GB/images are verified copies now, read from the medium; 2 were before',
    'manifest    images/ascmhl/0001_images_2026-11-21_041037Z.mhl',
    '',
  ]);
  expect(stderr).toContain('12 of 40 files');
});

test.each([
  [
    'altered',
    /^altered {5}images\/a\\u001b.jpg {2}\(not what was recorded, or what a manifest says: no copy\)$/,
  ],
  ['missing', /^missing {5}images\/a\\u001b.jpg {2}\(a manifest lists it, and it is gone\)$/],
  ['unreadable', /^unreadable {2}images\/a\\u001b.jpg$/],
  ['changed', /^changed {5}images\/a\\u001b.jpg {2}\(.*: index again\)$/],
  ['refused', /^refused {5}images\/a\\u001b.jpg {2}\(.*: rename it, then index again\)$/],
  [
    'linked',
    /^linked {6}images\/a\\u001b.jpg {2}\(the same file as the copy on another drive: no second copy\)$/,
  ],
] as const)('names what is %s: 1', async (flaw, line) => {
  appliance.indexResult = { ...INDEXED, known: 0, [flaw]: ['images/a\u001b.jpg'] };
  const { code, stdout } = await run('/media/D/images');
  expect(code).toBe(1);
  expect(stdout).not.toContain('\u001b');
  expect(stdout.split('\n').slice(0, 2)).toEqual([
    '38 files of PDRIVE128GB/images are verified copies now, read from the medium',
    expect.stringMatching(line),
  ]);
});

test('says of a manifest that it was not used, and why: 1', async () => {
  const [path, chain] = ['images/ascmhl/0001_x.mhl', 'images/ascmhl/ascmhl_chain.xml'];
  appliance.indexResult = {
    ...{ ...INDEXED, altered: [path], missing: [chain] },
    manifestProblems: [
      { path, detail: 'XML is damaged at \u001b', held: 'nothing' },
      { path: chain, detail: 'there are generations, but no chain', held: 'all' },
    ],
  };
  const { code, stdout } = await run('/media/D/images');
  expect(code).toBe(1);
  expect(stdout.split('\n').slice(1, 3)).toEqual([
    `altered     ${path}  (this manifest was not used, no file was held against it: XML is damaged at \\u001b)`,
    `missing     ${chain}  (no manifest was left out for that: there are generations, but no chain)`,
  ]);
  appliance.indexResult = {
    ...{ ...INDEXED, altered: [path] },
    manifestProblems: [{ path, detail: '"../x" is no path below its folder', held: 'part' }],
  };
  expect((await run('/media/D/images')).stdout).toContain(
    'this manifest was used in part, not every file was held against it: "../x"',
  );
  const { stdout: json } = await run('/media/D/images', '--json');
  expect(json).toContain('"held":"part"');
});

test('names links and pipes, which are no files: 0', async () => {
  appliance.indexResult = { ...INDEXED, special: ['images/link.jpg'] };
  const { code, stdout } = await run('/media/D/images');
  expect([code, stdout.split('\n')[1]]).toEqual([0, 'no file     images/link.jpg']);
});

test('says what a dry run would read', async () => {
  appliance.indexResult = {
    ...INDEXED,
    indexed: 0,
    unread: 38,
    unreadBytes: 2e9,
    verifiedFrom: null,
    manifests: [],
  };
  const { stdout } = await run('/media/D/images', '--dry-run');
  expect(stdout).toBe('would read 38 files of PDRIVE128GB/images, 2.0 GB; 2 are copies already\n');
});

test('gives scripts the result as it is', async () => {
  const { stdout } = await run('/media/D/images', '--json');
  expect(JSON.parse(stdout)).toEqual(INDEXED);
});

test('a daemon that ends in the middle is 69', async () => {
  appliance.failInTheMiddle = true;
  expect((await run('/media/D/images')).code).toBe(69);
});
