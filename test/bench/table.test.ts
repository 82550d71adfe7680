import { expect, test } from 'vitest';
import { aRun, ours, workload } from './made.ts';
import { resultOf } from './result.ts';
import { aligned, table, targetTable } from './table.ts';
import { atLeast, atMost } from './targets.ts';

test('columns are as wide as their widest cell, the first to the left and numbers to the right', () => {
  expect(
    aligned([
      ['', 'files'],
      ['A long', '1'],
      ['B', '10'],
    ]),
  ).toBe(['        files', 'A long      1', 'B          10'].join('\n'));
});

test('each workload has a line with its ratios, their least and most, and whether its targets hold', () => {
  const runs = [
    aRun({ imagetank: ours(500) }),
    aRun({ imagetank: ours(1000) }),
    aRun({ imagetank: ours(1200) }),
  ];
  const [, line] = table([resultOf(workload('B'), runs)]).split('\n');
  expect(line).toMatch(/^B fast disk +100 +2400 +1\.00 +2\.00 +4\.00 +1\.00 +1\.00 \(0\.50–1\.20\)/);
  expect(line).toMatch(/ 0\.25 \(0\.13–0\.30\) .* yes$/);
});

test('what could not be measured is a dash, and the targets do not hold', () => {
  const run = aRun({ rsync: null, imagetank: ours(1000, { ledErrorsMs: [] }) });
  const [, line] = table([resultOf(workload('B'), [run])]).split('\n');
  expect(line).toMatch(/1\.00 +– +– +1\.00 .* – .* no$/);
});

test('each target has a line with what was measured, what is asked, and yes or no', () => {
  const limits = [atMost('× cp', 1.234, 1.1), atLeast('MB read', 500, 480), atMost('ms', null, 10)];
  expect(targetTable([{ id: 'B', limits }]).split('\n')).toEqual([
    'B     × cp          1.23   at most 1.1   no',
    'B  MB read           500  at least 480  yes',
    'B       ms  not measured    at most 10   no',
  ]);
});
