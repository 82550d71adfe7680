import { describe, expect, test } from 'vitest';
import { relativePath } from '../../machines/ids.ts';
import { chunksOf } from '../../services/backup/chunks.ts';
import type { PlannedGroup } from '../../services/backup/drive-plan.ts';

const KIB = 1024;

/** A shot group of files of these sizes. */
const group = (...sizes: number[]): PlannedGroup => ({
  group: {
    members: sizes.map((sizeBytes, index) => {
      return { kind: 'file', index, path: relativePath(`F${index}.JPG`), sizeBytes, mtimeMs: 0 };
    }),
  },
  states: ['new'],
});

const many = (count: number, ...sizes: number[]): PlannedGroup[] =>
  Array.from({ length: count }, () => group(...sizes));

const shapeOf = (groups: readonly PlannedGroup[]) =>
  [...chunksOf(groups)].map(({ groups: { length }, small, bytes, largestBytes }) => {
    return { length, small, bytes, largestBytes };
  });

describe('chunks of a plan', () => {
  test('are none for no group', () => expect(shapeOf([])).toEqual([]));

  test('small files come together, in order', () => {
    const groups = [group(10, 20), group(5), group(0)];
    expect([...chunksOf(groups)].flatMap((chunk) => chunk.groups)).toEqual(groups);
    expect(shapeOf(groups)).toEqual([{ length: 3, small: true, bytes: 35, largestBytes: 20 }]);
  });

  test('256 KiB is small, one byte more stands alone and keeps its place', () => {
    const large = 256 * KIB + 1;
    expect(shapeOf([group(1), group(256 * KIB), group(large), group(2), group(3)])).toEqual([
      { length: 2, small: true, bytes: 256 * KIB + 1, largestBytes: 256 * KIB },
      { length: 1, small: false, bytes: large, largestBytes: large },
      { length: 2, small: true, bytes: 5, largestBytes: 3 },
    ]);
  });

  test('a small file beside a large one of its shot goes with it', () => {
    expect(shapeOf([group(10, 300 * KIB)])).toMatchObject([{ length: 1, small: false }]);
  });

  test('at most 64 files', () => {
    expect(shapeOf(many(150, 1)).map(({ length }) => length)).toEqual([64, 64, 22]);
    expect(shapeOf(many(50, 1, 1)).map(({ length }) => length)).toEqual([32, 18]);
  });

  test('at most 4 MiB of slots, each as large as the largest file', () => {
    for (const chunk of chunksOf([...many(40, 1), group(200 * KIB), ...many(40, 100 * KIB)])) {
      const files = chunk.groups.flatMap((each) => each.group.members).length;
      expect(files * chunk.largestBytes).toBeLessThanOrEqual(4096 * KIB);
    }
    expect(shapeOf(many(41, 100 * KIB)).map(({ length }) => length)).toEqual([40, 1]);
  });

  test('a shot of more small files than one call takes is taken alone', () => {
    expect(shapeOf([group(...Array.from({ length: 257 }, () => 1))])).toMatchObject([{ small: false }]);
  });
});
