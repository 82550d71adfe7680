import { expect, test } from 'vitest';
import type { RelativePath } from '../../machines/ids.ts';
import type { InboxFile } from '../../services/inbox/ports.ts';
import { QUIET_MS, Settling } from '../../services/inbox/settling.ts';

const file = (path: string, mark = 'one'): InboxFile => ({
  path: path as RelativePath,
  sizeBytes: 1,
  mtimeMs: 0,
  mark,
});
const paths = (settling: Settling) => settling.settled().map(({ path }) => path);

test('a file is complete when it has not changed for half a minute, and not a moment before', () => {
  const settling = new Settling();
  settling.look([file('a')], 1000);
  settling.look([file('a')], 1000 + QUIET_MS - 1);
  expect(paths(settling)).toEqual([]);
  settling.look([file('a')], 1000 + QUIET_MS);
  expect(paths(settling)).toEqual(['a']);
});

test('each change begins the time anew', () => {
  const settling = new Settling();
  settling.look([file('a')], 0);
  settling.look([file('a', 'two')], QUIET_MS);
  settling.look([file('a', 'two')], 2 * QUIET_MS - 1);
  expect(paths(settling)).toEqual([]);
  settling.look([file('a', 'two')], 2 * QUIET_MS);
  expect(paths(settling)).toEqual(['a']);
});

test('one look is never enough, however old the file says that it is', () => {
  const settling = new Settling();
  settling.look([file('a')], 10 * QUIET_MS);
  expect(paths(settling)).toEqual([]);
});

test('a file that went and came back is a new one', () => {
  const settling = new Settling();
  settling.look([file('a')], 0);
  settling.look([], 1000);
  settling.look([file('a')], QUIET_MS);
  expect(paths(settling)).toEqual([]);
});

test('a temporary name is never complete, but it says that somebody uploads', () => {
  const settling = new Settling();
  expect(settling.isArriving).toBe(false);
  settling.look([file('a.part')], 0);
  expect(settling.isArriving).toBe(true);
  settling.look([file('a.part')], QUIET_MS);
  expect([paths(settling), settling.isArriving]).toEqual([[], false]);
  settling.look([file('a.part', 'two')], 2 * QUIET_MS);
  expect(settling.isArriving).toBe(true);
});

test('two names that look alike and differ in their bytes are two files', () => {
  const settling = new Settling();
  const other = { ...file('a\uFFFD', 'other'), pathBase64: 'Yf8=' };
  settling.look([file('a\uFFFD'), other], 0);
  settling.look([file('a\uFFFD'), other], QUIET_MS);
  expect(settling.settled()).toHaveLength(2);
});
