import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { openFolderReader } from '../../adapters/mhl-folder/folder-reader.ts';
import { DriveError, UserError } from '../../services/errors.ts';
import { HASH_FORMATS } from '../../services/manifest/mhl-reader.ts';
import { RereadLog } from '../../services/manifest/reread-log.ts';
import { driveReader } from '../../services/verify/drive-reader.ts';
import type { FolderReader } from '../../services/verify/ports.ts';
import { AT_ONCE, type VerifyRun } from '../../services/verify/run.ts';
import { verifyDrive, verifyFolder } from '../../services/verify/verify.ts';
import { rel } from '../manifest/memory-drive.ts';
import { flush } from '../runtime/kit.ts';
import { digestOf, FixtureFolder } from './fixtures.ts';
import { JournalDrive } from './journal-drive.ts';
import { follow, resultOf } from './work.ts';

const CLIP = { path: 'Clips/A002C006.mov', content: 'a clip' };
const SIDE = { path: 'Sidecar.txt', content: 'about the clip' };
const TO = 'Day 3/first take.mov';

describe('in a folder that another tool sealed', () => {
  let disk: FixtureFolder;
  let hashed: string[];
  beforeEach(() => {
    disk = new FixtureFolder(mkdtempSync(join(tmpdir(), 'imagetank-renamed-')));
    hashed = [];
  });
  afterEach(() => rmSync(disk.folder, { recursive: true, force: true }));

  const verify = async () => {
    const real = await openFolderReader(disk.folder);
    const reader: FolderReader = {
      formats: real.formats,
      list: (path) => real.list(path),
      stat: (path) => real.stat(path),
      readText: (path) => real.readText(path),
      walk: () => real.walk(),
      isPresent: () => real.isPresent(),
      hash: (path, ...how) => {
        hashed.push(path);
        return real.hash(path, ...how);
      },
    };
    return resultOf(verifyFolder(reader, disk.folder));
  };
  const lay = (...files: readonly { path: string; content: string }[]) => {
    for (const { path, content } of files) disk.put(path, content);
  };

  it.each([...HASH_FORMATS])('a renamed file is found by its %s, and is no answer of yes', async (format) => {
    lay({ ...CLIP, path: TO }, SIDE);
    disk.seal('', { files: [CLIP, SIDE], formats: [format] });
    expect(await verify()).toEqual({
      ok: false,
      files: 2,
      altered: [],
      missing: [CLIP.path],
      new: [TO],
      renamed: [{ from: CLIP.path, to: TO }],
    });
  });

  it('one that was renamed and altered is missing, and something is new', async () => {
    lay({ content: 'A clip', path: TO });
    disk.seal('', { files: [CLIP], formats: ['md5'] });
    expect(await verify()).toEqual({ ok: false, files: 1, altered: [], missing: [CLIP.path], new: [TO] });
    expect(hashed).toEqual([TO]);
  });

  it('new files of other sizes are not read, nor any when nothing is missing', async () => {
    lay({ path: 'new.mov', content: 'of quite another size' }, SIDE);
    disk.seal('', { files: [CLIP, SIDE], formats: ['md5'] });
    expect(await verify()).not.toHaveProperty('renamed');
    lay(CLIP, { path: 'same size.mov', content: 'b clip' });
    expect(await verify()).toMatchObject({ ok: true, new: ['new.mov', 'same size.mov'] });
    expect(hashed).toEqual([SIDE.path, CLIP.path, SIDE.path]);
  });

  it('one of which a copy is listed under another name is missing: that name has a file of its own', async () => {
    const twin = { ...CLIP, path: 'Clips/twin.mov' };
    lay(twin);
    disk.seal('', { files: [CLIP, twin], formats: ['md5'] });
    expect(await verify()).toEqual({ ok: false, files: 2, altered: [], missing: [CLIP.path], new: [] });
  });

  it('one that moved from one history to another is found, each format read once', async () => {
    lay({ ...CLIP, path: 'B/clip.mov' });
    const other = { path: 'x', content: 'b clip' };
    disk.seal('A', { files: [CLIP], formats: ['sha1'] });
    disk.seal('B', { files: [other], formats: ['c4'] });
    const result = await verify();
    expect(result.renamed).toEqual([{ from: `A/${CLIP.path}`, to: 'B/clip.mov' }]);
    expect(result.missing).toEqual([`A/${CLIP.path}`, 'B/x']);
    expect(hashed.length).toBeLessThanOrEqual(2);
  });

  it('one that nothing vouches for stays missing', async () => {
    lay({ ...CLIP, path: TO });
    disk.seal('', { files: [{ ...CLIP, action: 'failed' }], formats: ['md5'] });
    expect(await verify()).not.toHaveProperty('renamed');
    expect(hashed).toEqual([]);
  });

  it('one that cannot be read stays missing', async () => {
    lay({ ...CLIP, path: TO });
    disk.seal('', { files: [CLIP], formats: ['md5'] });
    const real = await openFolderReader(disk.folder);
    real.hash = (path) => Promise.reject(new DriveError('drive-failing', `${path}: EIO`));
    const result = await resultOf(verifyFolder(real, disk.folder));
    expect(result).toEqual({ ok: false, files: 1, altered: [], missing: [CLIP.path], new: [TO] });
  });
});

