import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createExiftoolReader, type ExiftoolReaderOptions } from '../../adapters/exiftool/exiftool-reader.ts';
import type { MediaFile, MetadataReader } from '../../services/media-ports.ts';
import { fakeProgram, isAlive, SAY } from './fake-program.ts';

const E775 = { model: 'E775' };

let dir: string;
const readers: MetadataReader[] = [];
const warnings: string[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'imagetank-exiftool-'));
  warnings.length = 0;
});
afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.stop()));
  await rm(dir, { recursive: true });
});

const fileAt = (path: string): MediaFile => ({ path, name: 'IMG_1.CR3' });

/** Node wants far more address space than perl. */
function reader(program: string, options: Partial<ExiftoolReaderOptions> = {}) {
  const warn = (text: string) => void warnings.push(text);
  const made = createExiftoolReader({ warn, program, maxMemoryMb: 1e6, timeoutMs: 20_000, ...options });
  readers.push(made);
  const captures = (paths: readonly string[]) => made.captures(paths.map(fileAt));
  return { captures, stop: made.stop, capture: async (path: string) => (await captures([path]))[0] ?? null };
}

it('asks no more after eight files in a row that hang: whoever pulls the card would wait for all of them', async () => {
  const { program, log } = await fakeProgram(dir, `if (path.includes('bad')) return; ${SAY}`);
  const bad = Array.from({ length: 12 }, (_, at) => `/bad${at}`);
  const subject = reader(program, { timeoutMs: 300 });
  expect(await subject.captures([...bad, '/good'])).toEqual(Array.from({ length: 13 }, () => null));
  expect((await log()).filter((line) => line.startsWith('/'))).toEqual(bad.slice(0, 8));
  expect(await reader(program).capture('/good')).not.toBeNull();
});

