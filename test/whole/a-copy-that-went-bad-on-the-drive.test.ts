import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDriveStore } from '../../adapters/fs/drive-store.ts';
import type { Composition } from '../../bin/composition.ts';
import { PLAIN_VERIFY, type VerifyOptions } from '../../services/appliance.ts';
import type { AfterBlock, DriveStore } from '../../services/media-ports.ts';
import type { VerifyProgress, VerifyResult } from '../../services/work-shapes.ts';
import { Box, until } from '../recordings/box.ts';
import { GatedCards } from './machine.ts';

const FILES = { 'IMG_0001.JPG': 5000, 'IMG_0002.JPG': 6000, 'IMG_0004.JPG': 7000 };
const CLEAN = { ok: true, files: 3, altered: [], missing: [], new: [] };

let box: Box;
let card: string;
let drive: string;
beforeEach(() => {
  box = new Box();
  card = box.card('A', FILES);
  drive = box.drive('drive');
});
afterEach(async () => {
  await box.stop();
  box.remove();
});

async function follow(
  running: Composition,
  options: Partial<VerifyOptions> = {},
): Promise<{ result: VerifyResult; progress: VerifyProgress[] }> {
  const progress: VerifyProgress[] = [];
  for await (const message of running.control.verify(drive, { ...PLAIN_VERIFY, ...options })) {
    if ('result' in message) return { result: message.result, progress };
    progress.push(message.progress);
  }
  throw new Error('no result');
}
const verify = async (running: Composition) => (await follow(running)).result;

async function backedUp(ports?: Parameters<Box['start']>[1]): Promise<Composition> {
  const running = await box.start(drive, ports);
  await running.control.sim.insert(card, null);
  await until(running, 'copying');
  await until(running, 'ready');
  return running;
}

function dayFolder(): string {
  const year = readdirSync(join(drive, 'Photos')).find((name) => /^\d{4}$/.test(name)) ?? '';
  return join(drive, 'Photos', year, readdirSync(join(drive, 'Photos', year))[0] ?? '');
}
const onDrive = (name: string) => join(dayFolder(), name);
const pathOf = (name: string) => onDrive(name).slice(drive.length + 1);

/** One bit, and nothing that a listing shows: as a medium forgets. */
function rot(path: string): Buffer {
  const bytes = readFileSync(path);
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  return bytes;
}

test('is found by verify, takes green away, and is copied again beside the bad one, which stays', async () => {
  const running = await backedUp();
  expect(await verify(running)).toEqual(CLEAN);
  const rotten = rot(onDrive('IMG_0001.JPG'));
  rmSync(onDrive('IMG_0002.JPG'));

  expect(await verify(running)).toEqual({
    ...CLEAN,
    ok: false,
    altered: [pathOf('IMG_0001.JPG')],
    missing: [pathOf('IMG_0002.JPG')],
  });
  const { cards, leds } = await running.control.status();
  expect(leds.green).toBe('off');
  expect(cards).toMatchObject([{ backedUp: false }]);

  await running.control.sim.press();
  await until(running, 'copying');
  await until(running, 'ready');
  expect(running.control.history({ last: 1 })).toMatchObject([{ copied: 2, duplicates: 1, outcome: 'done' }]);
  expect(readdirSync(dayFolder()).sort()).toEqual([
    'IMG_0001.JPG',
    'IMG_0001_2.JPG',
    'IMG_0002.JPG',
    'IMG_0004.JPG',
  ]);
  expect(readFileSync(onDrive('IMG_0001.JPG'))).toEqual(rotten);
  expect(readFileSync(onDrive('IMG_0001_2.JPG'))).toEqual(
    readFileSync(join(card, 'DCIM/100TEST/IMG_0001.JPG')),
  );

  // The bad one is still there, so the answer is still no: but its owner reads that nothing is lost.
  expect(await verify(running)).toEqual({
    ...CLEAN,
    ok: false,
    files: 4,
    altered: [pathOf('IMG_0001.JPG')],
    superseded: [{ path: pathOf('IMG_0001.JPG'), by: pathOf('IMG_0001_2.JPG') }],
  });
  // Nothing that the light promises was touched by that.
  expect((await running.control.status()).leds.green).toBe('on');
});

test('while its card is away is copied again when the card comes back', async () => {
  const running = await backedUp();
  await running.control.sim.remove(null);
  rot(onDrive('IMG_0001.JPG'));
  expect(await verify(running)).toMatchObject({ ok: false });
  await running.control.sim.insert(card, null);
  await until(running, 'copying');
  await until(running, 'ready');
  expect(running.control.history({ last: 1 })).toMatchObject([{ copied: 1, duplicates: 2 }]);
  expect(existsSync(onDrive('IMG_0001_2.JPG'))).toBe(true);
});

/** Drives whose files are read only while nobody holds them up. */
class SlowDrive {
  #hold: ((path: string) => Promise<void>) | null = null;
  readonly reads: string[] = [];

  holdAt(hold: ((path: string) => Promise<void>) | null): void {
    this.#hold = hold;
  }

  readonly openDrive: NonNullable<NonNullable<Parameters<Box['start']>[1]>['openDrive']> = async (opened) => {
    const store = await openDriveStore(opened);
    const readBack: DriveStore['readBack'] = async (path, afterBlock?: AfterBlock) => {
      if (afterBlock !== undefined) {
        this.reads.push(path);
        await this.#hold?.(path);
      }
      return store.readBack(path, afterBlock);
    };
    return new Proxy(store, {
      get(_, key) {
        if (key === 'readBack') return readBack;
        const own: unknown = Reflect.get(store, key);
        return typeof own === 'function' ? own.bind(store) : own;
      },
    });
  };
}

