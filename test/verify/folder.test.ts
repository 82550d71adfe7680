import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { xxh3 } from '@node-rs/xxhash';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFolderReader } from '../../adapters/mhl-folder/folder-reader.ts';

import { c4OfText } from '../../services/manifest/c4.ts';
import { createManifestHash } from '../../services/manifest/hashers.ts';
import { HASH_FORMATS, type HashFormat } from '../../services/manifest/mhl-reader.ts';
import { chainText } from '../../services/manifest/mhl-writer.ts';
import { verifyFolder } from '../../services/verify/verify.ts';
import { rel } from '../manifest/memory-drive.ts';
import { follow, resultOf } from './work.ts';

const SCENARIOS = join(import.meta.dirname, '../mhl/scenarios');
const CLEAN = { ok: true, altered: [], missing: [], new: [] };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'imagetank-verify-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

function hashOf(format: HashFormat, content: string): string {
  const hasher = createManifestHash(format);
  hasher.update(Buffer.from(content));
  return hasher.digest();
}

const entry = (path: string, content: string, format: HashFormat = 'md5', more = ''): string =>
  `<hash><path size="${Buffer.byteLength(content)}">${path}</path><${format}>${hashOf(format, content)}</${format}>${more}</hash>`;

/** Writes a history as another tool does: generations of entries, and their chain. */
function seal(root: string, generations: readonly string[], references = '', ignore = ''): void {
  const at = root === '' ? '' : `${root}/`;
  const chain = generations.map((entries, index) => {
    const name = `000${index + 1}_X_2020-01-0${index + 1}_000000Z.mhl`;
    const text = `<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><processinfo><ignore>${ignore}</ignore></processinfo>
      <hashes>${entries}</hashes>${references}</hashlist>`;
    put(`${at}ascmhl/${name}`, text);
    return { sequence: index + 1, name, c4: c4OfText(text) };
  });
  put(`${at}ascmhl/ascmhl_chain.xml`, chainText(chain));
}

const verify = async () => resultOf(verifyFolder(await openFolderReader(folder), folder));

describe('the histories that the reference implementation wrote', () => {
  it.each([
    'scenario_01/travel_01/A002R2EC',
    'scenario_02/travel_01/A002R2EC',
    'scenario_02/file_server/A002R2EC',
    'scenario_03/travel_01/A002R2EC',
    'scenario_03/file_server/A002R2EC',
  ])('%s is clean', async (name) => {
    const reader = await openFolderReader(join(SCENARIOS, name));
    const { result, progress } = await follow(verifyFolder(reader, name));
    expect(result).toEqual({ ...CLEAN, files: 3 });
    expect(progress.at(-1)).toMatchObject({ filesDone: 3, bytesDone: 67 });
  });

  it('all of them from above: each history counts for its own folder', async () => {
    const reader = await openFolderReader(SCENARIOS);
    const result = await resultOf(verifyFolder(reader, SCENARIOS));
    expect(result).toMatchObject({ ok: true, files: 15 });
    // Their logs lie beside the histories: in none of them, so no manifest could list them.
    expect(result.new).toEqual(['scenario_01/log.txt', 'scenario_02/log.txt', 'scenario_03/log.txt']);
  });

  it('shows what was altered, what is missing, what is new and what has another name', async () => {
    cpSync(join(SCENARIOS, 'scenario_03/file_server/A002R2EC'), folder, { recursive: true });
    put('Clips/A002C006_141024_R2EC.mov', 'abcdX');
    renameSync(join(folder, 'Sidecar.txt'), join(folder, 'Renamed.txt'));
    put('Clips/.DS_Store', 'ignored');
    expect(await verify()).toEqual({
      ok: false,
      files: 3,
      altered: ['Clips/A002C006_141024_R2EC.mov'],
      missing: ['Sidecar.txt'],
      new: ['Renamed.txt'],
      renamed: [{ from: 'Sidecar.txt', to: 'Renamed.txt' }],
    });
  });

  it('is not clean when a manifest was altered, or taken away', async () => {
    cpSync(join(SCENARIOS, 'scenario_02/file_server/A002R2EC'), folder, { recursive: true });
    const second = 'ascmhl/0002_A002R2EC_2020-01-17_143000Z.mhl';
    const text = readFileSync(join(folder, second), 'utf8');
    put(second, text.replace('0ea03b369a463d9d', '0ea03b369a463d9e'));
    // The first generation still vouches for every file.
    expect(await verify()).toEqual({
      ...{ ok: false, files: 3, altered: [second], missing: [], new: [] },
      manifestProblems: [{ path: second, detail: 'its C4 is not the one in the chain', held: 'nothing' }],
    });
    rmSync(join(folder, second));
    expect(await verify()).toEqual({
      ...{ ok: false, files: 3, altered: [], missing: [second], new: [] },
      manifestProblems: [{ path: second, detail: 'the chain names it', held: 'nothing' }],
    });
    rmSync(join(folder, 'ascmhl/ascmhl_chain.xml'));
    expect(await verify()).toMatchObject({ ok: false, missing: ['ascmhl/ascmhl_chain.xml'] });
  });
});

