import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDriveStore } from '../../adapters/fs/drive-store.ts';
import { writeDriveIdentity } from '../../adapters/fs/identity.ts';
import { openFolderReader } from '../../adapters/mhl-folder/folder-reader.ts';
import type { Fact } from '../../machines/facts.ts';
import type { ManifestHash } from '../../machines/media.ts';
import { sealReread } from '../../services/manifest/full-generation.ts';
import { RereadLog } from '../../services/manifest/reread-log.ts';
import { sealBackup } from '../../services/manifest/seal.ts';
import type { DriveStore } from '../../services/media-ports.ts';
import type { Copy } from '../../services/ports.ts';
import type { OpenFolder } from '../../services/verify/ports.ts';
import { AT_ONCE } from '../../services/verify/run.ts';
import { verifyDrive, verifyFolder } from '../../services/verify/verify.ts';
import { copyOf, DRIVE, hashOf, ListCatalogue, MemoryDrive, rel } from '../manifest/memory-drive.ts';
import { assertSchema, hasXmllint } from '../manifest/xmllint.ts';
import { digestOf } from './fixtures.ts';
import { resultOf } from './work.ts';

const FORMATS = ['c4', 'md5', 'sha1', 'xxh128', 'xxh3'] as const;
const HEADER = { hostname: 'tank', version: '0.1.0' };
const A = 'Photos/a.mov';
const B = 'Photos/b.mov';
const NEW = 'Photos/new.mov';

let root: string;
let store: DriveStore;
let catalogue: ListCatalogue;
let facts: Fact[];
/** How often each file was opened to be hashed. */
let opened: string[];
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'imagetank-format-'));
  catalogue = new ListCatalogue();
  facts = [];
  opened = [];
  const { drive } = new MemoryDrive({ id: DRIVE, path: root, kind: 'folder', fsType: null });
  await writeDriveIdentity(root, {
    format: 1,
    id: DRIVE,
    uuid: null,
    label: 'TANK',
    adoptedAt: '2026-11-21T00:00:00Z',
  });
  store = await openDriveStore(drive);
  const { readBack } = store;
  store.readBack = (path, ...rest) => {
    if (!path.includes('ascmhl')) opened.push(path);
    return readBack.call(store, path, ...rest);
  };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

async function backup(path: string, changes: Partial<Copy> = {}): Promise<void> {
  const content = `content of ${path}`;
  put(path, content);
  const memory = new MemoryDrive({ id: DRIVE });
  memory.put(path, content);
  catalogue.rows.push(copyOf(memory, path, changes));
}

const seal = () =>
  sealBackup({
    ...HEADER,
    store,
    copies: () => catalogue.copiesOf({ driveId: DRIVE }),
    original: () => null,
    journalLines: [],
    head: { seq: 1, hash: '0'.repeat(64) },
    backupId: '20261121-1',
    at: '2026-11-21T00:00:00Z',
  });

const openFolder: OpenFolder = async (path) => {
  const reader = await openFolderReader(path);
  const hash = reader.hash.bind(reader);
  reader.hash = (file, ...rest) => {
    opened.push(file);
    return hash(file, ...rest);
  };
  return reader;
};

/** `verify --full` on a box with this `hash`. Returns the new generation. */
async function full(format: ManifestHash['format'] | null) {
  const log = new RereadLog(format);
  const emit = async (fact: Fact): Promise<void> => void facts.push(fact);
  const result = await resultOf(verifyDrive({ store, catalogue, emit, openFolder }, AT_ONCE, null, log));
  const { signal: stop } = new AbortController();
  const inJournal = (path: string, xxh64: string) => {
    const copy = catalogue.copyAt(DRIVE, rel(path));
    return copy?.xxh64 === xxh64 ? (copy.hash ?? null) : null;
  };
  const order = { ...HEADER, store, log, hashOf: inJournal, stop, at: '2026-11-22T00:00:00Z' };
  const { generations } = await sealReread(order);
  const text = (await store.readText(generations[0] ?? rel('none'))) ?? '';
  return { result, log, text };
}

