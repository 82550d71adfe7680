import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { COPYING_BYTES_PER_SECOND } from '../../services/throttle.ts';
import { useCleaner } from '../fs/folders.ts';
import { Harbour, inInbox } from './kit.ts';
import { beginIn, delivery, pieces } from './sending.ts';

const clean = useCleaner();
const QUARTER = Buffer.alloc(COPYING_BYTES_PER_SECOND / 4, 7);

async function setUp() {
  const harbour = new Harbour(await clean.folder());
  const root = await harbour.adopt('tank');
  return { harbour, root, uploads: harbour.uploads() };
}

test('an upload goes on slowly while a copy is made, and fast when it is over', async () => {
  const { harbour, root, uploads } = await setUp();
  const id = await beginIn(uploads, 4 * QUARTER.length);
  harbour.busy = true;
  let sent = 0;
  const body = async function* () {
    for await (const piece of pieces(QUARTER, QUARTER, QUARTER, QUARTER)) {
      sent += 1;
      yield piece;
    }
  };
  const received = uploads.receive('phone', id, delivery(body()));
  // The first quarter at once, the second when the first is paid for.
  await expect.poll(() => harbour.clock.armed).toBe(1);
  expect(sent).toBe(2);
  harbour.clock.advance(249);
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent).toBe(2);
  harbour.clock.advance(1);
  await expect.poll(() => [harbour.clock.armed, sent]).toEqual([1, 3]);
  harbour.busy = false;
  harbour.clock.advance(250);
  expect(await received).toMatchObject({ offset: 4 * QUARTER.length });
  expect(inInbox(root)).toHaveLength(1);
});

test('a phone that may not send any more is refused behind the wait', async () => {
  const { harbour, uploads } = await setUp();
  const id = await beginIn(uploads, 2 * QUARTER.length);
  harbour.busy = true;
  let isPaired = true;
  const check = () => {
    if (!isPaired) throw new Error('not paired');
  };
  const received = uploads.receive('phone', id, delivery(pieces(QUARTER, QUARTER), { check }));
  await expect.poll(() => harbour.clock.armed).toBe(1);
  isPaired = false;
  harbour.clock.advance(250);
  await expect(received).rejects.toThrow('not paired');
});

test('a phone that goes away, or a drive that is let go, does not wait for its turn', async () => {
  const { harbour, uploads } = await setUp();
  const id = await beginIn(uploads, 2 * QUARTER.length);
  harbour.busy = true;
  let isCut = false;
  const body = async function* () {
    yield QUARTER;
    yield QUARTER.subarray(1);
    if (isCut) throw new Error('aborted');
  };
  const cut = () => {
    isCut = true;
  };
  const received = uploads.receive('phone', id, delivery(body(), { cut }));
  received.catch(() => undefined);
  await expect.poll(() => harbour.clock.armed).toBe(1);
  await uploads.leave(harbour.drives[0]!.id);
  expect(harbour.clock.armed).toBe(0);
  await expect(received).rejects.toThrow('aborted');
});

test('many small ones give way too: each costs what its files and folders cost the drive', async () => {
  const { harbour, uploads } = await setUp();
  harbour.busy = true;
  await beginIn(uploads, 1);
  const second = beginIn(uploads, 1);
  await expect.poll(() => harbour.clock.armed).toBe(1);
  harbour.clock.advance(499);
  expect((await uploads.limits()).open).toBe(1);
  harbour.clock.advance(1);
  await second;
  expect((await uploads.limits()).open).toBe(2);
});
