import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFolderReader } from '../../adapters/mhl-folder/folder-reader.ts';
import { relativePath } from '../../machines/ids.ts';
import { HASH_FORMATS } from '../../services/manifest/mhl-reader.ts';
import { addedUp } from '../../services/verify/added-up.ts';
import { Histories } from '../../services/verify/histories.ts';
import { ManifestProblems } from '../../services/verify/manifest-problems.ts';
import { verifyFolder } from '../../services/verify/verify.ts';
import { assertSchema, hasXmllint } from '../manifest/xmllint.ts';
import { FixtureFolder, generation } from './fixtures.ts';
import { resultOf } from './work.ts';

const CLEAN = { ok: true, altered: [], missing: [], new: [] };
const CLIP = { path: 'Clips/A002C006.mov', content: 'a clip' };
const SIDE = { path: 'Sidecar.txt', content: 'about the clip' };

let disk: FixtureFolder;
beforeEach(() => {
  disk = new FixtureFolder(mkdtempSync(join(tmpdir(), 'imagetank-history-')));
});
afterEach(() => rmSync(disk.folder, { recursive: true, force: true }));

const verify = async () => resultOf(verifyFolder(await openFolderReader(disk.folder), disk.folder));

function lay(...files: readonly { path: string; content: string }[]): void {
  for (const { path, content } of files) disk.put(path, content);
}

describe('the fixtures', () => {
  it.runIf(hasXmllint)('follow the schema: every format, renamed files, histories below', () => {
    const text = generation({
      files: [CLIP, { ...SIDE, previousPath: 'Old.txt', action: 'verified' }],
      formats: HASH_FORMATS,
      ignored: ['*.tmp'],
      references: [{ path: 'B/ascmhl/0001_X_2020-01-10_091500Z.mhl', text: 'x' }],
    });
    assertSchema(text, 'ASCMHL.xsd');
    disk.seal('', { files: [CLIP], formats: ['md5'] });
    assertSchema(
      readFileSync(join(disk.folder, 'ascmhl/ascmhl_chain.xml'), 'utf8'),
      'ASCMHLDirectory__combined.xsd',
    );
  });
});

describe.each([...HASH_FORMATS])('a folder that another tool sealed with %s', (format) => {
  const formats = [format];

  it('clean', async () => {
    lay(CLIP, SIDE);
    disk.seal('', { files: [CLIP, SIDE], formats });
    expect(await verify()).toEqual({ ...CLEAN, files: 2 });
  });

  it('with an altered, a missing and a new file', async () => {
    lay({ ...CLIP, content: 'A clip' }, { path: 'new.mov', content: 'new' });
    disk.seal('', { files: [CLIP, SIDE], formats });
    expect(await verify()).toEqual({
      ok: false,
      files: 2,
      altered: [CLIP.path],
      missing: [SIDE.path],
      new: ['new.mov'],
    });
  });

  it('with a file that was renamed, and one under its old name', async () => {
    const renamed = { path: 'Clips/renamed.mov', content: CLIP.content, previousPath: CLIP.path };
    lay(renamed, SIDE);
    disk.seal('', { files: [CLIP, SIDE], formats }, { files: [renamed], formats });
    expect(await verify()).toEqual({ ...CLEAN, files: 2 });
    disk.put(renamed.path, 'A clip');
    expect(await verify()).toMatchObject({ altered: [renamed.path], missing: [] });
  });

  it('with the old name of a renamed file, under which the journal may have another copy', async () => {
    const renamed = { path: 'Clips/renamed.mov', content: CLIP.content, previousPath: CLIP.path };
    lay(renamed, SIDE);
    disk.seal('', { files: [CLIP, SIDE], formats }, { files: [renamed], formats });
    const histories = new Histories(await openFolderReader(disk.folder), [null]);
    for await (const _ of histories.files());
    const claimed = [CLIP.path, CLIP.path, renamed.path, 'new.mov'].map((path) =>
      histories.claim(relativePath(path)),
    );
    expect(claimed).toEqual([true, false, false, true]);
  });

  it('over several generations: the newest word counts, a failed one never', async () => {
    const recut = { ...CLIP, content: 'recut' };
    lay(recut, SIDE);
    const failed = { ...SIDE, content: 'torn', action: 'failed' } as const;
    disk.seal(
      '',
      { files: [CLIP, SIDE], formats },
      { files: [recut], formats },
      { files: [failed], formats },
    );
    expect(await verify()).toEqual({ ...CLEAN, files: 2 });
    disk.put(CLIP.path, CLIP.content);
    disk.put(SIDE.path, 'torn');
    expect(await verify()).toMatchObject({ altered: [CLIP.path, SIDE.path] });
  });

  it('with a history of its own further down', async () => {
    const below = { path: `A/${CLIP.path}`, content: CLIP.content };
    lay(below, SIDE);
    const [inner] = disk.seal('A', { files: [CLIP], formats });
    disk.seal('', { files: [SIDE], formats, references: inner === undefined ? [] : [inner] });
    expect(await verify()).toEqual({ ...CLEAN, files: 2 });
    disk.put(below.path, 'A clip');
    expect(await verify()).toMatchObject({ ok: false, altered: [below.path] });
  });

  it('with what a Mac and a PC dropped on the disk', async () => {
    lay(CLIP);
    disk.seal('', { files: [CLIP], formats });
    for (const path of [
      'Clips/.DS_Store',
      '._x',
      'Thumbs.db',
      '$RECYCLE.BIN/S-1/a',
      'System Volume Information/x',
    ]) {
      disk.put(path, 'junk');
    }
    expect(await verify()).toEqual({ ...CLEAN, files: 1 });
  });
});

