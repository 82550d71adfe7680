import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCardReader } from '../../adapters/fs/card-reader.ts';
import { openDriveStore } from '../../adapters/fs/drive-store.ts';
import { writeDriveIdentity } from '../../adapters/fs/identity.ts';
import { openFolderReader } from '../../adapters/mhl-folder/folder-reader.ts';
import type { Fact } from '../../machines/facts.ts';
import { cardId, type DriveId } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import { checkCard } from '../../services/check/check.ts';
import { learnContent } from '../../services/manifest/learn.ts';
import { sealBackup } from '../../services/manifest/seal.ts';
import type { DriveStore } from '../../services/media-ports.ts';
import type { Copy } from '../../services/ports.ts';
import { verifyDrive, verifyFolder } from '../../services/verify/verify.ts';
import { DRIVE, ListCatalogue, rel } from '../manifest/memory-drive.ts';
import { assertSchema, hasXmllint } from '../manifest/xmllint.ts';
import { resultOf } from './work.ts';

const CARDS = join(import.meta.dirname, '../cards');

let root: string;
let store: DriveStore;
let drive: Drive;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'imagetank-drive-'));
  drive = {
    id: DRIVE,
    label: 'TANK',
    uuid: null,
    path: root,
    kind: 'folder',
    sizeBytes: null,
    fsType: null,
    hardware: null,
    adopted: true,
    writable: true,
  };
  await writeDriveIdentity(root, {
    format: 1,
    id: DRIVE,
    uuid: null,
    label: 'TANK',
    adoptedAt: '2026-11-21T00:00:00Z',
  });
  store = await openDriveStore(drive);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** What a backup in mirror layout leaves: the card's files, and the rows that their facts make. */
async function mirror(card: string): Promise<ListCatalogue> {
  cpSync(join(CARDS, card), join(root, 'Photos', card), { recursive: true });
  const catalogue = new ListCatalogue();
  for await (const { path, sizeBytes, mtimeMs } of store.walk(rel('Photos'))) {
    const { xxh64, verifiedFrom } = await store.readBack(path);
    const copy: Copy = {
      driveId: DRIVE,
      to: path,
      sizeBytes,
      xxh64,
      toMtimeMs: mtimeMs,
      state: 'verified',
      verifiedFrom,
      backupId: null,
    };
    catalogue.rows.push(copy);
  }
  return catalogue;
}

const seal = (catalogue: ListCatalogue, at: string) =>
  sealBackup({
    store,
    copies: () => catalogue.copiesOf({ driveId: DRIVE }),
    original: () => null,
    journalLines: ['{"seq":1}'],
    head: { seq: 1, hash: '0'.repeat(64) },
    backupId: '20261121-1',
    at,
    hostname: 'tank',
    version: '0.1.0',
  });

describe('a real card on a real drive', () => {
  it('is sealed, found clean by verify, learned by another box, and safe to format', async () => {
    const catalogue = await mirror('NIKON');
    const { generations } = await seal(catalogue, '2026-11-21T04:10:37Z');
    expect(generations).toEqual(['Photos/ascmhl/0001_Photos_2026-11-21_041037Z.mhl']);
    expect((await seal(catalogue, '2026-11-21T05:00:00Z')).generations).toEqual([]);

    const facts: Fact[] = [];
    const emit = async (fact: Fact): Promise<void> => {
      if (fact.type === 'CopiesLost') facts.push(fact);
    };
    const clean = { ok: true, files: 4, altered: [], missing: [], new: [] };
    expect(await resultOf(verifyDrive({ store, catalogue, emit }))).toEqual(clean);
    expect(await resultOf(verifyFolder(await openFolderReader(join(root, 'Photos')), root))).toEqual(clean);

    const learned = [];
    for await (const one of learnContent(store, DRIVE, new ListCatalogue())) learned.push(one);
    expect(learned).toMatchObject([
      { fact: { files: catalogue.rows.map(({ to, sizeBytes, xxh64 }) => ({ to, sizeBytes, xxh64 })) } },
    ]);

    const order = {
      reader: createCardReader(),
      card: { id: cardId('card'), root: join(CARDS, 'NIKON'), kind: 'folder' },
      catalogue,
      stores: new Map([[DRIVE, store]]),
      drives: [drive],
      unusable: new Set<DriveId>(),
      offsite: null,
      copies: 'all',
      alteredBefore: () => [],
      clock: { monoMs: () => 0 },
      emit: () => undefined,
    } as const;
    expect(await resultOf(checkCard(order))).toEqual({
      safe: true,
      files: 4,
      verified: 4,
      copies: { asked: 'all', required: 1, lookedAt: 1, onRecord: 0 },
      drives: [{ id: DRIVE, label: drive.label, state: 'attached', files: 4 }],
      missing: [],
      gaps: [],
    });

    appendFileSync(join(root, 'Photos/NIKON/DCIM/100ND750/DSC_0009.JPG'), 'x');
    rmSync(join(root, 'Photos/NIKON/DCIM/100ND750/DSC_0010.JPG'));
    expect(await resultOf(checkCard(order))).toMatchObject({
      safe: false,
      missing: [
        { path: 'DCIM/100ND750/DSC_0009.JPG', why: 'altered' },
        { path: 'DCIM/100ND750/DSC_0010.JPG', why: 'not-on-drive' },
      ],
    });
    expect(await resultOf(verifyDrive({ store, catalogue, emit }))).toMatchObject({ ok: false });
    expect(facts).toMatchObject([
      { type: 'CopiesLost', files: [{ why: 'altered' }] },
      { type: 'CopiesLost', files: [{ why: 'missing' }] },
    ]);
  });

  it.runIf(hasXmllint)('leaves manifests that follow the schema, and no temporary file', async () => {
    const [generation = ''] = (await seal(await mirror('SD32GB-03'), '2026-11-21T04:10:37Z')).generations;
    assertSchema((await store.readText(rel(generation))) ?? '', 'ASCMHL.xsd');
    const chain = (await store.readText(rel('Photos/ascmhl/ascmhl_chain.xml'))) ?? '';
    assertSchema(chain, 'ASCMHLDirectory__combined.xsd');
    expect(readdirSync(join(root, 'Photos/ascmhl'))).toHaveLength(2);
    expect(readdirSync(join(root, '.imagetank/incoming'))).toEqual([]);
  });

  it('is no list of lost files when the drive was pulled', async () => {
    const catalogue = await mirror('NIKON');
    await seal(catalogue, '2026-11-21T04:10:37Z');
    const facts: Fact[] = [];
    const emit = async (fact: Fact): Promise<void> => {
      if (fact.type === 'CopiesLost') facts.push(fact);
    };
    rmSync(root, { recursive: true });
    mkdirSync(root);
    writeFileSync(join(root, 'other'), '');
    await expect(resultOf(verifyDrive({ store, catalogue, emit }))).rejects.toMatchObject({
      name: 'UserError',
      exitCode: 74,
    });
    expect(facts).toEqual([]);
  });
});
