import { appendFileSync, chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../adapters/sqlite/database.ts';
import { type Answer, CARDS, Desk, hashesBelow } from './imagetank.ts';

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
});
afterEach(() => desk.clear());

/** One line that says what, where and what to do, and the documented exit code. */
function expectError(answer: Answer, code: number, ...words: readonly string[]): void {
  expect(answer, answer.error).toMatchObject({ code });
  expect(answer.error.trimEnd().split('\n')).toHaveLength(1);
  expect(answer.error).toMatch(/^imagetank: .+: .+/);
  for (const word of words) expect(answer.error).toContain(word);
}

/** A journal of a daemon that has run once. */
async function journal(): Promise<string> {
  const child = await desk.start();
  child.kill('SIGTERM');
  expect(await desk.ended(child)).toBe(0);
  return join(desk.state, 'journal.db');
}

describe('without a daemon', () => {
  test.each([
    'status',
    'backup',
    'history',
    'watch',
    'ack',
    'poweroff',
    'verify',
  ])('%s is 69', async (command) => {
    expectError(await desk.run(command), 69, 'the daemon is not running');
  });

  test('with --json the error is an object', async () => {
    const { code, error } = await desk.run('status', '--json');
    expect(code).toBe(69);
    expect(JSON.parse(error)).toEqual({
      error: { code: expect.any(String), message: expect.any(String), hint: expect.any(String) },
    });
  });
});

describe('a damaged journal', () => {
  test('is 65, and no byte of the state folder changes', async () => {
    const path = await journal();
    writeFileSync(path, Buffer.concat([Buffer.from('not a database'), readFileSync(path).subarray(14)]));
    const before = hashesBelow(desk.state);
    expectError(await desk.run('run', '--board', 'none'), 65, path, '--recover');
    expect(hashesBelow(desk.state)).toEqual(before);
  });

  test('with one edited record is 65 too', async () => {
    const path = await journal();
    const db = openDatabase(path, false);
    db.exec(`UPDATE journal SET line = replace(line, 'DevicesKnown', 'DevicesKnowm') WHERE seq = 2`);
    db.close();
    expectError(await desk.run('run', '--board', 'none'), 65, 'record');
  });

  test('is moved aside with --recover: a new one begins and error 9 latches', async () => {
    const path = await journal();
    writeFileSync(path, 'not a database at all');
    await desk.start('--recover');
    const status = await desk.json<{ signal: string; code: number; problems: { code: string }[] }>('status');
    expect(status).toMatchObject({ signal: 'error', code: 9, problems: [{ code: 'journal-damaged' }] });
    const aside = [...hashesBelow(desk.state).keys()].filter((name) => name.startsWith('journal.damaged-'));
    expect(aside).toHaveLength(1);
    expect(readFileSync(join(desk.state, aside[0] ?? ''), 'utf8')).toBe('not a database at all');
  });

  test('of a newer imagetank is 65 and is not moved aside, not even with --recover', async () => {
    const path = await journal();
    const db = openDatabase(path, false);
    db.exec('PRAGMA user_version = 99');
    db.close();
    const before = hashesBelow(desk.state);
    expectError(await desk.run('run', '--board', 'none', '--recover'), 65, '99');
    expect(hashesBelow(desk.state)).toEqual(before);
  });
});

describe('a daemon that cannot start', () => {
  test('because another one has this state folder: 75, and the first goes on', async () => {
    await desk.start();
    expectError(await desk.run('run', '--board', 'sim'), 75, desk.state);
    expect((await desk.run('status')).code).toBe(0);
  });

  test('a killed one is no obstacle: neither its lock nor its socket', async () => {
    const child = await desk.start();
    child.kill('SIGKILL');
    await desk.ended(child);
    await desk.start();
    expect((await desk.run('status')).code).toBe(0);
  });

  test.each([
    ['an unknown key', 'colour = "red"\n', 'colour'],
    ['a bad value', 'copies = 0\n', 'copies'],
    ['a layout that nobody knows', 'layout = "flat"\n', 'dated'],
    ['a template with a mistake', 'template = "{nmae}.{ext}"\n', 'unknown field {nmae}'],
    ['a layout without its template', 'layout = "custom"\n', 'without a template'],
    ['no TOML', 'auto = = "dcim"\n', 'config.toml'],
  ])('because its configuration has %s: 78, with file and line', async (_, text, word) => {
    const folder = desk.folder('etc', { 'config.toml': `# first line\n${text}` });
    const file = join(folder, 'config.toml');
    expectError(await desk.run('run', '--config', file), 78, word, `${file}:2`);
  });

  test('because the path of its socket is too long: 78', async () => {
    expectError(await desk.run('run', '--state', join(desk.root, 'x'.repeat(120))), 78, '107');
  });

  test('because its board is of a later version: 78', async () => {
    expectError(await desk.run('run', '--board', 'gpio'), 78, 'gpio');
  });
});