describe('a folder that another tool sealed', () => {
  it('may have something new, which alone is fine', async () => {
    put('a', 'A');
    seal('', [entry('a', 'A')]);
    put('b/c', 'new');
    expect(await verify()).toEqual({ ...CLEAN, files: 1, new: ['b/c'] });
  });

  it.each([...HASH_FORMATS])('is read by %s, and a flipped bit is found', async (format) => {
    const content = 'photo '.repeat(100_000);
    put('a.mov', content);
    seal('', [entry('a.mov', content, format)]);
    expect(await verify()).toEqual({ ...CLEAN, files: 1 });
    const flipped = Buffer.from(content);
    flipped[300_000] = (flipped[300_000] ?? 0) ^ 1;
    put('a.mov', flipped);
    expect(await verify()).toMatchObject({ ok: false, altered: ['a.mov'] });
  });

  it('is held against the size too', async () => {
    put('a', 'A');
    seal('', [entry('a', 'A').replace('size="1"', 'size="2"')]);
    expect(await verify()).toMatchObject({ ok: false, altered: ['a'] });
  });

  it('is never clean where no hash vouches for a file', async () => {
    put('a', 'A');
    seal('', [
      entry('a', 'A').replace('<md5>', '<md5 action="failed">') +
        entry('gone', 'x').replace('<md5>', '<md5 action="failed">'),
    ]);
    expect(await verify()).toEqual({ ok: false, files: 2, altered: ['a'], missing: ['gone'], new: [] });
  });

  it('follows a file that was renamed between generations', async () => {
    put('new', 'A');
    seal('', [entry('old', 'A'), entry('new', 'A', 'md5', '<previousPath>old</previousPath>')]);
    expect(await verify()).toEqual({ ...CLEAN, files: 1 });
  });

  it('ignores what its manifests say, below its own root', async () => {
    put('a', 'A');
    put('x.tmp', 'x');
    put('cache/y', 'y');
    put('Cards/B/b', 'B');
    put('Cards/B/c.bak', 'x');
    put('c.bak', 'x');
    seal('', [entry('a', 'A')], '', '<pattern>*.tmp</pattern><pattern>/cache/</pattern>');
    seal('Cards/B', [entry('b', 'B')], '', '<pattern>*.bak</pattern>');
    expect(await verify()).toEqual({ ...CLEAN, files: 2, new: ['c.bak'] });
  });

  it('never hides a listed file behind a pattern', async () => {
    put('a', 'altered');
    seal('', [entry('a', 'A')], '', '<pattern>*</pattern>');
    expect(await verify()).toMatchObject({ ok: false, altered: ['a'] });
  });

  it('asks the nearest history about a file', async () => {
    put('Cards/B/b', 'B');
    seal('', [entry('Cards/B/b', 'what it was before')]);
    seal('Cards/B', [entry('b', 'B')]);
    expect(await verify()).toEqual({ ...CLEAN, files: 1 });
  });

  it('holds a history below against what the one above knows of it', async () => {
    put('B/b', 'B');
    seal('B', [entry('b', 'B')]);
    const path = 'B/ascmhl/0001_X_2020-01-01_000000Z.mhl';
    const reference = (c4: string): string =>
      `<references><hashlistreference><path>${path}</path><c4>${c4}</c4></hashlistreference></references>`;
    put('a', 'A');
    seal('', [entry('a', 'A')], reference(c4OfText(readFileSync(join(folder, path), 'utf8'))));
    expect(await verify()).toEqual({ ...CLEAN, files: 2 });
    seal('', [entry('a', 'A')], reference(c4OfText('another')));
    expect(await verify()).toMatchObject({ ok: false, altered: [path] });
    rmSync(join(folder, 'B/ascmhl'), { recursive: true });
    expect(await verify()).toMatchObject({ ok: false, missing: [path] });
  });

  it('cannot lead out of itself: no climbing path, no link', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'imagetank-outside-'));
    try {
      writeFileSync(join(outside, 'secret'), 'S');
      symlinkSync(outside, join(folder, 'link'));
      symlinkSync(join(outside, 'secret'), join(folder, 'secret'));
      seal('', [entry('../secret', 'S') + entry('link/secret', 'S') + entry('secret', 'S')]);
      expect(await verify()).toEqual({
        ok: false,
        files: 2,
        altered: ['ascmhl/0001_X_2020-01-01_000000Z.mhl'],
        missing: ['link/secret', 'secret'],
        new: [],
        manifestProblems: [
          {
            path: 'ascmhl/0001_X_2020-01-01_000000Z.mhl',
            detail: '"../secret" is no path below its folder',
            held: 'part',
          },
        ],
      });
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  it('may hold names that are no UTF-8', async () => {
    put('a', 'A');
    seal('', [entry('a', 'A')]);
    const odd = Buffer.concat([Buffer.from(`${folder}/b`), Buffer.from([0xff])]);
    mkdirSync(odd);
    writeFileSync(Buffer.concat([odd, Buffer.from([0xfe])]), 'x');
    expect(await verify()).toEqual({ ...CLEAN, files: 1, new: ['b\ufffd\ufffd'] });
  });

  it('with more histories than any shoot has is refused', async () => {
    put('a', 'A');
    const reader = await openFolderReader(folder);
    reader.walk = async function* () {
      for (let at = 0; at <= 10_000; at += 1)
        yield { path: rel(`${at}/ascmhl/ascmhl_chain.xml`), sizeBytes: 1 };
    };
    await expect(resultOf(verifyFolder(reader, folder))).rejects.toMatchObject({ exitCode: 65 });
  });

  it('without a history is refused with what to do', async () => {
    put('a', 'A');
    await expect(verify()).rejects.toMatchObject({ name: 'UserError', exitCode: 66, code: 'no-history' });
  });

  it('that went away in the middle is an error, not a list of missing files', async () => {
    put('a', 'A');
    put('b', 'B');
    seal('', [entry('a', 'A') + entry('b', 'B')]);
    const reader = await openFolderReader(folder);
    const { hash } = reader;
    reader.hash = async (path, format) => {
      const value = await hash.call(reader, path, format);
      renameSync(folder, `${folder}.away`);
      mkdirSync(folder);
      return value;
    };
    try {
      await expect(resultOf(verifyFolder(reader, folder))).rejects.toMatchObject({
        exitCode: 74,
        code: 'drive-lost',
      });
    } finally {
      rmSync(`${folder}.away`, { recursive: true });
    }
  });

  it('that cannot be listed is an error', async () => {
    put('a', 'A');
    seal('', [entry('a', 'A')]);
    const reader = await openFolderReader(folder);
    rmSync(folder, { recursive: true });
    await expect(resultOf(verifyFolder(reader, folder))).rejects.toMatchObject({ exitCode: 74 });
  });

  it('that is none cannot be opened', async () => {
    put('a', 'A');
    await expect(openFolderReader(join(folder, 'a'))).rejects.toThrow(/ENOTDIR/);
    await expect(openFolderReader(join(folder, 'none'))).rejects.toThrow(/ENOENT/);
  });
});

