import { beforeEach, expect, test } from 'vitest';
import type { Uploads } from '../../services/uploads/uploads.ts';
import { useCleaner } from '../fs/folders.ts';
import { Harbour, staged } from './kit.ts';
import { beginIn, codeOf, delivery, pieces } from './sending.ts';

const clean = useCleaner();
let harbour: Harbour;
let root: string;
let known: string[];
let uploads: Uploads;

const open = () => harbour.uploads({ mayComeIn: (device) => known.includes(device) });

beforeEach(async () => {
  harbour = new Harbour(await clean.folder());
  root = await harbour.adopt('tank');
  known = ['phone', 'tablet'];
  uploads = open();
});

test('at the start, uploads of devices that may no longer come in are removed, and no others', async () => {
  await beginIn(uploads, 3, 'phone');
  const [left, box] = [await beginIn(uploads, 3, 'tablet'), await beginIn(uploads, 3, null)];
  known = ['tablet'];
  uploads = open();
  await uploads.start();
  expect(staged(root)).toEqual([left, box].flatMap((id) => [`${id}.json`, `${id}.part`]).sort());
  await uploads.stop();
});

test('those of one that leaves make room at once', async () => {
  for (const device of known) for (let at = 0; at < 16; at += 1) await beginIn(uploads, 3, device);
  expect(await codeOf(beginIn(uploads, 3, null))).toBe('too-many-uploads');
  known = ['tablet'];
  await uploads.forget('phone');
  expect(staged(root)).toHaveLength(32);
  await beginIn(uploads, 3, null);
});

test('what it is sending ends, and nothing of it stays', async () => {
  const id = await beginIn(uploads, 6);
  let end: () => void = () => undefined;
  const cutOff = new Promise<void>((resolve) => {
    end = resolve;
  });
  async function* body() {
    yield* pieces('abc');
    await cutOff;
  }
  const sending = uploads.receive('phone', id, delivery(body(), { cut: end }));
  while (!uploads.isArriving) await new Promise((resolve) => setImmediate(resolve));
  known = [];
  await uploads.forget('phone');
  await sending;
  expect(staged(root)).toEqual([]);
});

test('a drive that fails then keeps what it has, and says so', async () => {
  await beginIn(uploads, 3);
  harbour.bend = () => ({
    remove: async () => {
      throw new Error('EIO');
    },
  });
  uploads = open();
  known = [];
  await uploads.forget('phone');
  expect(harbour.warnings).toEqual(['uploads to TANK: EIO']);
});
