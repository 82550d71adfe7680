import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { BLOCK_BYTES, CHECKPOINT_BYTES } from '../../services/uploads/pouring.ts';
import type { Uploads } from '../../services/uploads/uploads.ts';
import { useCleaner } from '../fs/folders.ts';
import { Harbour, inInbox } from './kit.ts';
import { beginIn, codeOf, delivery, pieces } from './sending.ts';

/** A client takes an offset that is the length for success, and then people delete. */
const clean = useCleaner();
let harbour: Harbour;
let root: string;
let uploads: Uploads;

beforeEach(async () => {
  harbour = new Harbour(await clean.folder());
  root = await harbour.adopt('tank');
  uploads = harbour.uploads();
});

const full = () => {
  throw new Error('no room to move it');
};

test('all bytes that came without an end of the body are not told as whole: one is sent again', async () => {
  const id = await beginIn(uploads, 6);
  const broken = uploads.receive('phone', id, delivery(pieces('abcdef', new Error('reset'))));
  await expect(broken).rejects.toThrow('reset');
  expect(await uploads.state('phone', id)).toMatchObject({ offset: 5 });
  expect(inInbox(root)).toEqual([]);
  await uploads.receive('phone', id, delivery(pieces('f'), { offset: 5 }));
  expect(readFileSync(join(root, 'inbox/phone-phone/IMG_0001.JPG'), 'utf8')).toBe('abcdef');
});

test('nor one that came whole in full blocks, and was cut while its end was on its way', async () => {
  const id = await beginIn(uploads, BLOCK_BYTES);
  const body = pieces(new Uint8Array(BLOCK_BYTES), new Error('reset'));
  await expect(uploads.receive('phone', id, delivery(body))).rejects.toThrow('reset');
  expect(await uploads.state('phone', id)).toMatchObject({ offset: BLOCK_BYTES - 1 });
});

test('nor one whose end is a checkpoint, when it could not be moved', async () => {
  harbour.bend = () => ({ settle: async () => full() });
  uploads = harbour.uploads();
  const id = await beginIn(uploads, CHECKPOINT_BYTES);
  const body = pieces(new Uint8Array(CHECKPOINT_BYTES));
  await expect(uploads.receive('phone', id, delivery(body))).rejects.toThrow('no room');
  harbour.bend = () => ({});
  uploads = harbour.uploads();
  const { offset } = await uploads.state('phone', id);
  expect(offset).toBe(CHECKPOINT_BYTES - 1);
  await uploads.receive('phone', id, delivery(pieces(new Uint8Array(1)), { offset }));
  expect(inInbox(root)).toHaveLength(1);
});

test('one of which all bytes are kept is moved when somebody asks, and told as whole only then', async () => {
  harbour.bend = (store) => ({
    create: (id, record) => store.create(id, { ...record, syncedBytes: record.sizeBytes }),
    get: async (id) => {
      await store.write(id, 0, Buffer.from('abc')).catch(() => undefined);
      return store.get(id);
    },
    settle: async () => full(),
  });
  const id = await beginIn(uploads, 3);
  await expect(uploads.state('phone', id)).rejects.toThrow('no room');
  harbour.bend = () => ({});
  const [closed, stopped] = [harbour.uploads({ takes: false }), harbour.uploads()];
  await stopped.stop();
  expect(await codeOf(closed.state('phone', id))).toBe('uploads-off');
  expect(await codeOf(stopped.state('phone', id))).toBe('stopping');
  uploads = harbour.uploads();
  expect(await uploads.state('phone', id)).toMatchObject({ offset: 3 });
  expect(inInbox(root)).toEqual(['phone-phone/IMG_0001.JPG']);
});
