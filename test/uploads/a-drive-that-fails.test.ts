import { Buffer } from 'node:buffer';
import { readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { DriveError } from '../../services/errors.ts';
import { BLOCK_BYTES, CHECKPOINT_BYTES } from '../../services/uploads/pouring.ts';
import type { Uploads } from '../../services/uploads/uploads.ts';
import { useCleaner } from '../fs/folders.ts';
import { type Bend, Harbour, inInbox, staged } from './kit.ts';
import { beginIn, codeOf, delivery, pieces } from './sending.ts';

const clean = useCleaner();
let harbour: Harbour;
let root: string;
let uploads: Uploads;

beforeEach(async () => {
  harbour = new Harbour(await clean.folder());
  root = await harbour.adopt('tank');
  uploads = harbour.uploads();
});

function bend(changed: Bend): void {
  harbour.bend = changed;
  uploads = harbour.uploads();
}

/** Once, as the kernel tells of what it lost: whoever asks again hears that all is well. */
function failingOnce(reason: DriveError['reason'] = 'drive-failing') {
  const asked = { times: 0 };
  const fail = (): void => {
    asked.times += 1;
    if (asked.times === 1) throw new DriveError(reason, 'EIO');
  };
  return { asked, fail };
}

const isGone = async (id: string) => {
  expect(await codeOf(uploads.state('phone', id))).toBe('no-such-upload');
  expect(staged(root)).toEqual([]);
  expect(inInbox(root)).toEqual([]);
};

describe('a sync that failed is not tried again, and what it was of is thrown away', () => {
  const syncOnce = (once: ReturnType<typeof failingOnce>) =>
    bend((store) => ({
      sync: async (id) => {
        once.fail();
        await store.sync(id);
      },
    }));

  test('at a checkpoint', async () => {
    const once = failingOnce();
    syncOnce(once);
    const id = await beginIn(uploads, CHECKPOINT_BYTES + 5);
    const body = pieces(new Uint8Array(CHECKPOINT_BYTES), 'abcde');
    await expect(uploads.receive('phone', id, delivery(body))).rejects.toThrow('EIO');
    expect(once.asked.times).toBe(1);
    await isGone(id);
    expect(harbour.warnings.join()).toContain('thrown away');
  });

  test('at the end of a piece', async () => {
    const id = await beginIn(uploads, 9);
    await uploads.receive('phone', id, delivery(pieces('abc')));
    const once = failingOnce();
    syncOnce(once);
    await expect(uploads.receive('phone', id, delivery(pieces('def'), { offset: 3 }))).rejects.toThrow('EIO');
    expect(once.asked.times).toBe(1);
    await isGone(id);
  });

  test('where the connection broke', async () => {
    const id = await beginIn(uploads, 9);
    const once = failingOnce('drive-full');
    syncOnce(once);
    const body = pieces('abc', new Error('reset'));
    await expect(uploads.receive('phone', id, delivery(body))).rejects.toThrow('reset');
    expect(once.asked.times).toBe(1);
    await isGone(id);
  });

  test('but not of a drive that was pulled: it is back with what was kept before', async () => {
    const id = await beginIn(uploads, 9);
    await uploads.receive('phone', id, delivery(pieces('abc')));
    const once = failingOnce('drive-lost');
    syncOnce(once);
    await expect(uploads.receive('phone', id, delivery(pieces('def'), { offset: 3 }))).rejects.toThrow('EIO');
    expect(once.asked.times).toBe(1);
    expect(await uploads.state('phone', id)).toMatchObject({ offset: 3 });
    expect(harbour.warnings).toEqual([]);
  });

  test('of its record: nobody knows which one a power cut would leave', async () => {
    const id = await beginIn(uploads, 9);
    await uploads.receive('phone', id, delivery(pieces('abc')));
    const once = failingOnce();
    bend((store) => ({
      save: async (of, record) => {
        await store.save(of, record);
        once.fail();
      },
    }));
    await expect(uploads.receive('phone', id, delivery(pieces('def'), { offset: 3 }))).rejects.toThrow('EIO');
    expect(once.asked.times).toBe(1);
    await isGone(id);
  });

  test('when it is moved into the inbox', async () => {
    const id = await beginIn(uploads, 3);
    const once = failingOnce();
    bend(() => ({ settle: async () => Promise.reject(once.fail()) }));
    await expect(uploads.receive('phone', id, delivery(pieces('abc')))).rejects.toThrow('EIO');
    await isGone(id);
  });
});

describe('a write that failed', () => {
  const writeOnce = (reason?: DriveError['reason']) => {
    const { fail } = failingOnce(reason);
    const synced: string[] = [];
    bend((store) => ({
      write: async (id, at, bytes) => {
        if (at > 0) fail();
        await store.write(id, at, bytes);
      },
      sync: async (id) => {
        synced.push(id);
        await store.sync(id);
      },
    }));
    return synced;
  };
  const twoBlocks = () => pieces(new Uint8Array(BLOCK_BYTES), new Uint8Array(BLOCK_BYTES));

  test('takes with it what was written before and not synced', async () => {
    const synced = writeOnce();
    const id = await beginIn(uploads, 2 * BLOCK_BYTES);
    await expect(uploads.receive('phone', id, delivery(twoBlocks()))).rejects.toThrow('EIO');
    expect(synced).toEqual([]);
    await isGone(id);
  });

  test('for want of room goes on, when there is some, from where it was kept before', async () => {
    const synced = writeOnce('drive-full');
    const id = await beginIn(uploads, 2 * BLOCK_BYTES);
    await expect(uploads.receive('phone', id, delivery(twoBlocks()))).rejects.toThrow('EIO');
    expect(synced).toEqual([]);
    expect(await uploads.state('phone', id)).toMatchObject({ offset: 0 });
    await uploads.receive('phone', id, delivery(twoBlocks()));
    expect(readFileSync(join(root, 'inbox/phone-phone/IMG_0001.JPG'))).toHaveLength(2 * BLOCK_BYTES);
  });
});

describe('a file that is shorter than what was told is gone: no zeros take the place of what is missing', () => {
  test('before it is gone on with', async () => {
    const id = await beginIn(uploads, 12);
    await uploads.receive('phone', id, delivery(pieces('abcdef')));
    truncateSync(join(root, `.imagetank/uploads/${id}.part`), 5);
    const goingOn = uploads.receive('phone', id, delivery(pieces('ghijkl'), { offset: 6 }));
    expect(await codeOf(goingOn)).toBe('no-such-upload');
    await uploads.limits();
    await isGone(id);
  });

  test('under the hands of the one that moves it', async () => {
    bend((store) => ({
      settle: async (id, record, to) => {
        truncateSync(join(root, `.imagetank/uploads/${id}.part`), 5);
        return store.settle(id, record, to);
      },
    }));
    const id = await beginIn(uploads, 6);
    const sending = uploads.receive('phone', id, delivery(pieces('abcdef')));
    await expect(sending).rejects.toMatchObject({ reason: 'drive-failing' });
    await isGone(id);
  });

  test('longer is what a power cut left behind what is known: it is cut off', async () => {
    const id = await beginIn(uploads, 6);
    await uploads.receive('phone', id, delivery(pieces('abc')));
    truncateSync(join(root, `.imagetank/uploads/${id}.part`), 100);
    await uploads.receive('phone', id, delivery(pieces('def'), { offset: 3 }));
    const arrived = readFileSync(join(root, 'inbox/phone-phone/IMG_0001.JPG'));
    expect(arrived).toEqual(Buffer.from('abcdef'));
  });
});