/** Each file's hashes in a generation, in its order: format, action, value. */
const hashesOf = (text: string, path: string): string[] => {
  const entry = text.split('<hash>').find((part) => part.includes(`>${path.slice('Photos/'.length)}<`)) ?? '';
  return [...entry.matchAll(/<(\w+) action="(\w+)"[^>]*>([^<]*)</g)].map((match) =>
    match.slice(1, 4).join(' '),
  );
};

describe.each(FORMATS)('with %s', (format) => {
  const both = (content: string, action: string) => [
    `${format} ${action} ${digestOf(format, content)}`,
    `xxh64 ${action} ${hashOf(content)}`,
  ];

  it('every file has both, known or new, as recorded or not, from one reading each', async () => {
    await backup(A);
    await backup(B);
    await seal();
    put(B, 'bad');
    put(NEW, 'new');
    const { result, text } = await full(format);
    expect(result).toMatchObject({ ok: false, files: 2, altered: [B], new: [NEW] });
    expect(hashesOf(text, A)).toEqual(both(`content of ${A}`, 'verified'));
    expect(hashesOf(text, B)).toEqual(both('bad', 'failed'));
    expect(hashesOf(text, NEW)).toEqual(both('new', 'original'));
    expect(opened).toEqual([A, B, NEW]);
    if (hasXmllint) assertSchema(text, 'ASCMHL.xsd');
  });

  it('what the journal has is compared, and not kept a second time', async () => {
    const hash = { format, value: digestOf(format, `content of ${A}`) };
    await backup(A, { hash });
    await seal();
    const { result, log, text } = await full(format);
    expect(result.ok).toBe(true);
    expect(log.resultOf(rel(A))).toEqual({ xxh64: hashOf(`content of ${A}`), action: 'verified' });
    expect(hashesOf(text, A)).toEqual(both(`content of ${A}`, 'verified'));
  });

  it('a file that agrees with the journal in XXH64 only is altered', async () => {
    await backup(A, { hash: { format, value: digestOf(format, 'something else') } });
    await seal();
    const { result, text } = await full(format);
    expect(result).toMatchObject({ ok: false, altered: [A] });
    expect(facts).toContainEqual(expect.objectContaining({ type: 'CopiesLost' }));
    expect(hashesOf(text, A)).toEqual(both(`content of ${A}`, 'failed'));
  });

  it('another tool can hold the drive against it', async () => {
    await backup(A);
    await seal();
    await full(format);
    const reader = { ...(await plain()), formats: new Set([format]) };
    expect(await resultOf(verifyFolder(reader, root))).toMatchObject({ ok: true, files: 1 });
    renameSync(join(root, A), join(root, B));
    const renamed = [{ from: A, to: B }];
    expect(await resultOf(verifyFolder(reader, root))).toMatchObject({ ok: false, missing: [A], renamed });
    renameSync(join(root, B), join(root, A));
    put(A, 'Content of Photos/a.mov');
    expect(await resultOf(verifyFolder(reader, root))).toMatchObject({ ok: false, altered: [A] });
  });
});

/** What a spread leaves out of a class. */
async function plain() {
  const reader = await openFolderReader(root);
  return {
    list: reader.list.bind(reader),
    stat: reader.stat.bind(reader),
    readText: reader.readText.bind(reader),
    walk: reader.walk.bind(reader),
    hash: reader.hash.bind(reader),
    isPresent: reader.isPresent.bind(reader),
  };
}

describe('without another format', () => {
  it('files have XXH64 alone, also where the journal has more from earlier', async () => {
    await backup(A, { hash: { format: 'md5', value: digestOf('md5', `content of ${A}`) } });
    await seal();
    const { text } = await full(null);
    expect(hashesOf(text, A)).toEqual([`xxh64 verified ${hashOf(`content of ${A}`)}`]);
    expect(opened).toEqual([A]);
  });
});

describe('another format than the one of the backups', () => {
  it('is read anew: the journal is not asked for it', async () => {
    await backup(A, { hash: { format: 'md5', value: 'f'.repeat(32) } });
    await seal();
    const { result, text } = await full('sha1');
    expect(result.ok).toBe(true);
    expect(hashesOf(text, A).map((hash) => hash.split(' ')[0])).toEqual(['sha1', 'xxh64']);
  });
});