describe('the reader of a plain folder', () => {
  it('hashes what sha1sum, md5sum and xxhsum would, of sizes around its block', async () => {
    for (const size of [0, 1, 4095, 4096, 4097, 1 << 20, (1 << 20) + 1, 3_000_001]) {
      const content = Buffer.alloc(size, 'abc\u0000');
      put('file', content);
      const reader = await openFolderReader(folder);
      const expected = {
        sha1: createHash('sha1').update(content).digest('hex'),
        xxh128: xxh3.xxh128(content).toString(16).padStart(32, '0'),
      };
      for (const format of ['sha1', 'xxh128'] as const) {
        expect(await reader.hash(rel('file'), format)).toEqual({ value: expected[format], sizeBytes: size });
      }
    }
  });

  it('reads a second format in the same go, and waits after each block', async () => {
    const content = Buffer.alloc((1 << 21) + 5, 'abc');
    put('file', content);
    const reader = await openFolderReader(folder);
    const blocks: number[] = [];
    const told = async (sizeBytes: number) => void blocks.push(sizeBytes);
    expect(await reader.hash(rel('file'), 'xxh64', told, 'sha1')).toEqual({
      value: hashOf('xxh64', content.toString()),
      also: createHash('sha1').update(content).digest('hex'),
      sizeBytes: content.length,
    });
    expect(blocks).toEqual([1 << 20, 1 << 20, 5]);
  });

  it('ends at the next block with what stops it, which is no fault of the disk', async () => {
    put('file', Buffer.alloc(3 << 20));
    const reader = await openFolderReader(folder);
    let blocks = 0;
    const stopped = new Error('stopped');
    const stop = async () => {
      blocks += 1;
      throw stopped;
    };
    await expect(reader.hash(rel('file'), 'md5', stop)).rejects.toBe(stopped);
    expect(blocks).toBe(1);
  });

  it('reads several files at once, each in memory of its own', async () => {
    const names = ['a', 'b', 'c'];
    for (const name of names) put(name, Buffer.alloc(3 << 20, name));
    const reader = await openFolderReader(folder);
    const values = await Promise.all(names.map((name) => reader.hash(rel(name), 'sha1')));
    const expected = names.map((name) =>
      createHash('sha1')
        .update(Buffer.alloc(3 << 20, name))
        .digest('hex'),
    );
    expect(values.map(({ value }) => value)).toEqual(expected);
  });

  it('knows a file from a folder, a link and nothing', async () => {
    put('a/b', 'B');
    symlinkSync('b', join(folder, 'a/link'));
    const reader = await openFolderReader(folder);
    expect(await reader.stat(rel('a/b'))).toEqual({ sizeBytes: 1 });
    expect(await reader.readText(rel('a/b'))).toBe('B');
    for (const path of ['a', 'a/link', 'a/none', 'none/none', 'a/b/c', `${'n'.repeat(300)}`]) {
      expect(await reader.stat(rel(path)), path).toBeNull();
      expect(await reader.readText(rel(path)), path).toBeNull();
    }
    expect(await reader.list(rel('a'))).toEqual(expect.arrayContaining(['b', 'link']));
    expect(await reader.list(rel('none'))).toEqual([]);
    expect(await reader.list(rel('a/b'))).toEqual([]);
  });

  it('says which file it could not read', async () => {
    put('a/b', 'B');
    const reader = await openFolderReader(folder);
    await expect(reader.hash(rel('a'), 'md5')).rejects.toMatchObject({
      reason: 'drive-failing',
      message: expect.stringMatching(/a/),
    });
    rmSync(folder, { recursive: true });
    await expect(reader.hash(rel('a/b'), 'md5')).rejects.toMatchObject({ reason: 'drive-lost' });
    expect(await reader.isPresent()).toBe(false);
  });
});