describe('on a drive of ours', () => {
  const [a, b] = ['Photos/a.jpg', 'Photos/b.jpg'];
  const RENAMED = 'Photos/best/of day 3.jpg';
  let box: JournalDrive;
  beforeEach(async () => {
    box = new JournalDrive();
    await box.backup(a, b);
  });

  function rename(from: string, to: string): void {
    box.drive.put(to, box.drive.text(from));
    box.drive.files.delete(from);
  }

  it('the copy loses its mark all the same: nothing lies where it was recorded', async () => {
    rename(a, RENAMED);
    expect(await resultOf(box.work())).toEqual({
      ok: false,
      files: 2,
      altered: [],
      missing: [a],
      new: [RENAMED],
      renamed: [{ from: a, to: RENAMED }],
    });
    expect(box.of('CopiesLost')).toMatchObject([{ files: [{ to: a, why: 'missing' }] }]);
    expect(box.catalogue.rows.map(({ to }) => to)).toEqual([b]);
    expect(box.of('VerificationFinished')).toMatchObject([{ altered: 0, missing: 1 }]);
    // Nothing was forgotten: it is still so.
    expect(await resultOf(box.work())).toMatchObject({ renamed: [{ from: a, to: RENAMED }] });
  });

  it('one that was placed and never sealed is found by the journal’s word', async () => {
    box.place('Photos/c.jpg');
    rename('Photos/c.jpg', 'Other/c.jpg');
    expect(await resultOf(box.work())).toMatchObject({
      renamed: [{ from: 'Photos/c.jpg', to: 'Other/c.jpg' }],
    });
  });

  it('one that another tool listed in MD5 is found by that', async () => {
    const text = box.drive.text(a);
    const [generation = ''] = box.drive.paths('Photos').filter((path) => path.endsWith('.mhl'));
    const ours = /<xxh64[^>]*>[^<]*<\/xxh64>/;
    box.drive.put(
      generation,
      box.drive.text(generation).replace(ours, `<md5>${digestOf('md5', text)}</md5>`),
    );
    box.drive.files.delete('Photos/ascmhl/ascmhl_chain.xml');
    box.catalogue.rows = [];
    rename(a, RENAMED);
    const openFolder = async () => ({
      ...driveReader(box.drive),
      hash: async (path: string) => ({
        value: digestOf('md5', box.drive.text(path)),
        sizeBytes: text.length,
      }),
    });
    const { drive: store, catalogue, emit } = box;
    const result = await resultOf(verifyDrive({ store, catalogue, emit, openFolder }));
    expect(result.renamed).toEqual([{ from: a, to: RENAMED }]);
  });

  it('with --full it is not read a second time, and written down with both names', async () => {
    rename(a, RENAMED);
    const { drive: store, catalogue, emit } = box;
    const log = new RereadLog();
    const result = await resultOf(verifyDrive({ store, catalogue, emit }, AT_ONCE, null, log));
    expect(result.renamed).toEqual([{ from: a, to: RENAMED }]);
    expect(box.reads).toEqual([b, RENAMED]);
    expect(log.resultOf(rel(RENAMED))).toMatchObject({ action: 'original', from: a });
    expect(log.resultOf(rel(b))).not.toHaveProperty('from');
  });

  it('what is read of it counts in how far it is', async () => {
    rename(a, RENAMED);
    const clock = new VirtualClock();
    box.drive.onRead = () => clock.stall(300);
    const { progress } = await follow(box.work({ ...AT_ONCE, clock }));
    const bytes = box.drive.text(b).length + box.drive.text(RENAMED).length;
    expect(progress.at(-1)).toMatchObject({ bytesDone: bytes, bytesTotal: bytes });
  });

  it('it is read at the rate, and a stop ends it at the next block; the next one finds it', async () => {
    rename(a, RENAMED);
    box.drive.blockBytes = 5;
    const clock = new VirtualClock();
    const stopped = new AbortController();
    const run: VerifyRun = { ...AT_ONCE, clock, stop: stopped.signal, rateBytesPerSecond: 1 };
    const messages: unknown[] = [];
    const caught = follow(box.work(run)).catch((error: unknown) => error);
    box.drive.onRead = (path) => {
      messages.push(path);
      if (path === RENAMED) stopped.abort(new UserError('stopped' as never, 75, 'stopped', 'go on'));
    };
    for (let at = 0; at < 100 && !stopped.signal.aborted; at += 1) {
      await flush();
      clock.advance(1000);
    }
    expect(await caught).toMatchObject({ code: 'stopped' });
    // Of the last file one block was read, not the rate's wait for it.
    expect(messages).toEqual([b, RENAMED]);
    expect(box.of('VerificationFinished')).toEqual([]);
    box.restart();
    box.drive.onRead = () => undefined;
    expect(await resultOf(box.work())).toMatchObject({ renamed: [{ from: a, to: RENAMED }] });
  });
});
