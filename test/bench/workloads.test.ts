import { describe, expect, test } from 'vitest';
import { workload } from './made.ts';
import { FULL, needsRoot, QUICK } from './workloads.ts';

test('all workloads of the table are there, in full and in short', () => {
  const ids = ['A', 'B', 'C', 'D', 'E', 'F1', 'F2', 'F3'];
  expect(FULL.map(({ id }) => id)).toEqual(ids);
  expect(QUICK.map(({ id }) => id)).toEqual(ids);
});

test('a median is one of five or more', () => {
  expect(Math.min(...FULL.map(({ runs }) => runs))).toBeGreaterThanOrEqual(5);
});

describe('sizes of the table', () => {
  test.each([
    ['A', 24e6],
    ['B', 24e6],
    ['C', 4e9],
    ['D', 20e3],
    ['F1', 24e6],
    ['F2', 20e3],
  ] as const)('%s: files of %d bytes', (id, bytes) => {
    expect(workload(id).fileBytes).toBe(bytes);
  });

  test('50,000 small files, ten new ones, two drives, one video', () => {
    expect(workload('D').files).toBe(50_000);
    expect(workload('F2').files).toBe(50_000);
    expect(workload('F3').newFiles).toBe(10);
    expect(workload('E').drives).toBe(2);
    expect(workload('C').files).toBe(1);
  });
});

test('a short one is the same workload with less of it', () => {
  for (const [at, { files, fileBytes, runs, ...same }] of QUICK.entries()) {
    expect(FULL[at]).toMatchObject(same);
    expect(files * fileBytes).toBeLessThanOrEqual(240e6);
    expect(runs).toBe(1);
  }
});

test('root is needed for what only the kernel can do', () => {
  expect(FULL.filter(needsRoot).map(({ id }) => id)).toEqual(['A', 'F1', 'F2', 'F3']);
});
