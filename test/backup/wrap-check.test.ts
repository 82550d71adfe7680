import { describe, expect, test } from 'vitest';
import { type RelativePath, relativePath } from '../../machines/ids.ts';
import { type PlacedFile, PlacedSample, sampleIntact } from '../../services/backup/wrap-check.ts';
import { DriveError } from '../../services/errors.ts';
import type { DriveStore, ReadBack } from '../../services/media-ports.ts';

const MIB = 1024 * 1024;

const file = (n: number, sizeBytes = 100): PlacedFile => ({
  to: relativePath(`Photos/IMG_${n}.JPG`),
  sizeBytes,
  xxh64: String(n).padStart(16, '0'),
  headXxh64: `head ${n}`,
});

/** A drive that holds the files as written, but for those named in `now`. */
function drive(files: readonly PlacedFile[], now: Record<number, Partial<ReadBack> | Error> = {}) {
  const read: RelativePath[] = [];
  const heads: RelativePath[] = [];
  const store: Partial<DriveStore> = {
    drive: { label: 'TANK' } as DriveStore['drive'],
    readBack: async (path) => {
      read.push(path);
      const at = files.findIndex(({ to }) => to === path);
      const answer = now[at] ?? {};
      if (answer instanceof Error) throw answer;
      const { sizeBytes, xxh64 } = files[at]!;
      return { sizeBytes, xxh64, verifiedFrom: 'medium', ...answer };
    },
    readHead: async (path, maxBytes) => {
      heads.push(path);
      const at = files.findIndex(({ to }) => to === path);
      const answer = now[at] ?? {};
      if (answer instanceof Error) throw answer;
      const xxh64 = files[at]?.headXxh64 ?? '';
      return { sizeBytes: maxBytes, xxh64, verifiedFrom: 'medium', ...answer };
    },
  };
  return { store: store as DriveStore, read, heads };
}

const numbers = (files: readonly PlacedFile[]) => files.map(({ xxh64 }) => Number(xxh64));

function sampleOf(count: number, sizeBytes?: number): PlacedSample {
  const sample = new PlacedSample();
  for (let n = 0; n < count; n += 1) sample.add(file(n, sizeBytes));
  return sample;
}

describe('the sample of what was placed', () => {
  test('is all of a small backup', () => {
    expect(numbers(sampleOf(32).files)).toEqual(Array.from({ length: 32 }, (_, n) => n));
  });

  test.each([33, 100, 1000, 50_000])('of %s files is the first 8 and some spread evenly', (count) => {
    const chosen = numbers(sampleOf(count).files);
    expect(chosen.slice(0, 8)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const spread = chosen.slice(8);
    expect(spread.length).toBeGreaterThanOrEqual(12);
    expect(spread.length).toBeLessThanOrEqual(24);
    const steps = spread.slice(1).map((n, at) => n - spread[at]!);
    expect(new Set(steps).size).toBe(1);
    expect(spread[0]).toBe(8);
    expect(count - spread.at(-1)!).toBeLessThanOrEqual(steps[0]!);
  });

  test('passes over empty files only', () => {
    const sample = new PlacedSample();
    for (const size of [0, 64 * MIB, 64 * MIB + 1, 1]) sample.add(file(size, size));
    expect(sample.files.map(({ sizeBytes }) => sizeBytes)).toEqual([64 * MIB, 64 * MIB + 1, 1]);
  });
});

describe('a sample of large files', () => {
  const large = [
    file(0, 65 * MIB),
    file(1, 40 * MIB),
    file(2, 40 * MIB),
    { ...file(3, 4e9), headXxh64: null },
  ];

  test('is read whole up to 64 MiB, of the others their beginnings, where these are known', async () => {
    const { store, read, heads } = drive(large);
    expect(await sampleIntact(store, large, () => undefined)).toBeNull();
    expect(read).toEqual([large[1]?.to]);
    expect(heads).toEqual([large[0]?.to, large[2]?.to]);
  });

  test('with another beginning is a drive that cannot be trusted', async () => {
    const { store } = drive(large, { 0: { xxh64: 'f'.repeat(16) } });
    expect(await sampleIntact(store, large, () => undefined)).toMatchObject({
      lost: [{ to: large[0]?.to, why: 'altered' }],
      error: { reason: 'drive-failing' },
    });
  });
});

describe('a sample read a second time', () => {
  const files = Array.from({ length: 10 }, (_, n) => file(n));

  test('that is as written', async () => {
    const { store, read } = drive(files);
    const told: ReadBack[] = [];
    expect(await sampleIntact(store, files, (result) => told.push(result))).toBeNull();
    expect(read).toEqual(files.map(({ to }) => to));
    expect(told).toHaveLength(10);
  });

  test.each([
    ['another content', { xxh64: 'f'.repeat(16) }],
    ['another size', { sizeBytes: 99 }],
  ])('with %s is a drive that cannot be trusted, and names every file that is lost', async (_what, now) => {
    const { store } = drive(files, { 0: now, 7: now });
    expect(await sampleIntact(store, files, () => undefined)).toMatchObject({
      lost: [
        { to: files[0]?.to, why: 'altered' },
        { to: files[7]?.to, why: 'altered' },
      ],
      error: { name: 'DriveError', reason: 'drive-failing', message: expect.stringContaining('fake flash') },
    });
  });

  test('that the drive no longer gives fails by the words of the drive, with what was found by then', async () => {
    const { store, read } = drive(files, { 1: { xxh64: 'x' }, 3: new DriveError('drive-lost', 'ENODEV') });
    const broken = await sampleIntact(store, files, () => undefined);
    expect(broken).toMatchObject({
      lost: [{ to: files[1]?.to, why: 'altered' }],
      error: { reason: 'drive-lost', message: 'ENODEV' },
    });
    expect(read).toHaveLength(4);
  });

  test('is 64 MiB at most; what does not fit any more does not keep out what does', async () => {
    const large = [file(0, 30 * MIB), file(1, 30 * MIB), file(2, 30 * MIB), file(3, 4 * MIB), file(4, 1)];
    const { store, read } = drive(large);
    expect(await sampleIntact(store, large, () => undefined)).toBeNull();
    expect(read).toEqual([0, 1, 3].map((n) => large[n]?.to));
  });

  test('a fault of ours is not hidden', async () => {
    const { store } = drive(files, { 0: new TypeError('ours') });
    await expect(sampleIntact(store, files, () => undefined)).rejects.toThrow('ours');
  });
});
