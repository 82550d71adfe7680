import { NEVER, Subject } from 'rxjs';
import { beforeEach, expect, test } from 'vitest';
import { INLINE_IO } from '../../adapters/fs/io/lanes.ts';
import { createVisitors } from '../../bin/visitors.ts';
import { inboxCardId } from '../../machines/ids.ts';
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
let harbour: Harbour;
/** What is backed up just now: ids of cards. */
let running: readonly string[];

beforeEach(async () => {
  harbour = new Harbour(await clean.folder());
  root = await harbour.adopt('tank');
  const drives = harbour.drives.map((drive) => ({ ...drive, adopted: true, writable: true }));
  [left$, devices] = [new Subject(), [{ id: 'phone' }]];
  inbox = { isFollowed: true, waitingBytes: 0 };
  running = [];
  const runtime = {
    decided$: NEVER,
    get state() {
      return { appliance: { context: { running: running.map((id) => ({ card: { id } })) } } };
    },
  };
  const visitors = createVisitors({
    ...{ clock: harbour.clock, warn: () => undefined, io: INLINE_IO, runtime, stateDir: root, store: {} },
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
  } as unknown as Parameters<typeof createVisitors>[0]);
  uploads = visitors.uploads;
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

test('they give way to the copy of a card, and not to that of an inbox, which waits for them', async () => {
  running = [inboxCardId(harbour.drives[0]!.id)];
  for (let count = 0; count < 3; count += 1) await beginIn(uploads, 3);
  running = ['card-1', ...running];
  await beginIn(uploads, 3);
  const last = beginIn(uploads, 3);
  await expect.poll(() => harbour.clock.armed).toBe(1);
  expect((await uploads.limits()).open).toBe(4);
  harbour.clock.advance(500);
  await last;
});
