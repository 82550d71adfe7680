import { describe, expect, it } from 'vitest';
import { c4OfText } from '../../services/manifest/c4.ts';
import { MAX_MANIFEST_BYTES, openHistory } from '../../services/manifest/history.ts';
import type { HashFormat } from '../../services/manifest/mhl-reader.ts';
import { chainText } from '../../services/manifest/mhl-writer.ts';
import { newestFiles } from '../../services/manifest/newest.ts';
import { PathSet } from '../../services/manifest/path-set.ts';
import { MemoryDrive, rel } from './memory-drive.ts';

const H1 = '1'.repeat(16);
const H2 = '2'.repeat(16);
const entry = (path: string, hash: string, more = ''): string =>
  `<hash><path size="1">${path}</path>${hash}${more}</hash>`;
const xxh64 = (value: string, action = 'original'): string => `<xxh64 action="${action}">${value}</xxh64>`;
const generation = (...entries: string[]): string =>
  `<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><hashes>${entries.join('')}</hashes></hashlist>`;

const CHAIN = 'Photos/ascmhl/ascmhl_chain.xml';

/** A chain that has the first generation as it is now. */
function rechain(drive: MemoryDrive, text: string): void {
  drive.put(FIRST, text);
  const [name = ''] = FIRST.split('/').slice(-1);
  drive.put(CHAIN, chainText([{ sequence: 1, name, c4: c4OfText(text) }]));
}
const cutOff = (drive: MemoryDrive) => rechain(drive, generation(entry('a', xxh64(H1))).slice(0, -5));
const climb = (drive: MemoryDrive) =>
  rechain(drive, generation(entry('../a', xxh64(H1)), entry('b', xxh64(H1))));

/** A history at `Photos` with these generations in its chain. */
function driveWith(...texts: string[]): MemoryDrive {
  const drive = new MemoryDrive();
  const chain = texts.map((text, at) => {
    const name = `000${at + 1}_Photos_2020-01-0${at + 1}_000000Z.mhl`;
    drive.put(`Photos/ascmhl/${name}`, text);
    return { sequence: at + 1, name, c4: c4OfText(text) };
  });
  drive.put('Photos/ascmhl/ascmhl_chain.xml', chainText(chain));
  return drive;
}

async function newest(drive: MemoryDrive, formats: HashFormat[] = ['xxh64'], seen = new PathSet()) {
  const history = await openHistory(drive, rel('Photos'));
  const files: Record<string, string | null> = {};
  for await (const { path, hash } of newestFiles(history, new Set(formats), seen)) {
    expect(files).not.toHaveProperty([path]);
    files[path] = hash?.value ?? null;
  }
  return { files, problems: history.problems.map(({ path, why }) => `${why} ${path}`) };
}

const FIRST = 'Photos/ascmhl/0001_Photos_2020-01-01_000000Z.mhl';

describe('what a history says now', () => {
  it('is what its newest generation says of each path', async () => {
    const drive = driveWith(
      generation(entry('a', xxh64(H1)), entry('b', xxh64(H1))),
      generation(entry('a', xxh64(H2)), entry('c', xxh64(H2))),
    );
    expect(await newest(drive)).toEqual({
      files: { 'Photos/a': H2, 'Photos/b': H1, 'Photos/c': H2 },
      problems: [],
    });
  });

  it('orders generations by number, not by name', async () => {
    const drive = new MemoryDrive();
    const chain = [10_000, 9999].map((sequence) => {
      const text = generation(entry('a', xxh64(sequence === 9999 ? H1 : H2)));
      const name = `${sequence}_Photos_2020-01-01_000000Z.mhl`;
      drive.put(`Photos/ascmhl/${name}`, text);
      return { sequence, name, c4: c4OfText(text) };
    });
    drive.put('Photos/ascmhl/ascmhl_chain.xml', chainText(chain));
    expect((await newest(drive)).files).toEqual({ 'Photos/a': H2 });
  });

  it('is an older word where the newest notes a mismatch or another format', async () => {
    const drive = driveWith(
      generation(entry('a', xxh64(H1)), entry('b', xxh64(H1))),
      generation(entry('a', xxh64(H2, 'failed')), entry('b', `<md5>${'0'.repeat(32)}</md5>`)),
    );
    expect((await newest(drive)).files).toEqual({ 'Photos/a': H1, 'Photos/b': H1 });
    expect((await newest(drive, ['md5'])).files).toEqual({ 'Photos/b': '0'.repeat(32), 'Photos/a': null });
  });

  it('forgets the old name of a renamed file, but not a new file of that name', async () => {
    const moved = entry('new', xxh64(H1), '<previousPath>old</previousPath>');
    expect((await newest(driveWith(generation(entry('old', xxh64(H1))), generation(moved)))).files).toEqual({
      'Photos/new': H1,
    });
    const replaced = generation(moved, entry('old', xxh64(H2)));
    expect((await newest(driveWith(generation(entry('old', xxh64(H1))), replaced))).files).toEqual({
      'Photos/new': H1,
      'Photos/old': H2,
    });
  });

  it('leaves out paths that another history has decided', async () => {
    const seen = new PathSet();
    seen.add('Photos/a');
    const drive = driveWith(generation(entry('a', xxh64(H1)), entry('b', xxh64(H1))));
    expect((await newest(drive, ['xxh64'], seen)).files).toEqual({ 'Photos/b': H1 });
  });
});

