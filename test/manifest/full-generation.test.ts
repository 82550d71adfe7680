import { describe, expect, it } from 'vitest';
import { UserError } from '../../services/errors.ts';
import { c4OfText } from '../../services/manifest/c4.ts';
import { sealReread } from '../../services/manifest/full-generation.ts';
import { openHistory } from '../../services/manifest/history.ts';
import { MAX_ITEMS_A_GENERATION } from '../../services/manifest/history-writer.ts';
import { readChain } from '../../services/manifest/mhl-reader.ts';
import { chainText, generationText } from '../../services/manifest/mhl-writer.ts';
import { RereadLog } from '../../services/manifest/reread-log.ts';
import { sealBackup } from '../../services/manifest/seal.ts';
import { verifyDrive } from '../../services/verify/verify.ts';
import { resultOf } from '../verify/work.ts';
import { copyOf, hashOf, ListCatalogue, MemoryDrive, PowerCut, rel } from './memory-drive.ts';
import { assertSchema, hasXmllint } from './xmllint.ts';

const A = 'Photos/2026/2026-11-21/IMG_0001.CR3';
const B = 'Photos/2026/2026-11-22/IMG_0002.CR3';
const EJECTED = new UserError('drive-ejected', 75, 'stopped', '');
const HEADER = { at: '2026-11-23T00:00:00Z', hostname: 'tank', version: '0.1.0' };
const FIRST = 'Photos/ascmhl/0001_Photos_2026-11-21_000000Z.mhl';
const SECOND = 'Photos/ascmhl/0002_Photos_2026-11-23_000000Z.mhl';
const CHAIN = 'Photos/ascmhl/ascmhl_chain.xml';

/** A drive with what a backup sealed, and the log of a verification that found everything as it was. */
async function sealedDrive(...paths: string[]) {
  const drive = new MemoryDrive();
  for (const path of paths) drive.put(path, `content of ${path}`);
  await sealBackup({
    store: drive,
    copies: () => paths.map((path) => copyOf(drive, path)),
    original: () => null,
    journalLines: [],
    head: { seq: 1, hash: '0'.repeat(64) },
    backupId: '20261121-1',
    ...HEADER,
    at: '2026-11-21T00:00:00Z',
  });
  const log = new RereadLog();
  const read = (path: string, finding: 'intact' | 'altered' | 'new' = 'intact') =>
    log.add(rel(path), finding, hashOf(drive.text(path)));
  const seal = (stop = new AbortController().signal) => sealReread({ store: drive, log, stop, ...HEADER });
  const verify = () =>
    resultOf(verifyDrive({ store: drive, catalogue: new ListCatalogue(), emit: async () => undefined }));
  return { drive, log, read, seal, verify };
}

/** Path → action, of the files of a generation. */
const actions = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/<hash>\s*<path [^>]*>([^<]*)<\/path>\s*<xxh64 action="(\w+)"/g)].map(
      ([, path = '', action = '']) => [path, action],
    ),
  );
const folders = (text: string): (string | undefined)[] =>
  [...text.matchAll(/<directoryhash>\s*<path>([^<]*)</g)].map(([, path]) => path);