describe('another tool that changes its format', () => {
  it('is followed from one to the next, and both may stand in one entry', async () => {
    lay(CLIP, SIDE);
    const both = { files: [CLIP], formats: ['md5', 'c4'] as const };
    disk.seal('', { files: [CLIP, SIDE], formats: ['sha1'] }, both);
    expect(await verify()).toEqual({ ...CLEAN, files: 2 });
    disk.put(CLIP.path, 'A clip');
    disk.put(SIDE.path, 'About the clip');
    expect(await verify()).toMatchObject({ ok: false, altered: [CLIP.path, SIDE.path] });
  });
});

describe('a manifest of which not all can be used', () => {
  const manifestOf = () => disk.seal('', { files: [CLIP], formats: ['md5'] });

  it('is told with the reason, and that nothing was held against it', async () => {
    lay(CLIP);
    manifestOf();
    const [name = ''] = readdirSync(join(disk.folder, 'ascmhl')).filter((file) => file.endsWith('.mhl'));
    const path = `ascmhl/${name}`;
    disk.put(path, 'something else');
    expect(await verify()).toMatchObject({
      ...{ ok: false, altered: [path] },
      manifestProblems: [{ path, detail: 'its C4 is not the one in the chain', held: 'nothing' }],
    });
  });

  it('is told on each drive and in the sum of several', () => {
    const problem = { path: 'ascmhl/0001_x.mhl', detail: 'gone', held: 'nothing' } as const;
    const one = { ...CLEAN, files: 1, id: '1', label: 'one' };
    const all = addedUp([
      { ...one, manifestProblems: [problem] },
      { ...one, id: '2', label: 'two' },
    ]);
    expect(all.manifestProblems).toEqual([problem]);
    expect(all.drives?.map((drive) => drive.manifestProblems)).toEqual([[problem], undefined]);
  });

  it('is not told where all is whole, and a thousand times at most', async () => {
    lay(CLIP);
    manifestOf();
    expect(await verify()).not.toHaveProperty('manifestProblems');
    const problems = new ManifestProblems();
    problems.add({ path: relativePath('x'), why: 'unlisted', detail: 'no chain names it', held: 'all' });
    expect(problems.result()).toEqual({});
    for (let at = 0; at < 1001; at += 1) {
      problems.add({ path: relativePath(`${at}`), why: 'altered', detail: 'cut off', held: 'nothing' });
    }
    expect(problems.result().manifestProblems).toHaveLength(1000);
  });
});