describe('commands that ask for what is not there', () => {
  beforeEach(async () => {
    await desk.start();
  });

  test('an unknown label is 66, everywhere', async () => {
    for (const command of [
      ['backup'],
      ['check'],
      ['verify'],
      ['drive', 'adopt'],
      ['drive', 'forget'],
      ['drive', 'eject'],
    ]) {
      expectError(await desk.run(...command, 'NOPE'), 66, 'NOPE');
    }
  });

  test('no card is 66; no drive for --wait is 66', async () => {
    expectError(await desk.run('backup'), 66, 'no card');
    expectError(await desk.run('backup', join(CARDS, 'NIKON'), '--wait'), 66, 'no adopted drive');
  });

  test('a drive that is not adopted is 77 and stays as it was', async () => {
    const drive = desk.folder('drive');
    await desk.run('sim', 'drive', 'in', drive);
    expectError(await desk.run('backup', join(CARDS, 'NIKON'), '--to', drive), 77, 'not adopted');
    expect(hashesBelow(drive).size).toBe(0);
  });

  test('a folder with camera folders is not adopted: 77, unless forced', async () => {
    const folder = desk.folder('camera', { 'DCIM/100X/A.JPG': 'a' });
    expectError(await desk.run('drive', 'adopt', folder), 77, '--force');
    expect([...hashesBelow(folder).keys()]).toEqual(['DCIM/100X/A.JPG']);
    expect((await desk.run('drive', 'adopt', folder, '--force')).code).toBe(0);
  });

  test('two cards of one label are 65, with a way to name each', async () => {
    await desk.run('sim', 'insert', desk.folder('one', { 'DCIM/A.JPG': 'a' }), '--as', 'CARD');
    await desk.run('sim', 'insert', desk.folder('two', { 'DCIM/B.JPG': 'b' }), '--as', 'CARD');
    expectError(await desk.run('backup', 'CARD'), 65, 'CARD', join(desk.root, 'two'));
  });

  test.each([
    ['an unknown command', ['bakcup']],
    ['an unknown option', ['status', '--jsom']],
    ['an argument too many', ['status', 'now']],
    ['a missing argument', ['check']],
  ])('%s is 64', async (_, args) => {
    expectError(await desk.run(...args), 64);
  });
});

test('a recording that is damaged in the middle is 65 and names the line', async () => {
  const source = new URL('../recordings/v1/plain-backup.jsonl', import.meta.url);
  const file = join(desk.folder('r'), 'story.jsonl');
  const lines = readFileSync(source, 'utf8').split('\n');
  lines[3] = (lines[3] ?? '').replace('DevicesKnown', 'DevicesKnowx');
  writeFileSync(file, lines.join('\n'));
  expectError(await desk.run('replay', file), 65, '4');
});

test('a recording whose last line is torn is replayed without it, and that is said', async () => {
  const file = join(desk.folder('r'), 'story.jsonl');
  copyFileSync(new URL('../recordings/v1/plain-backup.jsonl', import.meta.url), file);
  appendFileSync(file, '{"v":1,"seq":14,"str');
  const { code, out, error } = await desk.run('replay', file);
  expect({ code, lights: out.trimEnd().split('\n').length }).toEqual({ code: 0, lights: 6 });
  expect(error).toMatch(/torn|cut/);
});

test.skipIf(process.getuid?.() === 0)('a folder that may not be read is 77', async () => {
  await desk.start();
  mkdirSync(join(desk.root, 'closed'));
  chmodSync(join(desk.root, 'closed'), 0);
  expectError(await desk.run('backup', join(desk.root, 'closed')), 77);
});
