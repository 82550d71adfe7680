import { Buffer } from 'node:buffer';
import { beforeEach, expect, test } from 'vitest';
import type { MemoryUploadStore } from '../../adapters/memory/memory-upload-store.ts';
import type { Delivery } from '../../services/uploads/ports.ts';
import { CHECKPOINT_BYTES } from '../../services/uploads/pouring.ts';
import type { Uploads } from '../../services/uploads/uploads.ts';
import { b64, Harbour } from './kit.ts';

let harbour: Harbour;
let tank: MemoryUploadStore;
let uploads: Uploads;

beforeEach(() => {
  harbour = new Harbour('/nowhere');
  tank = harbour.moor('tank');
  uploads = harbour.uploads();
});

/** Another daemon, on what is left on the medium. */
function powerCut(): void {
  tank.powerCut();
  uploads = harbour.uploads();
}

async function* pieces(...all: readonly (Uint8Array | Error)[]): AsyncGenerator<Uint8Array> {
  for (const one of all) {
    if (one instanceof Error) throw one;
    yield one;
  }
}

const delivery = (offset: number, ...all: readonly (Uint8Array | Error)[]): Delivery => ({
  ...{ offset, length: null, body: pieces(...all) },
  ...{ cut: () => undefined, check: () => undefined },
});

const begin = async (sizeBytes: number) =>
  (await uploads.create('phone', sizeBytes, `filename ${b64('A.JPG')}`)).id;

const arrived = () => tank.inbox.get('phone-phone/A.JPG')?.bytes;

test('what was told as an offset is there after a power cut, and the rest completes it', async () => {
  const id = await begin(9);
  expect((await uploads.receive('phone', id, delivery(0, Buffer.from('abc')))).offset).toBe(3);
  const broken = uploads.receive('phone', id, delivery(3, Buffer.from('def'), new Error('ECONNRESET')));
  await expect(broken).rejects.toThrow('ECONNRESET');
  powerCut();
  expect(await uploads.state('phone', id)).toMatchObject({ offset: 6 });
  expect(await uploads.receive('phone', id, delivery(6, Buffer.from('ghi')))).toMatchObject({ offset: 9 });
  expect(Buffer.from(arrived() ?? []).toString()).toBe('abcdefghi');
});

test('in mid delivery a power cut costs what came since the last 64 MiB, and no byte of what is told', async () => {
  const total = CHECKPOINT_BYTES + 600_000;
  const id = await begin(total + 1);
  const sent = Buffer.alloc(total, 'x');
  let cutOff: () => void = () => undefined;
  const isCut = new Promise<void>((resolve) => {
    cutOff = resolve;
  });
  async function* body() {
    for (let at = 0; at < total; at += 4 * 1024 * 1024) yield sent.subarray(at, at + 4 * 1024 * 1024);
    powerCut();
    cutOff();
    // This daemon is gone.
    await new Promise(() => undefined);
  }
  void uploads.receive('phone', id, { ...delivery(0), body: body() });
  await isCut;
  expect(await uploads.state('phone', id)).toMatchObject({ offset: CHECKPOINT_BYTES });
  const rest = Buffer.alloc(total + 1 - CHECKPOINT_BYTES, 'x');
  await uploads.receive('phone', id, delivery(CHECKPOINT_BYTES, rest));
  expect(Buffer.compare(arrived() ?? Buffer.alloc(0), Buffer.alloc(total + 1, 'x'))).toBe(0);
});
