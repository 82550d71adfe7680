import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { isUserError } from '../../services/errors.ts';
import type { Delivery } from '../../services/uploads/ports.ts';
import { UPLOAD_ID } from '../../services/uploads/ports.ts';
import { BLOCK_BYTES, CHECKPOINT_BYTES, Pouring } from '../../services/uploads/pouring.ts';
import { largestUpload } from '../../services/uploads/room.ts';
import type { Uploads } from '../../services/uploads/uploads.ts';
import { useCleaner } from '../fs/folders.ts';
import { b64, GIB, Harbour, inInbox, recordOf, staged } from './kit.ts';

const clean = useCleaner();
let harbour: Harbour;
let root: string;
let uploads: Uploads;

beforeEach(async () => {
  harbour = new Harbour(await clean.folder());
  root = await harbour.adopt('tank');
  uploads = harbour.uploads();
});

async function* pieces(...all: readonly (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const one of all) {
    if (one instanceof Error) throw one;
    yield Buffer.from(one);
  }
}

const delivery = (body: AsyncIterable<Uint8Array>, more: Partial<Delivery> = {}): Delivery => ({
  ...{ offset: 0, length: null, body },
  ...{ cut: () => undefined, check: () => undefined },
  ...more,
});

const begin = async (sizeBytes: number, sender: string | null = 'phone') =>
  (await uploads.create(sender, sizeBytes, `filename ${b64('IMG_0001.JPG')}`)).id;

const codeOf = async (work: Promise<unknown>): Promise<unknown> => {
  const error = await work.catch((thrown: unknown) => thrown);
  return isUserError(error) ? error.code : error;
};

describe('limits', () => {
  beforeEach(() => {
    harbour = new Harbour('/nowhere');
    harbour.moor('tank');
    uploads = harbour.uploads();
  });

  test('16 open ones of a device, 32 in all; one that is over makes room', async () => {
    const ids = [];
    for (let at = 0; at < 16; at += 1) ids.push(await begin(3, 'one'));
    expect(await codeOf(begin(3, 'one'))).toBe('too-many-uploads');
    for (let at = 0; at < 16; at += 1) await begin(3, 'two');
    expect(await codeOf(begin(3, 'three'))).toBe('too-many-uploads');
    await uploads.receive('one', ids[0] ?? '', delivery(pieces('abc')));
    await begin(3, 'three');
  });

  test('those that are begun side by side are counted, too', async () => {
    const begun = await Promise.allSettled(Array.from({ length: 20 }, () => begin(3)));
    expect(begun.filter(({ status }) => status === 'fulfilled')).toHaveLength(16);
  });

  test.each([
    ['twice its size', { freeBytes: 10 * GIB, sizeBytes: 100 * GIB, maxFileBytes: null }, 0, [], 5 * GIB],
    [
      'beside the reserve',
      { freeBytes: 10 * GIB, sizeBytes: 100 * GIB, maxFileBytes: null },
      GIB,
      [],
      4.5 * GIB,
    ],
    [
      'of a small drive 5 % at most',
      { freeBytes: 10 * GIB, sizeBytes: 10 * GIB, maxFileBytes: null },
      GIB,
      [],
      4.75 * GIB,
    ],
    ['64 GiB at most', { freeBytes: 1000 * GIB, sizeBytes: 1000 * GIB, maxFileBytes: null }, 0, [], 64 * GIB],
    [
      'what FAT takes',
      { freeBytes: 100 * GIB, sizeBytes: 100 * GIB, maxFileBytes: 2 ** 32 - 1 },
      0,
      [],
      2 ** 32 - 1,
    ],
    ['nothing below the reserve', { freeBytes: 5, sizeBytes: 100 * GIB, maxFileBytes: null }, GIB, [], 0],
    [
      'what open ones will need is theirs',
      { freeBytes: 10 * GIB, sizeBytes: 100 * GIB, maxFileBytes: null },
      0,
      [{ id: 'x', bytes: GIB, record: recordOf({ sizeBytes: 2 * GIB }) }],
      3.5 * GIB,
    ],
    [
      'and what waits in the inbox needs its size once more',
      { freeBytes: 10 * GIB, sizeBytes: 100 * GIB, maxFileBytes: null },
      0,
      [],
      3 * GIB,
      4 * GIB,
    ],
  ])('room: %s', (_what, room, reserveBytes, open, largest, waitingBytes = 0) => {
    expect(largestUpload(room, reserveBytes, open, waitingBytes)).toBe(Math.floor(largest));
  });

  test('one that is in the inbox keeps its second size until it is in the library', async () => {
    let isTold = false;
    let freeBytes = 100;
    harbour.bend = () => ({ room: async () => ({ freeBytes, sizeBytes: 1000, maxFileBytes: null }) });
    uploads = harbour.uploads({
      arrived: async () => {
        if (!isTold) throw new Error('not yet');
      },
      waitingBytes: () => (isTold ? 40 : 0),
    });
    const id = await begin(40);
    const sending = uploads.receive('phone', id, delivery(pieces('x'.repeat(40))));
    await expect(sending).rejects.toThrow('not yet');
    freeBytes = 60;
    expect(await uploads.limits()).toMatchObject({ maxBytes: 10 });
    isTold = true;
    await uploads.state('phone', id);
    expect(await uploads.limits()).toMatchObject({ maxBytes: 10 });
  });

  test('one that does not fit any more is refused before its first byte', async () => {
    harbour.bend = () => ({ room: async () => ({ freeBytes: 20, sizeBytes: 1000, maxFileBytes: null }) });
    expect(await codeOf(begin(11))).toBe('upload-too-large');
    await begin(10);
    expect(await codeOf(begin(1))).toBe('upload-too-large');
  });
});

