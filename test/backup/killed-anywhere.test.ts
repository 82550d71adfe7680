import { expect, test } from 'vitest';
import { HEAD_BYTES } from '../../services/backup/content.ts';
import { Counter } from '../../services/backup/numbering.ts';
import { surveyor } from '../../services/backup/survey.ts';
import { templateOf } from '../../services/library/layout.ts';
import type { CardFile, CardReader, DriveStore, IncomingFile } from '../../services/media-ports.ts';
import { altered, NOON, type Order, type World, world } from './world.ts';

/** Every call of every port, twice: before it is done and after; at the k-th of these moments all ends at once. */
class Life {
  readonly #killAt: number;
  moments = 0;
  readonly #open: (IncomingFile | CardFile)[] = [];

  constructor(killAt: number) {
    this.#killAt = killAt;
  }

  #moment(): void {
    this.moments += 1;
    if (this.moments >= this.#killAt) throw new Error('killed');
  }

  born(file: IncomingFile | CardFile): void {
    this.#open.push(file);
  }

  /** Closes what was open at the end; under their old names there is nothing to discard any more. */
  async letGo(): Promise<void> {
    for (const file of this.#open)
      await ('place' in file ? file.discard() : file.close().catch(() => undefined));
  }

  async call<T>(action: () => Promise<T>): Promise<T> {
    this.#moment();
    const result = await action();
    this.#moment();
    return result;
  }

  /** A port all of whose promises pass through `call`. */
  mortal<Port extends object>(port: Port, made: (value: unknown) => unknown = (value) => value): Port {
    return new Proxy(port, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        // Closing changes nothing, and this process has to live on.
        if (typeof value !== 'function' || key === 'scan' || key === 'close') {
          return typeof value === 'function' ? value.bind(target) : value;
        }
        return (...args: unknown[]) => this.call(async () => made(await value.apply(target, args)));
      },
    });
  }
}

/** Makes what its files left behind look like that of another process. */
async function bury(box: World, life: Life): Promise<void> {
  await box.orphanIncoming();
  await life.letGo();
}

function mortalOrder(box: World, life: Life, ways: Ways): Order {
  const handles = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || !('place' in value || 'changed' in value))
      return value;
    const file = value as IncomingFile | CardFile;
    life.born(file);
    return life.mortal(file);
  };
  const drive = life.mortal<DriveStore>(box.drive, handles);
  return {
    drives: [ways === 'many' ? drive : altered(drive, { createIncoming: () => drive.createIncoming() })],
    cards: life.mortal<CardReader>(box.cards, handles),
    emit: (fact) => life.call(() => box.journal.emit(fact)),
    seal: () => life.call(async () => undefined),
  };
}

async function filled(): Promise<World> {
  const box = await world();
  await box.put('DCIM/100/IMG_1.JPG', 'day:2026-11-20 picture', NOON + 3000);
  await box.put('DCIM/100/IMG_1.CR2', 'raw data', NOON + 3000);
  await box.put('DCIM/101/IMG_1.JPG', 'day:2026-11-20 other', NOON + 2000);
  await box.put('DCIM/102/TWIN.JPG', 'day:2026-11-20 other', NOON + 1000);
  await box.put('DCIM/102/notes.txt', '', NOON);
  return box;
}

const EXPECTED = {
  'Photos/2026/2026-11-20/IMG_1.CR2': 'raw data',
  'Photos/2026/2026-11-20/IMG_1.JPG': 'day:2026-11-20 picture',
  'Photos/2026/2026-11-20/IMG_1_2.JPG': 'day:2026-11-20 other',
  'Other/SD1/DCIM/102/notes.txt': '',
};

/** In calls for many files at once, or file by file: more moments to be killed at. */
type Ways = 'many' | 'single';

async function moments(ways: Ways): Promise<number> {
  const life = new Life(Number.POSITIVE_INFINITY);
  const box = await filled();
  await box.backup(mortalOrder(box, life, ways));
  return life.moments;
}

test('a whole life of these tests gives what is expected', async () => {
  const box = await filled();
  expect(await box.backup()).toMatchObject({ type: 'BackupFinished', totals: { copied: 4, duplicates: 1 } });
  expect(await box.onDrive()).toEqual(EXPECTED);
});