describe('manifests that vouch for nothing', () => {
  it('an altered generation', async () => {
    const drive = driveWith(generation(entry('a', xxh64(H1))));
    drive.put(FIRST, generation(entry('a', xxh64(H2))));
    expect(await newest(drive)).toEqual({ files: {}, problems: [`altered ${FIRST}`] });
    drive.put(FIRST, '');
    expect(await newest(drive)).toEqual({ files: {}, problems: [`altered ${FIRST}`] });
  });

  it('a missing one', async () => {
    const drive = driveWith(generation(entry('a', xxh64(H1))));
    drive.files.delete(FIRST);
    expect(await newest(drive)).toEqual({ files: {}, problems: [`missing ${FIRST}`] });
  });

  it('a damaged one, although the chain has it so', async () => {
    const drive = driveWith(generation(entry('a', xxh64(H1))).slice(0, -5));
    expect((await newest(drive)).problems).toEqual([`altered ${FIRST}`]);
  });

  it('one that names a path outside, once however many', async () => {
    const drive = driveWith(
      generation(entry('../a', xxh64(H1)), entry('/b', xxh64(H1)), entry('c', xxh64(H1))),
    );
    expect(await newest(drive)).toEqual({ files: { 'Photos/c': H1 }, problems: [`altered ${FIRST}`] });
  });

  it('the line that names a path outside, also where no chain names the manifest; its other lines count', async () => {
    const drive = driveWith(generation(entry('../../../etc/passwd', xxh64(H1)), entry('c', xxh64(H1))));
    drive.files.delete('Photos/ascmhl/ascmhl_chain.xml');
    expect(await newest(drive)).toEqual({
      files: { 'Photos/c': H1 },
      problems: ['missing Photos/ascmhl/ascmhl_chain.xml', `altered ${FIRST}`],
    });
  });

  it('one without a chain that is cut off behind whole lines', async () => {
    const drive = driveWith(generation(entry('a', xxh64(H1))).slice(0, -5));
    drive.files.delete('Photos/ascmhl/ascmhl_chain.xml');
    expect(await newest(drive)).toMatchObject({ files: {} });
  });

  it.each([
    ['is not what the chain says', 'nothing', (drive: MemoryDrive) => drive.put(FIRST, 'something else')],
    ['is gone', 'nothing', (drive: MemoryDrive) => void drive.files.delete(FIRST)],
    ['is cut off', 'part', (drive: MemoryDrive) => cutOff(drive)],
    ['lists a path outside', 'part', (drive: MemoryDrive) => climb(drive)],
    ['has no chain', 'all', (drive: MemoryDrive) => void drive.files.delete(CHAIN)],
    ['has a damaged chain', 'all', (drive: MemoryDrive) => drive.put(CHAIN, 'something else')],
  ])('says how much of one that %s is held against files: %s', async (_, held, spoil) => {
    const drive = driveWith(generation(entry('a', xxh64(H1))));
    spoil(drive);
    const history = await openHistory(drive, rel('Photos'));
    for await (const _file of history.files()) void 0;
    expect(history.problems[0]).toMatchObject({ held });
  });

  it('and does not repeat a path of any length', async () => {
    const drive = driveWith(generation(entry(`/${'x'.repeat(60_000)}`, xxh64(H1))));
    const history = await openHistory(drive, rel('Photos'));
    for await (const _file of history.files()) void 0;
    expect(history.problems[0]?.detail.length).toBeLessThan(300);
  });

  it('one that is too large is never read', async () => {
    const drive = driveWith(generation(entry('a', xxh64(H1))));
    const { stat } = drive;
    drive.stat = async (path) =>
      path === FIRST ? { sizeBytes: MAX_MANIFEST_BYTES + 1, mtimeMs: 0, file: '' } : stat.call(drive, path);
    drive.readText = (
      (read) => async (path) =>
        path === FIRST ? Promise.reject(new Error('was read')) : read.call(drive, path)
    )(drive.readText);
    expect(await newest(drive)).toEqual({ files: {}, problems: [`altered ${FIRST}`] });
  });

  it('all of them, where the chain is damaged: they count as far as they are whole', async () => {
    const drive = driveWith(generation(entry('a', xxh64(H1))));
    drive.put('Photos/ascmhl/ascmhl_chain.xml', '<x/>');
    expect(await newest(drive)).toEqual({
      files: { 'Photos/a': H1 },
      problems: ['altered Photos/ascmhl/ascmhl_chain.xml', `unlisted ${FIRST}`],
    });
    drive.files.delete('Photos/ascmhl/ascmhl_chain.xml');
    expect((await newest(drive)).problems).toEqual([
      'missing Photos/ascmhl/ascmhl_chain.xml',
      `unlisted ${FIRST}`,
    ]);
  });

  it('a torn one that no chain names', async () => {
    const drive = driveWith(generation(entry('a', xxh64(H1))));
    const torn = 'Photos/ascmhl/0002_Photos_2020-01-02_000000Z.mhl';
    drive.put(torn, generation(entry('b', xxh64(H1))).slice(0, -5));
    expect(await newest(drive)).toEqual({ files: { 'Photos/a': H1 }, problems: [`altered ${torn}`] });
  });
});

it('refuses more generations than anybody makes', async () => {
  const drive = new MemoryDrive();
  drive.list = async () => Array.from({ length: 10_001 }, (_, at) => `${at + 10_000}_Photos_x.mhl`);
  await expect(openHistory(drive, rel('Photos'))).rejects.toMatchObject({ code: 'limit' });
});
