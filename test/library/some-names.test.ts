import { expect, test } from 'vitest';
import { SomeNames } from '../../services/library/some-names.ts';

test.each([
  [['a'], 'a'],
  [['a', 'b', 'c'], 'a, b, c'],
  [['a', 'b', 'c', 'd'], 'a, b, c and 1 other'],
  [['a', 'b', 'c', 'd', 'e'], 'a, b, c and 2 others'],
])('%j is told as "%s"', (names, told) => {
  const some = new SomeNames();
  for (const name of names) some.add(name);
  expect(`${some}`).toBe(told);
  expect(some.count).toBe(names.length);
});
