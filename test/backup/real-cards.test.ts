import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createExifReader } from '../../adapters/exif/exif-reader.ts';
import { openNodeWorker } from '../../adapters/node/worker.ts';
import { learnContent } from '../../services/manifest/learn.ts';
import { sealBackup } from '../../services/manifest/seal.ts';
import type { DriveStore, MetadataReader } from '../../services/media-ports.ts';
import { type BuiltWorker, buildExifWorker } from '../exif/build-worker.ts';
import { type Order, type World, world } from './world.ts';

const CARDS = join(import.meta.dirname, '../cards');

let worker: BuiltWorker;
let metadata: MetadataReader;
beforeAll(async () => {
  worker = await buildExifWorker();
  metadata = createExifReader({ open: openNodeWorker, workerPath: worker.workerPath });
});
afterAll(async () => {
  await metadata.stop();
  await worker.remove();
});

const seal =
  (box: World) =>
  async (store: DriveStore): Promise<void> => {
    await sealBackup({
      store,
      copies: () => box.journal.catalogue.copiesOf({ driveId: store.drive.id }),
      original: () => null,
      journalLines: box.journal.facts.map((fact) => JSON.stringify(fact)),
      head: { seq: box.journal.facts.length, hash: '0'.repeat(64) },
      backupId: 'test',
      at: '2026-11-21T10:00:00.000Z',
      hostname: 'tank',
      version: '0.1.0',
    });
  };

const photosOf = async (box: World): Promise<string[]> =>
  Object.keys(await box.onDrive()).filter((path) => !path.includes('/ascmhl/'));

const order = (box: World): Order => ({ metadata, seal: seal(box) });

test('real pictures go to the day that their camera wrote', async () => {
  const box = await world();
  box.card = { ...box.card, path: join(CARDS, 'NIKON'), label: 'NIKON' };
  expect(await box.backup(order(box))).toMatchObject({ type: 'BackupFinished', totals: { copied: 4 } });
  // Days of test/cards/README.md; the fourth camera wrote zeros, so that one goes by its modification time.
  const paths = await photosOf(box);
  expect(paths).toHaveLength(4);
  expect(paths).toEqual(
    expect.arrayContaining([
      'Photos/2004/2004-06-29/DSC_0009.JPG',
      'Photos/2010/2010-03-01/DSC_0011.NEF',
      'Photos/2010/2010-03-01/DSC_0012.NEF',
    ]),
  );
});

test('broken files are copied like any other', async () => {
  const box = await world();
  box.card = { ...box.card, path: join(CARDS, 'BROKEN'), label: 'BROKEN' };
  const end = await box.backup(order(box));
  expect(end).toMatchObject({
    type: 'BackupFinished',
    totals: { failed: 0 },
    notes: [
      expect.stringMatching(/^DCIM.*BAD_000\d\.JPG and 2 others have no capture date that can be read/),
    ],
  });
  expect(await box.backup(order(box))).toMatchObject({ totals: { copied: 0 } });
});

test('another box learns the drive from its manifests and copies nothing', async () => {
  const box = await world();
  box.card = { ...box.card, path: join(CARDS, 'SD32GB-03'), label: 'SD32GB-03' };
  expect(await box.backup(order(box))).toMatchObject({ type: 'BackupFinished', totals: { copied: 4 } });

  const other = await world();
  const learned: Order = { ...order(other), drives: [box.drive], card: box.card };
  for await (const learning of learnContent(box.drive, box.drive.drive.id, other.journal.catalogue)) {
    if ('fact' in learning) await other.journal.emit(learning.fact);
  }
  expect(await other.backup(learned)).toMatchObject({
    type: 'BackupFinished',
    totals: { copied: 0, duplicates: 4 },
  });
});

test('what an interrupted backup left unsealed is in the next seal', async () => {
  const box = await world();
  box.card = { ...box.card, path: join(CARDS, 'SD32GB-03'), label: 'SD32GB-03' };
  let settled = false;
  await box.backup({
    ...order(box),
    emit: async (fact) => {
      await box.journal.emit(fact);
      settled ||= fact.type === 'FilesSettled';
    },
    stop: () => (settled ? 'shutdown' : null),
  });
  expect(box.journal.last().type).toBe('BackupInterrupted');
  expect((await box.onDrive())['Photos/ascmhl/ascmhl_chain.xml']).toBeUndefined();
  await box.backup(order(box));
  const manifest = Object.entries(await box.onDrive()).find(([path]) => path.endsWith('.mhl'))?.[1] ?? '';
  for (const path of await photosOf(box)) expect(manifest).toContain(path.slice('Photos/'.length));
});
