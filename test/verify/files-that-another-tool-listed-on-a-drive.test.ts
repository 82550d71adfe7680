import { beforeEach, describe, expect, it } from 'vitest';
import { c4OfText } from '../../services/manifest/c4.ts';
import { HASH_FORMATS, type HashFormat } from '../../services/manifest/mhl-reader.ts';
import { chainText } from '../../services/manifest/mhl-writer.ts';
import { RereadLog } from '../../services/manifest/reread-log.ts';
import { driveReader } from '../../services/verify/drive-reader.ts';
import type { OpenFolder } from '../../services/verify/ports.ts';
import { AT_ONCE } from '../../services/verify/run.ts';
import { verifyDrive } from '../../services/verify/verify.ts';
import { copyOf, hashOf, rel } from '../manifest/memory-drive.ts';
import { digestOf, type FixtureGeneration, generation } from './fixtures.ts';
import { JournalDrive } from './journal-drive.ts';
import { resultOf } from './work.ts';

const CLIP = { path: 'Clip.mov', content: 'a clip' };
const CLIP_AT = 'Photos/Clip.mov';
const NOTE = { path: 'Note.txt', content: 'about it' };
const CLEAN = { ok: true, files: 1, altered: [], missing: [], new: [] };
const OTHERS = HASH_FORMATS.filter((format) => format !== 'xxh64');

let box: JournalDrive;
/** In another format than XXH64. */
let hashed: string[];
beforeEach(() => {
  box = new JournalDrive();
  hashed = [];
});

/** As the folder that the drive is. */
const openFolder: OpenFolder = async (path) => {
  expect(path).toBe(box.drive.drive.path);
  return {
    ...driveReader(box.drive),
    hash: async (file, format) => {
      hashed.push(file);
      const content = box.drive.text(file);
      return { value: digestOf(format, content), sizeBytes: Buffer.byteLength(content) };
    },
  };
};

function seal(...generations: readonly FixtureGeneration[]): void {
  const chain = generations.map((words, at) => {
    const name = `000${at + 1}_Photos_2020-01-0${at + 1}_000000Z.mhl`;
    const text = generation(words);
    box.drive.put(`Photos/ascmhl/${name}`, text);
    return { sequence: at + 1, name, c4: c4OfText(text) };
  });
  box.drive.put('Photos/ascmhl/ascmhl_chain.xml', chainText(chain));
}

function lay(...files: readonly { readonly path: string; readonly content: string }[]): void {
  for (const { path, content } of files) box.drive.put(`Photos/${path}`, content);
}

const work = (log: RereadLog | null = null, open: OpenFolder | undefined = openFolder) => {
  const { drive: store, catalogue, emit } = box;
  const from = box.book.unfinished(store.drive.id);
  return verifyDrive({ store, catalogue, emit, openFolder: open }, AT_ONCE, from, log);
};

describe.each(OTHERS)('a file that another tool listed with %s only', (format: HashFormat) => {
  it('is held against that', async () => {
    lay(CLIP);
    seal({ files: [CLIP], formats: [format] });
    expect(await resultOf(work())).toEqual(CLEAN);
    expect(hashed).toEqual([CLIP_AT]);
    lay({ ...CLIP, content: 'A clip' });
    expect(await resultOf(work())).toEqual({ ...CLEAN, ok: false, altered: [CLIP_AT] });
  });
});

