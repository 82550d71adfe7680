import { beforeEach, expect, test } from 'vitest';
import type { InboxFile } from '../../services/inbox/ports.ts';
import { Requests } from '../../services/inbox/requests.ts';
import { p } from './kit.ts';

const HOUR_MS = 3_600_000;
const file = (path: string, mark = '1'): InboxFile => ({ path: p(path), sizeBytes: 1, mtimeMs: 1, mark });

let requests: Requests;
beforeEach(() => {
  requests = new Requests();
});

/** Moments of the requests for files that no backup ever tries, looked at every 2 s. */
function moments(files: readonly InboxFile[], fromMs: number, toMs: number): readonly number[] {
  const found: number[] = [];
  for (let nowMs = fromMs; nowMs <= toMs; nowMs += 2000) {
    if (!requests.isDue(files, nowMs)) continue;
    requests.asked(files, nowMs);
    found.push(nowMs / 60_000);
  }
  return found;
}

test('what no backup came to try is asked for again, after twice as long each time', () => {
  expect(moments([file('a.jpg')], 0, HOUR_MS)).toEqual([0, 1, 3, 7, 15, 31]);
});

test('after an hour at the latest', () => {
  const all = moments([file('a.jpg')], 0, 10 * HOUR_MS);
  expect(all.slice(-3).map((moment, at, last) => moment - (last[at - 1] ?? moment))).toEqual([0, 60, 60]);
});

test.each([
  ['another file', [file('a.jpg'), file('b.jpg')]],
  ['the same one, changed', [file('a.jpg', '2')]],
])('%s is asked for at once, and waits from the beginning', (_, files) => {
  moments([file('a.jpg')], 0, 20 * 60_000);
  expect(moments(files, 21 * 60_000, 25 * 60_000)).toEqual([21, 22, 24]);
});

test('fewer files than before are nothing new', () => {
  requests.asked([file('a.jpg'), file('b.jpg')], 0);
  expect(requests.isDue([file('a.jpg')], 2000)).toBe(false);
});
