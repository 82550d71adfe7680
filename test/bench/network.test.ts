import { expect, test } from 'vitest';
import { type NetworkMeasured, type NetworkRun, networkOf, networkTable } from './network-figures.ts';

const measured = (changes: Partial<NetworkMeasured> = {}): NetworkMeasured => ({
  tookMs: 10_000,
  cpuSeconds: 2,
  ledErrorsMs: [1, 2, 3],
  clients: { answers: 1000, p99Ms: null, failed: 0 },
  ...changes,
});

const aRun = (changes: Partial<NetworkRun> = {}): NetworkRun => ({
  nobody: measured({ clients: null }),
  listen: measured(),
  load: measured(),
  send: measured(),
  ...changes,
});

const missed = (statusMs: number, run: NetworkRun) =>
  networkOf([statusMs], [run])
    .limits.filter(({ ok }) => !ok)
    .map(({ what }) => what);

test('what clients cost is held against the same backup without them', () => {
  const result = networkOf([1, 2, 9], [aRun({ listen: measured({ cpuSeconds: 2.3 }) })]);
  expect(result.statusMs).toEqual({ median: 2, p99: 9 });
  expect(result.listenPercent).toBeCloseTo(3);
  expect(result.answersPerSecond).toBe(100);
  expect(result.ok).toBe(true);
  expect(networkTable(result).split('\n')).toHaveLength(6);
});

test('each figure of the issue can be missed', () => {
  expect(missed(5, aRun())).toEqual([]);
  expect(missed(5.1, aRun())).toEqual(['ms for a status (median)']);
  expect(missed(1, aRun({ listen: measured({ cpuSeconds: 2.51 }) }))).toEqual([
    '% of one core for 50 streams',
  ]);
  expect(missed(1, aRun({ load: measured({ tookMs: 10_501 }) }))).toEqual([
    '× the backup without clients, 100 connections',
  ]);
  expect(missed(1, aRun({ send: measured({ tookMs: 10_501 }) }))).toEqual([
    '× the backup without clients, an upload',
  ]);
  expect(missed(1, aRun({ load: measured({ ledErrorsMs: [1, 10.1] }) }))).toEqual([
    'ms of LED timer error under load (p99)',
  ]);
  const refused = { answers: 1000, p99Ms: 9, failed: 1 };
  for (const who of ['listen', 'load', 'send']) {
    expect(missed(1, aRun({ [who]: measured({ clients: refused }) }))).toEqual([
      'requests that were refused or broken',
    ]);
  }
});

test('without a run there is no answer', () => {
  expect(() => networkOf([1], [])).toThrow(RangeError);
});
