import { Subject } from 'rxjs';
import { beforeEach, expect, test } from 'vitest';
import { INLINE_IO } from '../../adapters/fs/io/lanes.ts';
import { createUploads } from '../../bin/uploads.ts';
import type { Uploads } from '../../services/uploads/uploads.ts';
import { useCleaner } from '../fs/folders.ts';
import { Harbour, staged } from './kit.ts';
import { beginIn, codeOf } from './sending.ts';

const clean = useCleaner();
let root: string;
let left$: Subject<string>;
let devices: { id: string }[];
let inbox: { isFollowed: boolean; waitingBytes: number };
let uploads: Uploads;

beforeEach(async () => {
  const harbour = new Harbour(await clean.folder());
  root = await harbour.adopt('tank');
  const drives = harbour.drives.map((drive) => ({ ...drive, adopted: true, writable: true }));
  [left$, devices] = [new Subject(), [{ id: 'phone' }]];
  inbox = { isFollowed: true, waitingBytes: 0 };
  uploads = createUploads({
    ...{ clock: harbour.clock, warn: () => undefined, io: INLINE_IO, open: undefined },
    throttle: { pay: async () => undefined },
    config: { inbox: true, reserve: 0 },
    devices: { attached: { drives, cards: [] } },
    inboxes: {
      follows: () => inbox.isFollowed,
      waitingBytes: () => inbox.waitingBytes,
      arrived: async () => undefined,
    },
    access: {
      get devices() {
        return devices;
      },
      left$,
    },
  } as unknown as Parameters<typeof createUploads>[0]);
});

test('a drive whose inbox is not followed is not offered', async () => {
  inbox.isFollowed = false;
  expect(await codeOf(beginIn(uploads, 3))).toBe('no-drive-for-uploads');
  inbox.isFollowed = true;
  await beginIn(uploads, 3);
});

test('what waits in the inbox is not offered once more', async () => {
  expect((await uploads.limits()).maxBytes).toBeGreaterThan(0);
  // More than any disk under a test has.
  inbox.waitingBytes = 2 ** 60;
  expect((await uploads.limits()).maxBytes).toBe(0);
});

test('uploads of a device that leaves go with it', async () => {
  await beginIn(uploads, 3);
  expect(staged(root)).toHaveLength(2);
  devices = [];
  left$.next('phone');
  while (staged(root).length > 0) await new Promise((resolve) => setImmediate(resolve));
});
