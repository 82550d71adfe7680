import { beforeEach, expect, test } from 'vitest';
import type { DriveId } from '../../machines/ids.ts';
import type { Delivery, Room, UploadStore } from '../../services/uploads/ports.ts';
import type { Uploads } from '../../services/uploads/uploads.ts';
import { useCleaner } from '../fs/folders.ts';
import { b64, Harbour, inInbox, staged } from './kit.ts';

const clean = useCleaner();
let harbour: Harbour;
let leaving: Set<DriveId>;
let uploads: Uploads;
let one: string;

beforeEach(async () => {
  harbour = new Harbour(await clean.folder());
  leaving = new Set();
  one = await harbour.adopt('one');
  uploads = harbour.uploads({ isLeaving: (id) => leaving.has(id) });
});

const idOf = (name: string) => {
  const found = harbour.drives.find(({ path }) => path.endsWith(name));
  if (found === undefined) throw new Error(`${name} is not there`);
  return found.id;
};
const begin = async () => (await uploads.create('phone', 6, `filename ${b64('IMG_0001.JPG')}`)).id;
const leave = async (name: string) => {
  leaving.add(idOf(name));
  await uploads.leave(idOf(name));
};

/** A phone that sends these, then nothing more until it is cut. */
function sending(text: string): Delivery & { readonly isCut: () => boolean } {
  let end = (): void => undefined;
  let isCut = false;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const cut = () => {
    isCut = true;
    end();
  };
  const body = async function* () {
    yield Buffer.from(text);
    await ended;
  };
  return { offset: 0, length: null, body: body(), cut, check: () => undefined, isCut: () => isCut };
}

/** Room is asked for, and the answer comes when the test says so. */
function slowRoomOf(name: string, changes: Partial<Room> = {}) {
  const question = { asked: 0, answer: (): void => undefined };
  const answered = new Promise<void>((resolve) => {
    question.answer = resolve;
  });
  const room = async (store: UploadStore) => {
    question.asked += 1;
    await answered;
    return { ...(await store.room()), ...changes };
  };
  harbour.bend = (store) => (store.drive.id === idOf(name) ? { room: () => room(store) } : {});
  return question;
}

const later = { code: 'drive-leaves', exitCode: 75 };

test('what is sent to a drive that leaves ends, is kept, and goes on when it stays', async () => {
  const id = await begin();
  const delivery = sending('abc');
  const sent = uploads.receive('phone', id, delivery);
  await expect.poll(() => uploads.isArriving).toBe(true);
  await leave('one');
  expect(uploads.isArriving).toBe(false);
  await sent.catch(() => undefined);
  await expect(uploads.receive('phone', id, sending('def'))).rejects.toMatchObject(later);
  await expect(uploads.state('phone', id)).rejects.toMatchObject(later);
  await expect(uploads.cancel('phone', id)).rejects.toMatchObject(later);
  expect(staged(one)).not.toEqual([]);
  expect(inInbox(one)).toEqual([]);
  leaving.clear();
  const { offset } = await uploads.state('phone', id);
  expect([0, 3]).toContain(offset);
});

test('nothing is begun on a drive that leaves', async () => {
  await leave('one');
  await expect(begin()).rejects.toMatchObject({ code: 'no-drive-for-uploads' });
  expect(staged(one)).toEqual([]);
});

test('an upload to another drive goes on', async () => {
  const id = await begin();
  await harbour.adopt('two');
  const delivery = sending('abcdef');
  const sent = uploads.receive('phone', id, delivery);
  await expect.poll(() => uploads.isArriving).toBe(true);
  await leave('two');
  expect(delivery.isCut()).toBe(false);
  delivery.cut();
  expect(await sent).toMatchObject({ offset: 6 });
  expect(inInbox(one)).toHaveLength(1);
});

test('a call to the drive that is under way is waited for', async () => {
  const question = slowRoomOf('one');
  const limits = uploads.limits();
  await expect.poll(() => question.asked).toBe(1);
  let isOver = false;
  const left = leave('one').then(() => {
    isOver = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isOver).toBe(false);
  question.answer();
  await left;
  await limits;
});

test('an upload that was about to be made on it is refused, and another drive that hangs is not waited for', async () => {
  await harbour.adopt('two');
  const question = slowRoomOf('two', { freeBytes: 0 });
  const made = begin();
  await expect.poll(() => question.asked).toBe(1);
  await leave('one');
  question.answer();
  await expect(made).rejects.toMatchObject(later);
  expect(staged(one)).toEqual([]);
});

test('who waits for the turn of another delivery is refused when the machine goes down meanwhile', async () => {
  const id = await begin();
  const first = sending('abc');
  const sent = uploads.receive('phone', id, { ...first, cut: () => undefined });
  await expect.poll(() => uploads.isArriving).toBe(true);
  const second = uploads.receive('phone', id, sending('def'));
  await expect.poll(() => staged(one).length).toBeGreaterThan(0);
  // The first one hangs on for a while, as a phone does that is slow to hear that it was cut.
  const stopped = uploads.stop();
  first.cut();
  await Promise.all([sent, stopped]);
  await expect(second).rejects.toMatchObject({ code: 'stopping', exitCode: 75 });
});
