import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openDatabase } from '../../adapters/sqlite/database.ts';
import { openSqliteStore } from '../../adapters/sqlite/sqlite-store.ts';
import { readRecording } from '../../services/journal/recording.ts';
import { ErrorShape, LightLine } from '../../services/shapes.ts';
import { BuiltCli, type Ended } from './built-cli.ts';

const STORY = join(import.meta.dirname, '../recordings/v1/two-cards.jsonl');
const TRACE = join(import.meta.dirname, '../recordings/v1/two-cards.trace.jsonl');

const cli = new BuiltCli();
let folder: string;
beforeAll(() => cli.build());
afterAll(() => cli.remove());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'imagetank-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: readonly string[]) => cli.run(args, { state: folder, cwd: folder });

/** The facts of a recorded story in a journal of this state folder; gives how many. */
async function journal(): Promise<number> {
  const store = openSqliteStore(join(folder, 'journal.db'));
  const { records } = readRecording(readFileSync(STORY, 'utf8'));
  const facts = records.map(({ at, clock, monoMs, bootId, fact }) => ({
    fact,
    stamp: { at, clock, monoMs, bootId },
  }));
  await store.log.append(facts);
  store.log.close();
  return records.length;
}

function expectError({ code, stdout, stderr }: Ended, exit: number, ...words: readonly string[]): void {
  expect({ code, stdout }, stderr).toEqual({ code: exit, stdout: '' });
  expect(stderr).toMatch(/^imagetank: [^\n]+: [^\n]+\n$/);
  for (const word of words) expect(stderr).toContain(word);
}

describe('log export', () => {
  test('is byte for byte what is stored, and replays to the same lights', async () => {
    const count = await journal();
    const exported = await run('log', 'export');
    expect(exported).toMatchObject({ code: 0, stderr: '' });
    expect(exported.stdout.trimEnd().split('\n')).toHaveLength(count);
    writeFileSync(join(folder, 'story.jsonl'), exported.stdout);
    const replayed = await run('replay', 'story.jsonl', '--json');
    const lights = replayed.stdout
      .trimEnd()
      .split('\n')
      .map((line) => LightLine.parse(JSON.parse(line)));
    const golden = readFileSync(TRACE, 'utf8').trimEnd().split('\n');
    expect(lights).toEqual(golden.map((line) => LightLine.parse(JSON.parse(line))));
    expect(await run('replay', 'story.jsonl', '--expect', TRACE)).toMatchObject({ code: 0, stderr: '' });
  });

  test('leaves the journal as it is', async () => {
    await journal();
    const before = readFileSync(join(folder, 'journal.db'));
    await run('log', 'export');
    await run('log', 'verify');
    expect(readFileSync(join(folder, 'journal.db')).equals(before)).toBe(true);
  });
});

describe('log verify', () => {
  test('says how many records, and the last hash', async () => {
    const records = await journal();
    const { code, stdout } = await run('log', 'verify', '--json');
    const shape = z.strictObject({ ok: z.literal(true), records: z.number(), hash: z.string().length(64) });
    expect(code).toBe(0);
    const { hash } = shape.parse(JSON.parse(stdout));
    expect((await run('log', 'verify')).stdout).toBe(`ok: ${records} records, last hash ${hash}\n`);
  });

  test('a changed record is 65, with what and where', async () => {
    await journal();
    const db = openDatabase(join(folder, 'journal.db'), false);
    db.exec(`UPDATE journal SET line = replace(line, '"monoMs":', '"monoMs":1') WHERE seq = 3`);
    db.close();
    expectError(await run('log', 'verify'), 65, join(folder, 'journal.db'), '--recover');
  });

  test('what is no journal is 65, what is not there 66, a newer one 65', async () => {
    expectError(await run('log', 'verify'), 66, 'no journal yet');
    expectError(await run('log', 'export'), 66, 'no journal yet');
    expect(existsSync(join(folder, 'journal.db'))).toBe(false);
    writeFileSync(join(folder, 'journal.db'), 'this is a letter');
    expectError(await run('log', 'export'), 65, '--recover');
    rmSync(join(folder, 'journal.db'));
    await journal();
    const db = openDatabase(join(folder, 'journal.db'), false);
    db.exec('PRAGMA user_version = 99');
    db.close();
    expectError(await run('log', 'verify'), 65, 'newer');
  });
});

describe('replay', () => {
  test('prints a line each light, until a sequence number', async () => {
    const all = await run('replay', STORY);
    const some = await run('replay', STORY, '--until', '5');
    expect(all.stdout).toContain('verifying');
    expect(all.stdout.startsWith(some.stdout)).toBe(true);
    expect(some.stdout.length).toBeLessThan(all.stdout.length);
    expect((await run('replay', STORY, '--speed', 'max')).stdout).toBe(all.stdout);
    expect((await run('replay', STORY, '--speed', '1000000000')).stdout).toBe(all.stdout);
  });

  test('--expect of another trace is 1, with a diff', async () => {
    const lines = readFileSync(TRACE, 'utf8').trimEnd().split('\n');
    writeFileSync(join(folder, 'less.jsonl'), `${lines.slice(0, -1).join('\n')}\n`);
    const { code, stdout } = await run('replay', STORY, '--expect', 'less.jsonl');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^\+ \{.*\}\n$/);
    writeFileSync(join(folder, 'other.jsonl'), lines.join('\n').replace('"ready"', '"error"'));
    const json = await run('replay', STORY, '--expect', 'other.jsonl', '--json');
    const { same, diff } = JSON.parse(json.stdout) as { same: boolean; diff: string[] };
    expect([json.code, same, diff.map((line) => line[0])]).toEqual([1, false, ['-', '+']]);
  });

  test('of what is no recording or no trace is 65, of nothing 66, of a folder 74', async () => {
    writeFileSync(join(folder, 'letter'), 'dear reader\nhow are you\n');
    expectError(await run('replay', 'letter'), 65, 'letter');
    expectError(await run('replay', STORY, '--expect', 'letter'), 65, 'line 1', 'letter');
    expectError(await run('replay', 'nothing'), 66, 'nothing');
    expectError(await run('replay', STORY, '--expect', 'nothing'), 66, 'nothing');
    expectError(await run('replay', '.'), 74);
    expect(
      ErrorShape.parse(JSON.parse((await run('replay', 'letter', '--json')).stderr)).error.hint,
    ).not.toBe('');
  });
});