describe('the generation of a verification', () => {
  it('lists every file as verified, every folder with its hashes, and the root', async () => {
    const { drive, read, seal } = await sealedDrive(A, B);
    read(A);
    read(B);
    expect(await seal()).toEqual({
      generations: [SECOND],
      files: 2,
      folders: 3,
      settled: { generations: [FIRST, SECOND], extent: 'all' },
    });
    const text = drive.text(SECOND);
    expect(text).toContain('<process>in-place</process>');
    expect(actions(text)).toEqual({
      '2026/2026-11-21/IMG_0001.CR3': 'verified',
      '2026/2026-11-22/IMG_0002.CR3': 'verified',
    });
    expect(folders(text)).toEqual(['2026/2026-11-21', '2026/2026-11-22', '2026']);
    expect(text.match(/<roothash>/g)).toHaveLength(1);
    const chain = readChain(drive.text(CHAIN));
    expect(chain.map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(chain[1]?.c4).toBe(c4OfText(text));
  });

  it.runIf(hasXmllint)('follows the schema, whatever was found', async () => {
    const { drive, log, read, seal } = await sealedDrive(A, B, 'Photos/x.jpg');
    read(A);
    read(B, 'altered');
    log.add(rel('Photos/x.jpg'), 'altered', null);
    drive.put('Photos/new & "odd" <name>.jpg', 'new');
    read('Photos/new & "odd" <name>.jpg', 'new');
    await seal();
    assertSchema(drive.text(SECOND), 'ASCMHL.xsd');
    assertSchema(drive.text(CHAIN), 'ASCMHLDirectory__combined.xsd');
  });

  it('says what failed with the hash that it has now, and the older word goes on counting', async () => {
    const { drive, read, seal, verify } = await sealedDrive(A, B);
    drive.put(A, 'altered');
    read(A, 'altered');
    read(B);
    await seal();
    expect(actions(drive.text(SECOND))['2026/2026-11-21/IMG_0001.CR3']).toBe('failed');
    expect(drive.text(SECOND)).toContain(hashOf('altered'));
    expect(await verify()).toMatchObject({ ok: false, altered: [A], missing: [], new: [] });
  });

  describe('of a renamed file', () => {
    const TO = 'Photos/best & brightest.CR3';
    const renamed = async () => {
      const scene = await sealedDrive(A, B);
      scene.drive.put(TO, scene.drive.text(A));
      scene.drive.files.delete(A);
      scene.read(B);
      scene.read(TO, 'new');
      scene.log.renamed(rel(TO), rel(A));
      return scene;
    };

    it('has its old name: from then on it is where it was listed', async () => {
      const { drive, seal, verify } = await renamed();
      expect(await verify()).toMatchObject({ ok: false, missing: [A], renamed: [{ from: A, to: TO }] });
      await seal();
      const old = A.slice('Photos/'.length);
      expect(drive.text(SECOND)).toContain(`<previousPath>${old}</previousPath>`);
      if (hasXmllint) assertSchema(drive.text(SECOND), 'ASCMHL.xsd');
      expect(await verify()).toEqual({ ok: true, files: 2, altered: [], missing: [], new: [] });
      drive.put(TO, 'altered');
      expect(await verify()).toMatchObject({ ok: false, altered: [TO], missing: [] });
    });

    it('has not when something lies under its old name again, which must go on being verified', async () => {
      const { drive, seal, verify } = await renamed();
      drive.put(A, `content of ${A}`);
      await seal();
      expect(drive.text(SECOND)).not.toContain('previousPath');
      drive.put(A, 'altered');
      expect(await verify()).toMatchObject({ ok: false, altered: [A] });
    });

    it('has not in another history: that one goes on asking for it', async () => {
      const { drive, log, read, seal, verify } = await sealedDrive(A, B);
      drive.put('Other/a.CR3', drive.text(A));
      drive.files.delete(A);
      read(B);
      read('Other/a.CR3', 'new');
      log.renamed(rel('Other/a.CR3'), rel(A));
      const { generations } = await seal();
      for (const path of generations) expect(drive.text(path)).not.toContain('previousPath');
      expect(await verify()).toMatchObject({ ok: false, missing: [A] });
    });
  });

  it('leaves what is missing to the older generation', async () => {
    const { drive, log, read, seal, verify } = await sealedDrive(A, B);
    drive.files.delete(A);
    log.add(rel(A), 'missing', null);
    read(B);
    await seal();
    expect(Object.keys(actions(drive.text(SECOND)))).toEqual(['2026/2026-11-22/IMG_0002.CR3']);
    expect(await verify()).toMatchObject({ ok: false, missing: [A] });
  });

  it('lists what is new as original: it is not new next time', async () => {
    const { drive, read, seal, verify } = await sealedDrive(A);
    read(A);
    drive.put(B, 'somebody else');
    expect(await verify()).toMatchObject({ ok: true, new: [B] });
    read(B, 'new');
    await seal();
    expect(actions(drive.text(SECOND))['2026/2026-11-22/IMG_0002.CR3']).toBe('original');
    expect(drive.text(SECOND)).toContain(hashOf('somebody else'));
    expect(await verify()).toMatchObject({ ok: true, new: [], files: 2 });
  });

  it('gives no hash to a folder in which something could not be read, nor to those above it', async () => {
    const { drive, log, read, seal } = await sealedDrive(A, B);
    log.add(rel(A), 'altered', null);
    read(B);
    drive.put('Photos/2025/new.jpg', 'new');
    log.add(rel('Photos/2025/new.jpg'), 'new', null);
    drive.put('Photos/2024/ok.jpg', 'ok');
    read('Photos/2024/ok.jpg', 'new');
    await seal();
    expect(Object.keys(actions(drive.text(SECOND)))).toEqual(['2024/ok.jpg', '2026/2026-11-22/IMG_0002.CR3']);
    expect(folders(drive.text(SECOND))).toEqual(['2024', '2026/2026-11-22']);
    expect(drive.text(SECOND)).not.toContain('<roothash>');
  });

  it('leaves what came after the verification to the next seal, unread; no folder above it has a hash', async () => {
    const { drive, read, seal } = await sealedDrive(A, B);
    read(A);
    read(B);
    drive.put('Photos/2026/2026-11-22/late.jpg', 'late');
    drive.onRead = (path) => expect(path).not.toContain('late');
    await seal();
    expect(Object.keys(actions(drive.text(SECOND)))).not.toContain('2026/2026-11-22/late.jpg');
    expect(folders(drive.text(SECOND))).toEqual(['2026/2026-11-21']);
    expect(drive.text(SECOND)).not.toContain('<roothash>');
  });

  it('is not begun once the verification was stopped', async () => {
    const { drive, read, seal } = await sealedDrive(A);
    read(A);
    drive.writes.length = 0;
    drive.readText = () => Promise.reject(new Error('it reads'));
    await expect(seal(AbortSignal.abort(EJECTED))).rejects.toBe(EJECTED);
    expect(drive.writes).toEqual([]);
  });

  it.each([0, 1])('ends at the next file when it is stopped in the walk, after %i', async (files) => {
    const { drive, read, seal } = await sealedDrive(A, B);
    read(A);
    read(B);
    drive.writes.length = 0;
    const stop = new AbortController();
    const { walk } = drive;
    let walked = 0;
    drive.walk = async function* (folder) {
      for await (const found of walk.call(drive, folder)) {
        if (found.path.endsWith('.CR3') && walked++ === files) stop.abort(EJECTED);
        yield found;
        expect(stop.signal.aborted).toBe(false);
      }
    };
    await expect(seal(stop.signal)).rejects.toBe(EJECTED);
    expect(drive.writes).toEqual([]);
  });

  it('is not written when it was stopped behind the last file', async () => {
    const { drive, read, seal } = await sealedDrive(A);
    read(A);
    drive.writes.length = 0;
    const stop = new AbortController();
    const { walk } = drive;
    drive.walk = async function* (folder) {
      yield* walk.call(drive, folder);
      stop.abort(EJECTED);
    };
    await expect(seal(stop.signal)).rejects.toBe(EJECTED);
    expect(drive.writes).toEqual([]);
  });

  it('that is being written gets its chain, whatever happens', async () => {
    const { drive, read, seal } = await sealedDrive(A);
    read(A);
    const stop = new AbortController();
    drive.afterWrite = () => stop.abort(EJECTED);
    // The next root is not begun.
    await expect(seal(stop.signal)).rejects.toBe(EJECTED);
    expect(readChain(drive.text(CHAIN))).toHaveLength(2);
  });

  it('writes nothing for a root without files', async () => {
    const { drive, read, seal } = await sealedDrive(A);
    read(A);
    await seal();
    expect(drive.paths('Other')).toEqual([]);
  });

  it('leaves what systems drop on a disk out of files and hashes, but not a copy of ours with such a name', async () => {
    const { drive, read, seal } = await sealedDrive(A, 'Photos/._copy.jpg');
    read(A);
    read('Photos/._copy.jpg');
    const without = async () => {
      await seal();
      return drive
        .text(drive.paths('Photos/ascmhl').at(-2) ?? '')
        .match(/<roothash>[\s\S]*<\/roothash>/)?.[0];
    };
    const before = await without();
    drive.put('Photos/Thumbs.db', 'thumbs');
    drive.put('Photos/.Trash-1000/x.jpg', 'trash');
    expect(await without()).toBe(before);
    const last = drive.text('Photos/ascmhl/0003_Photos_2026-11-23_000000Z.mhl');
    expect(Object.keys(actions(last)).sort()).toEqual(['._copy.jpg', '2026/2026-11-21/IMG_0001.CR3']);
    expect(last).toContain('<pattern>Thumbs.db</pattern>');
  });

  it('carries on the ignore patterns of every generation, and the files that they name are left out', async () => {
    const { drive, read, seal } = await sealedDrive(A);
    read(A);
    const foreign = [
      ...generationText({ ...HEADER, ignored: ['*.tmp'] }, [
        { path: rel('b.jpg'), sizeBytes: 1, mtimeMs: null, xxh64: hashOf('b'), action: 'original' },
      ]),
    ].join('');
    const name = '0002_somebody_2026-11-22_000000Z.mhl';
    drive.put(`Photos/ascmhl/${name}`, foreign);
    const chain = [...readChain(drive.text(CHAIN)), { sequence: 2, name, c4: c4OfText(foreign) }];
    drive.put(CHAIN, chainText(chain));
    drive.put('Photos/x.tmp', 'temporary');
    const { generations } = await seal();
    const text = drive.text(generations[0] ?? '');
    expect(text).toContain('<pattern>*.tmp</pattern>');
    expect(text).not.toContain('x.tmp');
    expect(readChain(drive.text(CHAIN)).slice(0, 2)).toEqual(chain);
    expect(drive.text(`Photos/ascmhl/${name}`)).toBe(foreign);
  });

  it('starts a further generation before one grows too large; the last has the hash of the root', async () => {
    const { drive, seal, log } = await sealedDrive(A);
    const count = MAX_ITEMS_A_GENERATION + 1;
    const { walk } = drive;
    drive.walk = async function* (folder) {
      if (folder !== 'Photos') return yield* walk.call(drive, folder);
      for (let at = 0; at < count; at += 1) yield { path: rel(`Photos/D/${at}`), sizeBytes: 1, mtimeMs: 0 };
    };
    for (let at = 0; at < count; at += 1) log.add(rel(`Photos/D/${at}`), 'intact', hashOf(`${at}`));
    const { generations, files, folders: hashed } = await seal();
    expect([files, hashed, generations.length]).toEqual([count, 1, 2]);
    const [first = '', second = ''] = generations.map((path) => drive.text(path));
    expect([first, second].map((text) => text.includes('<roothash>'))).toEqual([false, true]);
    expect(folders(second)).toEqual(['D']);
    expect(Object.keys(actions(first)).length + Object.keys(actions(second)).length).toBe(count);
  });

  it.each([
    0, 1,
  ])('killed after %i writes leaves a history that the next one goes on with', async (writes) => {
    const { drive, read, seal, verify } = await sealedDrive(A);
    read(A);
    drive.writesLeft = writes;
    await expect(seal()).rejects.toThrow(PowerCut);
    drive.writesLeft = -1;
    expect(await verify()).toMatchObject({ ok: true, altered: [], missing: [] });
    await seal();
    const history = await openHistory(drive, rel('Photos'));
    for await (const _ of history.files());
    expect(history.problems).toEqual([]);
    expect(readChain(drive.text(CHAIN))).toHaveLength(2 + writes);
  });
});
