import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CONFIG_FILES, type ConfigRequest, loadConfig, readConfig } from '../../adapters/config/load.ts';
import { UserError } from '../../services/errors.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'imagetank-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string | Buffer): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const load = (request: Partial<ConfigRequest>) =>
  loadConfig({ file: null, env: {}, flags: {}, files: [], ...request });

function problems(file: string) {
  const result = readConfig({ file, env: {}, flags: {} });
  if (!('problems' in result)) throw new Error('no problem was found');
  return result.problems;
}

function refusal(request: Partial<ConfigRequest>): UserError {
  try {
    load(request);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('files', () => {
  test('are those of the contract, in its order', () => {
    expect(CONFIG_FILES).toEqual(['/etc/imagetank/config.toml', '/boot/firmware/imagetank.toml']);
  });

  test('override each other, then comes the environment, then flags', () => {
    const etc = write('etc.toml', 'auto = "off"\ncopies = 1\nlayout = "mirror"\nport = 2000\n');
    const boot = write('boot.toml', '# Pi\ncopies = 2\nport = 3000\n');
    const { config, sources } = load({
      files: [etc, join(folder, 'missing.toml'), boot],
      env: { IMAGETANK_PORT: '4000', IMAGETANK_COPIES: '3' },
      flags: { port: 5000 },
    });
    expect(config).toMatchObject({ auto: 'off', layout: 'mirror', copies: 3, port: 5000 });
    expect(sources).toMatchObject({
      auto: `${etc}:1`,
      layout: `${etc}:3`,
      copies: 'environment IMAGETANK_COPIES',
      port: '--port',
      board: 'default',
    });
  });

  test('a named one replaces the others', () => {
    const usual = write('usual.toml', 'auto = "off"\n');
    const named = write('named.toml', 'copies = 2\n');
    expect(load({ files: [usual], file: named }).config).toMatchObject({ auto: 'dcim', copies: 2 });
  });

  test('of Windows editors are read: a byte order mark and CRLF', () => {
    const file = write('boot.toml', '\ufeffauto = "off"\r\ncopies = 2\r\n');
    const { config, sources } = load({ file });
    expect(config).toMatchObject({ auto: 'off', copies: 2 });
    expect(sources).toMatchObject({ auto: `${file}:1`, copies: `${file}:2` });
  });

  test('of the seeds are read', () => {
    const file = write('backup_photos.conf', 'mount folder = /media/pi/\ndestination folder = PDRIVE128GB\n');
    const { config, sources } = load({ file });
    expect(config).toMatchObject({ roots: ['/media/pi'], drives: ['PDRIVE128GB'] });
    expect(sources.drives).toBe(`${file}:2`);
  });
});

describe('what is wrong is named with file and line', () => {
  test.each([
    ['an unknown key', 'colour = "red"', 'unknown key "colour"'],
    ['a bad value', 'copies = 0', 'bad value copies = 0'],
    ['a quoted key', '"copies" = 0', 'bad value copies = 0'],
    ['a table', '[pins]\nred = 28', 'bad value pins = {"red":28}'],
    ['a dotted key', 'pins.red = 28', 'bad value pins = {"red":28}'],
    ['an unknown table', '[[disks]]\na = 1', 'unknown key "disks"'],
    ['no TOML', 'auto = = "dcim"', 'Invalid TOML document'],
    ['the same key twice', 'copies = 1', 'Invalid TOML document'],
  ])('%s', (_, line, what) => {
    const file = write('config.toml', `${what.startsWith('Invalid') ? 'copies = 1' : '# one'}\n\n${line}\n`);
    const [problem] = problems(file);
    expect(problem?.what).toContain(what);
    expect(problem?.what).not.toContain('\n');
    expect(problem?.where).toBe(`${file}:3`);
    expect(problem?.hint).not.toBe('');
  });

  test('a damaged file does not hide what is wrong in the others', () => {
    const files = [write('a.toml', 'auto ='), write('b.toml', 'copies = 0\nport = 80\n')];
    const result = readConfig({ file: null, files, env: {}, flags: { board: 'pibrella' } });
    const where = 'problems' in result ? result.problems.map((problem) => problem.where) : [];
    expect(where).toEqual([`${files[0]}:1`, `${files[1]}:1`, `${files[1]}:2`, '--board']);
  });

  test('a damaged line of the seeds is one too', () => {
    const file = write('backup_photos.conf', 'mount folder=/media\nwhat is this\n');
    expect(problems(file)).toMatchObject([{ where: `${file}:2` }]);
  });

  test('as an error it is 78', () => {
    const file = write('config.toml', '\ncopies = 0\n');
    expect(refusal({ file })).toMatchObject({ exitCode: 78, message: `bad value copies = 0, ${file}:2` });
  });
});

describe('a file that cannot be read', () => {
  test('when it was named and is not there: 66', () => {
    expect(refusal({ file: join(folder, 'nothing.toml') })).toMatchObject({ exitCode: 66 });
    expect(refusal({ file: join(write('file', ''), 'below.toml') })).toMatchObject({ exitCode: 66 });
  });

  test('when it is a folder: 74, also when it was not named', () => {
    mkdirSync(join(folder, 'dir.toml'));
    expect(refusal({ file: join(folder, 'dir.toml') })).toMatchObject({ exitCode: 74 });
    expect(refusal({ files: [join(folder, 'dir.toml')] })).toMatchObject({ exitCode: 74 });
  });

  test('when it is far too large: 78', () => {
    const file = write('large.toml', Buffer.alloc(256 * 1024 + 1, '#'));
    expect(refusal({ file })).toMatchObject({ exitCode: 78 });
    expect(load({ file: write('just.toml', Buffer.alloc(256 * 1024, '#')) }).config.auto).toBe('dcim');
  });

  test.skipIf(process.getuid?.() === 0)('when it is not permitted: 77', () => {
    const file = write('closed.toml', '');
    chmodSync(file, 0);
    expect(refusal({ files: [file] })).toMatchObject({ exitCode: 77 });
  });
});

describe('a template that nobody can fill', () => {
  const FIELDS = 'fields: {year} {month} {day} {date} {time} {camera} {serial} {card} {name} {ext} {seq}';

  test.each([
    ['{year}/{nmae}.{ext}', 'unknown field {nmae}'],
    ['{year}/{Name}.{ext}', 'unknown field {Name}'],
    ['{iso}/{name}.{ext}', 'unknown field {iso}'],
    ['{year}/{name}', 'it must end in .{ext}, and have {ext} nowhere else'],
    ['../{name}.{ext}', '"..": no name may begin with a dot'],
  ])('%s is refused with file, line and what is accepted', (template, why) => {
    const file = write('config.toml', `auto = "off"\nlayout = "custom"\ntemplate = "${template}"\n`);
    const error = refusal({ file });
    expect(error.exitCode).toBe(78);
    expect(error.message).toBe(`bad value template = "${template}", ${why}, ${file}:3`);
    expect(error.hint).toContain(FIELDS);
    expect(`${error.message}${error.hint}`).not.toContain('\n');
  });

  test('is refused in the environment, too', () => {
    const error = refusal({ env: { IMAGETANK_LAYOUT: 'custom', IMAGETANK_TEMPLATE: '{x}/{name}.{ext}' } });
    expect(error.message).toContain('unknown field {x}, environment IMAGETANK_TEMPLATE');
  });
});