test('the drive with more room takes it; one that fails does not keep the other from it', async () => {
  const other = await harbour.adopt('other');
  harbour.bend = ({ drive }) => ({
    room: async () => ({ freeBytes: drive.path === root ? 10 : 1000, sizeBytes: 1000, maxFileBytes: null }),
  });
  await begin(3);
  expect([staged(root).length, staged(other).length]).toEqual([0, 2]);
  harbour.bend = ({ drive }) => ({
    room: async () => {
      if (drive.path === other) throw new Error('it hangs');
      return { freeBytes: 1000, sizeBytes: 1000, maxFileBytes: null };
    },
  });
  uploads = harbour.uploads();
  await begin(3);
  expect(staged(root)).toHaveLength(2);
  expect(harbour.warnings.join()).toContain('it hangs');
});

test('with `inbox = false` nothing is taken', async () => {
  const closed = harbour.uploads({ takes: false });
  expect(await codeOf(closed.create('phone', 3, ''))).toBe('uploads-off');
  expect(await codeOf(closed.limits())).toBe('uploads-off');
  expect(await codeOf(closed.receive('phone', 'x', delivery(pieces())))).toBe('uploads-off');
});

describe('what comes', () => {
  test('is kept up to where it broke off, over blocks', async () => {
    const id = await begin(BLOCK_BYTES + 10);
    const long = 'x'.repeat(BLOCK_BYTES - 1);
    const broken = uploads.receive('phone', id, delivery(pieces(long, 'yz', new Error('ECONNRESET'))));
    await expect(broken).rejects.toThrow('ECONNRESET');
    expect(await uploads.state('phone', id)).toMatchObject({ offset: BLOCK_BYTES + 1 });
  });

  test('is synced before it is told, and at least every 64 MiB', async () => {
    const done: string[] = [];
    const store = {
      write: async (_id: string, at: number, bytes: Uint8Array) =>
        void done.push(`write ${at + bytes.length}`),
      sync: async () => void done.push('sync'),
      save: async (_id: string, { syncedBytes }: { syncedBytes: number }) =>
        void done.push(`save ${syncedBytes}`),
    };
    const block = new Uint8Array(CHECKPOINT_BYTES / 2);
    const pouring = new Pouring(store as never, 'x', recordOf({ sizeBytes: 10 * GIB }), harbour.clock);
    for (let at = 0; at < 2; at += 1) await pouring.add(block);
    expect(done.slice(-2)).toEqual(['sync', `save ${CHECKPOINT_BYTES}`]);
    await pouring.add(Buffer.from('abc'));
    await pouring.keep();
    const end = CHECKPOINT_BYTES + 3;
    expect(done.slice(-3)).toEqual([`write ${end}`, 'sync', `save ${end}`]);
    await pouring.keep();
    expect(done.filter((one) => one === 'sync')).toHaveLength(2);
  });

  test('whole is not told as whole when it could not be moved into the inbox', async () => {
    const id = await begin(6);
    harbour.bend = () => ({
      settle: async () => {
        throw new Error('EIO');
      },
    });
    uploads = harbour.uploads();
    await expect(uploads.receive('phone', id, delivery(pieces('abcdef')))).rejects.toThrow('EIO');
    expect((await uploads.state('phone', id)).offset).toBeLessThan(6);
    expect(harbour.arrived).toEqual([]);
    harbour.bend = () => ({});
    uploads = harbour.uploads();
    expect(await uploads.receive('phone', id, delivery(pieces('abcdef')))).toMatchObject({ offset: 6 });
    expect(inInbox(root)).toEqual(['phone-phone/IMG_0001.JPG']);
  });

  test('is not read at all when more of it is announced than fits', async () => {
    const id = await begin(3);
    let isRead = false;
    async function* body() {
      isRead = true;
      yield Buffer.from('abc');
    }
    expect(await codeOf(uploads.receive('phone', id, delivery(body(), { length: 4 })))).toBe('beyond-end');
    expect(isRead).toBe(false);
    expect(inInbox(root)).toEqual([]);
  });

  test('from somebody who may not go on at its very end does not arrive', async () => {
    const id = await begin(3);
    let isOut = false;
    async function* body() {
      yield Buffer.from('abc');
      isOut = true;
    }
    const check = () => {
      if (isOut) throw new Error('not paired');
    };
    await expect(uploads.receive('phone', id, delivery(body(), { check }))).rejects.toThrow('not paired');
    expect(inInbox(root)).toEqual([]);
  });

  test('from somebody who may not go on in its middle keeps what came before and takes nothing more', async () => {
    const id = await begin(6);
    let chunks = 0;
    const check = () => {
      chunks += 1;
      if (chunks > 1) throw new Error('not paired');
    };
    const sent = uploads.receive('phone', id, delivery(pieces('abc', 'de'), { check }));
    await expect(sent).rejects.toThrow('not paired');
    expect(await uploads.state('phone', id)).toMatchObject({ offset: 3 });
  });

  test('is told to the light first: as long as it does not tell of it, the phone hears of no success', async () => {
    let isBusy = true;
    const order: string[] = [];
    uploads = harbour.uploads({
      arrived: async () => {
        order.push('light');
        if (isBusy) throw new Error('inbox is busy');
      },
    });
    const id = await begin(3);
    await expect(uploads.receive('phone', id, delivery(pieces('abc')))).rejects.toThrow('inbox is busy');
    await expect(uploads.state('phone', id)).rejects.toThrow('inbox is busy');
    isBusy = false;
    expect(await uploads.state('phone', id)).toMatchObject({ offset: 3 });
    expect(await uploads.state('phone', id)).toMatchObject({ offset: 3 });
    expect(order).toEqual(['light', 'light', 'light']);
    expect(inInbox(root)).toHaveLength(1);
  });
});