describe('diagram', () => {
  test('on standard output, into files, and --check of them', async () => {
    expect((await run('diagram')).stdout).toMatch(/stateDiagram/);
    expect((await run('diagram', '--machine', 'backup', '--format', 'dot')).stdout).toMatch(/^digraph/);
    const json = JSON.parse((await run('diagram', '--json')).stdout) as { machine: string };
    expect(json.machine).toBe('appliance');
    expect((await run('diagram', '--out', 'diagrams')).stdout.trimEnd().split('\n')).toHaveLength(8);
    expect(await run('diagram', '--check')).toMatchObject({ code: 0, stderr: '' });
    writeFileSync(join(folder, 'diagrams/backup.dot'), 'digraph {}');
    rmSync(join(folder, 'diagrams/appliance.svg'));
    const { code, stdout } = await run('diagram', '--check');
    expect({ code, stale: stdout.split('\n').sort() }).toEqual({
      code: 1,
      stale: ['', `stale: ${folder}/diagrams/appliance.svg`, `stale: ${folder}/diagrams/backup.dot`],
    });
    copyFileSync(STORY, join(folder, 'file'));
    expectError(await run('diagram', '--out', 'file/below'), 73, 'file/below');
  });
});

describe('config and doctor', () => {
  test('config show is a file that says the same, and names the source of each value', async () => {
    writeFileSync(join(folder, 'a.toml'), 'copies = 2\n');
    const shown = await run('config', 'show', '--config', 'a.toml');
    expect(shown.stdout).toContain(`copies = 2  # ${folder}/a.toml:1`);
    writeFileSync(join(folder, 'b.toml'), shown.stdout);
    const again = await run('config', 'show', '--config', 'b.toml', '--json');
    const values = JSON.parse(again.stdout) as Record<string, { value: unknown; source: string }>;
    expect(values).toMatchObject({ copies: { value: 2 }, auto: { value: 'dcim' }, port: { value: null } });
    expect(Object.values(values).every(({ source }) => source !== '')).toBe(true);
  });

  test('config check lists everything that is wrong: 78', async () => {
    writeFileSync(join(folder, 'a.toml'), 'copies = 0\nporf = 80\n');
    const { code, stdout, stderr } = await run('config', 'check', '--config', 'a.toml');
    expect(code).toBe(78);
    expect(stdout.trimEnd().split('\n').sort()).toEqual([
      expect.stringContaining('a.toml:1: bad value copies = 0: accepted'),
      expect.stringContaining('a.toml:2: unknown key "porf": did you mean "port"?'),
    ]);
    expect(stderr).toMatch(/^imagetank: 2 problems[^\n]*\n$/);
    expect(await run('config', 'check', '--config', '/dev/null')).toMatchObject({ code: 0, stdout: 'ok\n' });
  });

  test('config check looks at the files of tls, where there is a port', async () => {
    const tls = 'tls = { cert = "/nope.pem", key = "/nope.key" }\n';
    writeFileSync(join(folder, 'a.toml'), `port = 8080\n${tls}`);
    expect(await run('config', 'check', '--config', 'a.toml')).toMatchObject({
      code: 78,
      stdout: expect.stringMatching(
        /a\.toml:2: tls: a file cannot be read, \/nope\.pem: ENOENT.*correct the path/,
      ),
    });
    expect((await run('doctor', '--config', 'a.toml')).stdout).toMatch(/^MISSING +tls +.*\/nope\.pem/m);
    writeFileSync(join(folder, 'a.toml'), tls);
    expect(await run('config', 'check', '--config', 'a.toml')).toMatchObject({ code: 0, stdout: 'ok\n' });
  });

  test('doctor names what is missing, with its fix: 1', async () => {
    mkdirSync(join(folder, 'media'));
    writeFileSync(join(folder, 'a.toml'), `roots = ["${folder}/media", "${folder}/none"]\n`);
    const { code, stdout } = await run('doctor', '--config', 'a.toml', '--json');
    const check = z.strictObject({
      name: z.string(),
      ok: z.boolean(),
      found: z.string(),
      fix: z.string().nullable(),
    });
    const found = z.strictObject({ ok: z.boolean(), checks: z.array(check) }).parse(JSON.parse(stdout));
    expect({ code, ok: found.ok }).toEqual({ code: 1, ok: false });
    expect(found.checks).toContainEqual(expect.objectContaining({ name: 'root', ok: false }));
    const text = await run('doctor', '--config', 'a.toml');
    expect(text.stdout).toMatch(/^MISSING +root +\S+none does not exist: make it: sudo mkdir -p /m);
  });
});