describe('files that another tool listed', () => {
  it('with XXH64 as well are read by that', async () => {
    lay(CLIP);
    seal({ files: [CLIP], formats: ['xxh64', 'md5'] });
    expect(await resultOf(work())).toEqual(CLEAN);
    expect(hashed).toEqual([]);
    expect(box.reads).toEqual([CLIP_AT]);
  });

  it('by XXH64 once and by MD5 since are held against XXH64', async () => {
    lay(CLIP);
    seal({ files: [CLIP], formats: ['xxh64'] }, { files: [CLIP], formats: ['md5'] });
    expect(await resultOf(work())).toEqual(CLEAN);
    expect(hashed).toEqual([]);
  });

  it('twice without XXH64: the newest word counts, a failed one never', async () => {
    lay({ ...CLIP, content: 'recut' }, NOTE);
    seal(
      { files: [CLIP, NOTE], formats: ['sha1'] },
      { files: [{ ...CLIP, content: 'recut' }], formats: ['md5'] },
      { files: [{ ...NOTE, content: 'torn', action: 'failed' }], formats: ['md5'] },
    );
    expect(await resultOf(work())).toEqual({ ...CLEAN, files: 2 });
  });

  it('under a new name are not missing under the old one', async () => {
    lay({ ...CLIP, path: 'Renamed.mov' });
    seal(
      { files: [CLIP], formats: ['xxh64'] },
      { files: [{ ...CLIP, path: 'Renamed.mov', previousPath: CLIP.path }], formats: ['md5'] },
    );
    expect(await resultOf(work())).toEqual(CLEAN);
  });

  it('and that the journal knows are held against the journal, whose hash is ours', async () => {
    lay(CLIP);
    box.catalogue.rows.push(copyOf(box.drive, CLIP_AT));
    seal({ files: [CLIP], formats: ['md5'] });
    expect(await resultOf(work())).toEqual(CLEAN);
    expect(hashed).toEqual([]);
    // Another tool has taken over what had gone bad: it is no copy any more.
    lay({ ...CLIP, content: 'A clip' });
    seal({ files: [{ ...CLIP, content: 'A clip' }], formats: ['md5'] });
    expect(await resultOf(work())).toMatchObject({ ok: false, altered: [CLIP_AT] });
    expect(box.of('CopiesLost')).toMatchObject([{ files: [{ to: CLIP_AT, why: 'altered' }] }]);
  });

  it('are read again when it goes on after an interruption: they stand at no place', async () => {
    lay(CLIP, NOTE);
    seal({ files: [CLIP], formats: ['xxh64'] }, { files: [NOTE], formats: ['md5'] });
    const lost = new Error('power cut');
    const drive = { ...driveReader(box.drive), hash: () => Promise.reject(lost) };
    await expect(resultOf(work(null, async () => drive))).rejects.toBe(lost);
    expect(box.of('VerificationProgressed')).toHaveLength(1);
    box.restart();
    expect(await resultOf(work())).toMatchObject({ ok: true });
    expect(hashed).toEqual(['Photos/Note.txt']);
  });

  it('that have to be read again do not hide that their manifest was read', async () => {
    lay(CLIP, NOTE);
    seal({ files: [NOTE], formats: ['md5'] });
    await resultOf(work());
    expect(box.of('VerificationProgressed')).toEqual([]);
    expect(box.of('VerificationFinished')).toMatchObject([{ files: 1, altered: 0 }]);
  });

  it('cannot be vouched for where the drive cannot be read as a folder', async () => {
    lay(CLIP);
    seal({ files: [CLIP], formats: ['md5'] });
    const gone: OpenFolder = () => Promise.reject(new Error('ENOENT'));
    await expect(resultOf(work(null, gone))).rejects.toMatchObject({ code: 'drive-lost', exitCode: 74 });
  });

  it('get their XXH64 from --full, which counts them once', async () => {
    lay(CLIP);
    seal({ files: [CLIP], formats: ['md5'] });
    const log = new RereadLog();
    expect(await resultOf(work(log))).toEqual(CLEAN);
    expect(log.resultOf(rel(CLIP_AT))).toEqual({ action: 'original', xxh64: hashOf(CLIP.content) });
    expect(box.reads).toEqual([CLIP_AT]);
  });

  it('and are altered get none', async () => {
    lay({ ...CLIP, content: 'A clip' });
    seal({ files: [CLIP], formats: ['md5'] });
    const log = new RereadLog();
    expect(await resultOf(work(log))).toMatchObject({ ok: false, altered: [CLIP_AT], new: [] });
    expect(log.resultOf(rel(CLIP_AT))).toEqual({ action: 'failed', xxh64: null });
    expect(box.reads).toEqual([]);
  });
});