describe('the end of the daemon, or of a drive', () => {
  test('ends what is under way, keeps it, and takes nothing more', async () => {
    const id = await begin(6);
    let end: () => void = () => undefined;
    const cutOff = new Promise<void>((resolve) => {
      end = resolve;
    });
    async function* body() {
      yield Buffer.from('abc');
      await cutOff;
    }
    const sending = uploads.receive('phone', id, delivery(body(), { cut: end }));
    while (!uploads.isArriving) await new Promise((resolve) => setImmediate(resolve));
    await uploads.stop();
    expect(await sending).toMatchObject({ offset: 3 });
    expect(uploads.isArriving).toBe(false);
    expect(await codeOf(begin(3))).toBe('stopping');
    expect(await codeOf(uploads.receive('phone', id, delivery(pieces('x'), { offset: 3 })))).toBe('stopping');
    expect(harbour.clock.armed).toBe(0);
  });

  test('a drive that went is opened anew when it is back, and none of its uploads is lost', async () => {
    const id = await begin(6);
    await uploads.receive('phone', id, delivery(pieces('abc')));
    const drives = harbour.drives;
    harbour.drives = [];
    expect(await codeOf(uploads.state('phone', id))).toBe('no-drive-for-uploads');
    harbour.drives = drives;
    expect(await uploads.state('phone', id)).toMatchObject({ offset: 3 });
  });

  test('where the drive was, nothing is made on the system’s own disk', async () => {
    const id = await begin(6);
    const { rename, mkdir } = await import('node:fs/promises');
    await rename(root, `${root}.away`);
    await mkdir(root);
    const failure = uploads.receive('phone', id, delivery(pieces('abc')));
    await expect(failure).rejects.toMatchObject({ reason: 'drive-lost' });
    expect(existsSync(join(root, '.imagetank'))).toBe(false);
  });
});