test.each([
  ['many', 50],
  ['single', 80],
] as const)('killed at any moment of %s calls, the next run finishes with nothing lost, doubled or half', async (ways, least) => {
  const total = await moments(ways);
  expect(total).toBeGreaterThan(least);
  for (let k = 1; k <= total; k += 1) {
    const box = await filled();
    const life = new Life(k);
    await box.backup(mortalOrder(box, life, ways)).catch(() => undefined);
    // Never a half file under a photo's name, and whatever is recorded is there.
    const half = await box.onDrive();
    for (const [path, content] of Object.entries(half)) {
      expect(Object.values(EXPECTED), `${path} at ${k}`).toContain(content);
    }
    for (const { to, sizeBytes } of box.journal.of('FilesSettled').flatMap(({ copied }) => copied)) {
      expect(half[to]?.length, `${to} at ${k}`).toBe(sizeBytes);
    }
    const finished = box.journal.of('BackupFinished').length > 0;
    if (finished) expect(half, `finished at ${k}`).toEqual(EXPECTED);
    await bury(box, life);
    expect(await box.backup(), `resumed after ${k}`).toMatchObject({
      type: 'BackupFinished',
      totals: { failed: 0 },
    });
    expect(await box.onDrive(), `resumed after ${k}`).toEqual(EXPECTED);
    expect(await box.incoming(), `left after ${k}`).toEqual([]);
  }
});

test('killed at any moment of a layout with a counter: nothing lost, doubled or half, and no number given twice', async () => {
  const style = { layout: 'numbered' } as const;
  const counting = new Life(Number.POSITIVE_INFINITY);
  const whole = await filled();
  await whole.backup({ ...style, ...mortalOrder(whole, counting, 'many') });
  expect(counting.moments).toBeGreaterThan(50);
  for (let k = 1; k <= counting.moments; k += 1) {
    const box = await filled();
    const life = new Life(k);
    await box.backup({ ...style, ...mortalOrder(box, life, 'many') }).catch(() => undefined);
    await bury(box, life);
    // A shot that is older than all: it takes the first number that is asked for.
    await box.put('DCIM/100/IMG_0.JPG', 'day:2026-11-20 before all', NOON - 9000);
    const counter = new Counter(box.journal.catalogue);
    await surveyor(templateOf({ ...style, template: '' }), counter)(box.drive);
    expect(await box.backup({ ...style, counter }), `resumed after ${k}`).toMatchObject({
      type: 'BackupFinished',
      totals: { failed: 0 },
    });
    const after = await box.onDrive();
    const contents = [...Object.values(EXPECTED), 'day:2026-11-20 before all'].sort();
    expect(Object.values(after).sort(), `resumed after ${k}`).toEqual(contents);
    const shots = new Set(Object.keys(after).map((path) => path.replace(/\.[^.]*$/, '')));
    // RAW and JPEG are one shot.
    expect(shots.size, `resumed after ${k}`).toBe(contents.length - 1);
  }
});

test('stopped for a shutdown at any moment, the next run finishes the same way', async () => {
  let asked = 0;
  const counting = await filled();
  await counting.backup({
    stop: () => {
      asked += 1;
      return null;
    },
  });
  for (let k = 1; k <= asked; k += 1) {
    const box = await filled();
    let left = k;
    const stop = () => (--left <= 0 ? 'shutdown' : null);
    expect(await box.backup({ stop }), `stopped at ${k}`).toMatchObject({
      type: 'BackupInterrupted',
      reason: 'shutdown',
      drives: [{ outcome: 'interrupted', reason: 'shutdown' }],
    });
    expect(await box.incoming(), `left after ${k}`).toEqual([]);
    expect(await box.backup(), `resumed after ${k}`).toMatchObject({ type: 'BackupFinished' });
    expect(await box.onDrive(), `resumed after ${k}`).toEqual(EXPECTED);
  }
  expect(asked).toBeGreaterThan(10);
});

test('a known card goes on where it was killed and reads only the rest', async () => {
  const box = await filled();
  box.asVolume();
  for (let n = 0; n < 300; n += 1) {
    const content = `content of ${n}`.padEnd(HEAD_BYTES + 1, 'x');
    await box.put(`DCIM/103/MANY_${n}.JPG`, content, NOON - n * 1000);
  }
  let settled = 0;
  await box
    .backup({
      emit: async (fact) => {
        if (settled > 1) throw new Error('killed');
        await box.journal.emit(fact);
        if (fact.type === 'FilesSettled') settled += 1;
      },
    })
    .catch(() => undefined);
  const read = new Set<string>();
  const cards = altered(box.cards, {
    readStarts: (root, files, maxBytes) => {
      // A known file gives its head only.
      if (maxBytes > HEAD_BYTES) for (const { path } of files) read.add(path);
      return box.cards.readStarts(root, files, maxBytes);
    },
  });
  const recorded = box.journal
    .of('FilesSettled')
    .flatMap(({ copied, duplicates }) => [...copied, ...duplicates])
    .map(({ path }) => path as string);
  expect(recorded.length).toBeGreaterThanOrEqual(128);
  await box.orphanIncoming();
  expect(await box.backup({ cards })).toMatchObject({ type: 'BackupFinished' });
  const large = (path: string) => path.includes('MANY');
  expect(recorded.filter((path) => read.has(path))).toEqual([]);
  expect([...read].filter(large)).toHaveLength(300 - recorded.filter(large).length);
});