describe('the process', () => {
  it('is started at the first file, once for many, and asked in their order', async () => {
    const { program, log } = await fakeProgram(dir, 'say(path, { "IFD0:Model": path });');
    const subject = reader(program);
    expect(await subject.captures([])).toEqual([]);
    expect(await log()).toEqual([]);
    expect(await subject.captures(['/a', '/b', '/a'])).toEqual(
      ['/a', '/b', '/a'].map((model) => ({ model })),
    );
    expect(await subject.capture('/c')).toEqual({ model: '/c' });
    const [start, ...asked] = await log();
    expect(start).toMatch(/^start/);
    expect(asked).toEqual(['/a', '/b', '/a', '/c']);
  });

  it('answers several questions at once, each its own', async () => {
    const { program, log } = await fakeProgram(dir, 'say(path, { "IFD0:Model": path });');
    const subject = reader(program);
    const all = await Promise.all(
      ['a', 'b', 'c'].map((name) => subject.captures([`/1${name}`, `/2${name}`])),
    );
    expect(all).toEqual(['a', 'b', 'c'].map((name) => [{ model: `/1${name}` }, { model: `/2${name}` }]));
    expect((await log()).filter((line) => line.startsWith('start'))).toHaveLength(1);
  });

  it.each([
    ['hangs', 'return;'],
    ['loops for ever', 'for (;;);'],
    ['dies', 'process.abort();'],
    ['ends', 'process.exit(0);'],
    ['says too much', `out('x'.repeat(300_000)); return;`],
    ['says too much in the end', `say(path, { 'IFD0:Model': 'x'.repeat(300_000) }); return;`],
  ])('that %s over some files costs the answers for these only', async (_what, end) => {
    const { program, log } = await fakeProgram(dir, `if (path.includes('bad')) { ${end} } ${SAY}`);
    const paths = ['/1', '/bad1', '/2', '/bad2', '/bad3', '/bad4', '/bad5', '/3'];
    const captures = await reader(program, { timeoutMs: 1000 }).captures(paths);
    expect(captures.map((capture) => capture !== null)).toEqual(paths.map((path) => !path.includes('bad')));
    expect((await log()).filter((line) => line.startsWith('/'))).toEqual(paths);
    expect(warnings).toEqual([]);
    for (const start of (await log()).filter((line) => line.startsWith('start')).slice(0, -1)) {
      await expect.poll(() => isAlive(start)).toBe(false);
    }
  });

  it.each([
    ['nothing', `out('{ready}\\n');`],
    ['no JSON', `out('Error: x\\n{ready}\\n');`],
    ['no list', `out('{}\\n{ready}\\n');`],
    ['an empty list', `out('[]\\n{ready}\\n');`],
    ['a list of nothing', `out('[null]\\n{ready}\\n');`],
    ['of another file', `say('/x', { 'IFD0:Model': 'E775' });`],
    ['of no file', `out('[{"IFD0:Model":"E775"}]\\n{ready}\\n');`],
    ['only that it is an error', `say(path, { 'ExifTool:Error': 'File format error' });`],
  ])('that says %s has said nothing', async (_what, answer) => {
    const { program } = await fakeProgram(dir, `if (path === '/bad') { ${answer} return; } ${SAY}`);
    expect(await reader(program).captures(['/bad', '/2'])).toEqual([null, E775]);
  });

  it('is not taken in by a file that says that it is ready', async () => {
    const { program } = await fakeProgram(
      dir,
      `if (path === '/2') ${SAY} else say(path, { 'IFD0:Make': '{ready}', 'IFD0:Model': '\\n{ready}\\n' });`,
    );
    expect(await reader(program).captures(['/1', '/2'])).toEqual([
      { make: '{ready}', model: '{ready}' },
      E775,
    ]);
  });

  it('gets its limits: of memory, no core, no priority of ours, an end with the daemon', async () => {
    const { program } = await fakeProgram(
      dir,
      `const { readFileSync } = require('node:fs');
       const limits = readFileSync('/proc/self/limits', 'latin1');
       const of = (name) => new RegExp('^' + name + ' +(\\\\S+)', 'm').exec(limits)[1];
       say(path, { 'IFD0:Model': [of('Max address space'), of('Max core file size')].join(' ') });`,
    );
    expect(await reader(program, { maxMemoryMb: 900_000 }).capture('/a')).toEqual({
      model: `${900_000 * 1024 * 1024} 0`,
    });
  });

  it('inherits neither environment nor folder, and runs nobody’s configuration', async () => {
    const { program } = await fakeProgram(
      dir,
      `say(path, {
         'IFD0:Make': Object.keys(process.env).sort().join(),
         'IFD0:Model': process.cwd() + ' ' + JSON.stringify(process.argv.slice(2, 4)),
       });`,
    );
    expect(await reader(program).capture('/a')).toEqual({
      make: 'LC_ALL,PATH,TZ',
      model: '/ ["-config",""]',
    });
  });

  it('is given up when it never starts, once and for all, and that is told', async () => {
    const { program, log } = await fakeProgram(dir, SAY, 'process.exit(1);');
    const subject = reader(program);
    expect(await subject.captures(['/a', '/b'])).toEqual([null, null]);
    expect(warnings).toEqual([
      `exiftool does not start (try: ${program} -ver): HEIC, CR3 and other raw files, and videos go by the time of the file`,
    ]);
    const starts = (await log()).length;
    expect(starts).toBe(3);
    expect(await subject.capture('/c')).toBeNull();
    expect((await log()).length).toBe(starts);
    expect(warnings).toHaveLength(1);
  });

  it('that is silent at its start is killed', async () => {
    const { program, log } = await fakeProgram(dir, SAY, 'for (;;);');
    expect(await reader(program, { startMs: 300 }).capture('/a')).toBeNull();
    for (const start of await log()) await expect.poll(() => isAlive(start)).toBe(false);
  });

  it('that is missing is told once, and found when it is installed', async () => {
    const subject = reader(join(dir, 'exiftool'));
    expect(await subject.captures(['/a', '/b'])).toEqual([null, null]);
    expect(await subject.capture('/c')).toBeNull();
    expect(warnings).toEqual([
      'exiftool is missing (sudo apt install libimage-exiftool-perl): HEIC, CR3 and other raw files, and videos go by the time of the file',
    ]);
    await fakeProgram(dir);
    expect(await subject.capture('/d')).toEqual(E775);
  });

  it('that may not be run is missing', async () => {
    const { program } = await fakeProgram(dir);
    await chmod(program, 0o644);
    expect(await reader(program).capture('/a')).toBeNull();
    expect(warnings).toHaveLength(1);
  });

  it('that cannot be limited is not started', async () => {
    const { program, log } = await fakeProgram(dir);
    expect(await reader(program, { path: join(dir, 'nowhere') }).captures(['/a', '/b'])).toEqual([
      null,
      null,
    ]);
    expect(warnings).toEqual([expect.stringMatching(/^exiftool does not start/)]);
    expect(await log()).toEqual([]);
  });

  it('that is no program does not bring the daemon down', async () => {
    await writeFile(join(dir, 'exiftool'), 'no program', { mode: 0o755 });
    expect(await reader(join(dir, 'exiftool')).capture('/a')).toBeNull();
    expect(warnings).toHaveLength(1);
  });

  it('fails nobody’s backup, whatever is wrong with the library that keeps it', async () => {
    const { program } = await fakeProgram(dir);
    const subject = reader(program, { idleMs: -30 });
    expect(await subject.captures(['/a', '/b'])).toEqual([null, null]);
    expect(warnings).toEqual([expect.stringMatching(/^exiftool: .*invalid options/)]);
    await subject.stop();
  });

  it('gives its memory back when it has nothing to do', async () => {
    const { program, log } = await fakeProgram(dir);
    const subject = reader(program, { idleMs: 30 });
    await subject.capture('/a');
    const [first] = await log();
    await expect.poll(() => isAlive(first), { timeout: 20_000 }).toBe(false);
    expect(await subject.capture('/b')).toEqual(E775);
  });

  it('is gone after stop, which answers what still waits', async () => {
    const { program, log } = await fakeProgram(dir, 'return;');
    const subject = reader(program);
    const waiting = [subject.captures(['/a', '/b']), subject.captures(['/c'])];
    await expect.poll(async () => (await log()).length).toBe(2);
    await subject.stop();
    expect(await Promise.all(waiting)).toEqual([[null, null], [null]]);
    const [start] = await log();
    await expect.poll(() => isAlive(start)).toBe(false);
    expect(await subject.capture('/d')).toBeNull();
    expect((await log()).length).toBe(2);
    expect(warnings).toEqual([]);
    await subject.stop();
  });

  it('is asked by 256 at once at most', async () => {
    const { program, log } = await fakeProgram(dir);
    const subject = reader(program);
    const answers = await Promise.all(Array.from({ length: 300 }, () => subject.capture('/a')));
    expect(answers.filter((answer) => answer === null)).toHaveLength(300 - 256);
    expect((await log()).length).toBe(1 + 256);
  });
});

it('stops before it was asked', async () => {
  await reader('/nowhere').stop();
  expect(warnings).toEqual([]);
});