describe('what is given up', () => {
  test('is what a crash left half, and what nobody went on with for a week by a clock that is right', async () => {
    const id = await begin(3);
    const folder = join(root, '.imagetank/uploads');
    const stray = '00000000-0000-4000-8000-000000000000';
    writeFileSync(join(folder, `${stray}.part`), 'bytes without a record');
    writeFileSync(join(folder, 'notes.txt'), 'not ours');
    await uploads.start();
    expect(staged(root)).toEqual(['notes.txt', `${id}.json`, `${id}.part`].sort());
    harbour.clock.trust = 'unsynced';
    harbour.clock.advance(8 * 86_400_000);
    expect(staged(root)).toContain(`${id}.part`);
    harbour.clock.trust = 'synced';
    harbour.clock.advance(3_600_000);
    await uploads.limits();
    expect(staged(root)).toEqual(['notes.txt']);
    await uploads.stop();
  });

  test('of one that came before the clock was set the week begins when it is', async () => {
    harbour.clock.trust = 'unsynced';
    const id = await begin(3);
    harbour.clock.setWall(56 * 365 * 86_400_000);
    harbour.clock.trust = 'synced';
    await uploads.limits();
    expect(await uploads.state('phone', id)).toMatchObject({ offset: 0 });
    harbour.clock.advance(7 * 86_400_000 + 1);
    await uploads.limits();
    expect(await codeOf(uploads.state('phone', id))).toBe('no-such-upload');
  });
});

describe('paths', () => {
  test.each([
    '../drive',
    '..',
    'x',
    '',
    'a/b',
    '00000000-0000-4000-8000-00000000000g',
    '%2e%2e',
  ])('the id %j is none', async (id) => {
    expect(UPLOAD_ID.test(id)).toBe(false);
    writeFileSync(join(root, '.imagetank/drive.part'), 'x');
    await expect(uploads.state(null, id)).rejects.toThrow();
    await expect(uploads.cancel(null, id)).rejects.toThrow();
    expect(readFileSync(join(root, '.imagetank/drive.part'), 'utf8')).toBe('x');
  });

  test('an inbox that is a link is not followed: the upload stays where it is', async () => {
    const id = await begin(3);
    const elsewhere = await clean.folder();
    symlinkSync(elsewhere, join(root, 'inbox'));
    await expect(uploads.receive('phone', id, delivery(pieces('abc')))).rejects.toMatchObject({
      reason: 'drive-not-writable',
    });
    expect(inInbox(root)).toEqual([]);
    expect(staged(root)).toHaveLength(2);
  });

  test('a file of the same name in the inbox stays as it is', async () => {
    mkdirSync(join(root, 'inbox/phone-phone'), { recursive: true });
    writeFileSync(join(root, 'inbox/phone-phone/IMG_0001.JPG'), 'old');
    await uploads.receive('phone', await begin(3), delivery(pieces('new')));
    expect(readFileSync(join(root, 'inbox/phone-phone/IMG_0001.JPG'), 'utf8')).toBe('old');
    expect(readFileSync(join(root, 'inbox/phone-phone/IMG_0001 (2).JPG'), 'utf8')).toBe('new');
  });
});