/** The reading of this file waits until the returned function is called. */
function gateAt(slow: SlowDrive, name: string): () => void {
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  slow.holdAt(async (path) => {
    if (path.endsWith(name)) await gate;
  });
  return release;
}

describe('a verification', () => {
  test('says at once what it found, long before its end', async () => {
    const slow = new SlowDrive();
    const running = await backedUp({ openDrive: slow.openDrive });
    rot(onDrive('IMG_0001.JPG'));
    const release = gateAt(slow, 'IMG_0004.JPG');
    const result = verify(running);
    await until(running, 'attention');
    release();
    expect(await result).toMatchObject({ ok: false });
  });

  test('waits while a backup runs', async () => {
    const cards = new GatedCards();
    const slow = new SlowDrive();
    const running = await backedUp({ openDrive: slow.openDrive, cards: cards.reader });
    await running.control.sim.remove(null);
    cards.close();
    await running.control.sim.insert(box.card('B', { 'IMG_0009.JPG': 100 }), null);
    await until(running, 'copying');
    let settled = false;
    const result = follow(running).finally(() => {
      settled = true;
    });
    // As many turns as a whole verification takes when nothing holds it up.
    for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect({ settled, reads: slow.reads }).toEqual({ settled: false, reads: [] });
    cards.open();
    const { progress, result: found } = await result;
    expect(found.ok).toBe(true);
    expect(progress[0]).toMatchObject({ waiting: true });
    expect(running.control.history({ last: 1 })).toMatchObject([{ outcome: 'done' }]);
  });

  test('that nobody waits for any more goes on where it was, also after a restart of the box', async () => {
    const slow = new SlowDrive();
    let running = await backedUp({ openDrive: slow.openDrive });
    rot(onDrive('IMG_0001.JPG'));
    const release = gateAt(slow, 'IMG_0004.JPG');
    const work = running.control.verify(drive)[Symbol.asyncIterator]();
    await work.next();
    // A sign of life in the middle of the last file.
    await work.next();
    const left = work.return?.();
    release();
    await left;
    slow.holdAt(null);
    slow.reads.length = 0;
    await box.stop();
    box.store?.log.close();
    running = await box.start(drive, { openDrive: slow.openDrive });

    const { result, progress } = await follow(running);
    expect(progress[0]?.continued?.after).toMatch(/IMG_000/);
    expect(result).toEqual({ ...CLEAN, ok: false, altered: [pathOf('IMG_0001.JPG')] });
    // The altered one is looked at again, the good one is not.
    expect(slow.reads).toContain(pathOf('IMG_0001.JPG'));
    expect(slow.reads).not.toContain(pathOf('IMG_0002.JPG'));

    slow.reads.length = 0;
    expect((await follow(running)).progress[0]).toMatchObject({ continued: null });
    expect(slow.reads).toHaveLength(3);
  });

  test('of a drive that is being verified is refused, and an ejected drive ends it', async () => {
    const slow = new SlowDrive();
    const running = await backedUp({ openDrive: slow.openDrive });
    const begun = new Promise<void>((resolve) => {
      slow.holdAt(async () => {
        resolve();
        await new Promise((wake) => setTimeout(wake, 50));
      });
    });
    const first = verify(running).catch((error: unknown) => error);
    await begun;
    await expect(verify(running)).rejects.toMatchObject({ exitCode: 75, code: 'being-verified' });
    await running.control.eject(drive);
    expect(await first).toMatchObject({ exitCode: 75, code: 'drive-ejected' });
  });

  test('goes on from the first file when that is asked for', async () => {
    const slow = new SlowDrive();
    const running = await backedUp({ openDrive: slow.openDrive });
    slow.holdAt(async (path) => {
      if (path.endsWith('IMG_0002.JPG')) await running.control.eject(drive);
    });
    await expect(verify(running)).rejects.toMatchObject({ code: 'drive-ejected' });
    slow.holdAt(null);
    await running.control.sim.driveIn(drive);
    slow.reads.length = 0;
    const { result, progress } = await follow(running, { restart: true });
    expect(result).toEqual(CLEAN);
    expect(progress[0]).toMatchObject({ filesDone: 0, continued: null });
    expect(slow.reads).toHaveLength(3);
  });

  test('with the hashes of folders: a new generation has them; not of a backup', async () => {
    const running = await backedUp();
    const before = manifestsOn();
    expect((await follow(running, { full: true })).result).toEqual(CLEAN);
    const added = manifestsOn().filter((name) => !before.includes(name));
    expect(added).toHaveLength(1);
    const text = readFileSync(join(drive, 'Photos/ascmhl', added[0] ?? ''), 'utf8');
    expect(text).toContain('<roothash>');
    const [{ id = '' } = {}] = running.control.history({ last: 1 });
    const backup = running.control.verify(id, { ...PLAIN_VERIFY, full: true })[Symbol.asyncIterator]();
    await expect(backup.next()).rejects.toMatchObject({ exitCode: 64 });
  });
});

const manifestsOn = (): string[] =>
  readdirSync(join(drive, 'Photos/ascmhl')).filter((name) => name.endsWith('.mhl'));
