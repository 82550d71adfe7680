import { describe, expect, test } from 'vitest';
import { checkAdvice, checkText } from '../../bin/cli/check-text.ts';
import type { CheckResult } from '../../services/work-shapes.ts';
import { lost, SAFE } from './scripted-appliance.ts';

type Drive = CheckResult['drives'][number];
const held = (label: string, files: number, state: Drive['state'] = 'attached'): Drive => ({
  id: `id-${label}`,
  label,
  state,
  files,
});
const copies = (asked: 'all' | number, required: number, lookedAt = required): CheckResult['copies'] => ({
  asked,
  required,
  lookedAt,
  onRecord: required - lookedAt,
});
const text = (changes: Partial<CheckResult>, isAll = false): string[] =>
  checkText({ ...SAFE, files: 412, verified: 412, drives: [held('PDRIVE128GB', 412)], ...changes }, isAll);
const unsafe = (count: number, changes: Partial<CheckResult> = {}): Partial<CheckResult> => ({
  safe: false,
  verified: 412 - count,
  missing: Array.from({ length: count }, (_, at) => lost(`${at}.JPG`, 'not-on-drive')),
  ...changes,
});

describe('the first line', () => {
  test.each<[line: string, changes: Partial<CheckResult>]>([
    ['SAFE to format: 412 files, each verified on 1 drive (PDRIVE128GB)', {}],
    [
      'SAFE to format: 1 file, each verified on 1 drive (A)',
      { files: 1, verified: 1, drives: [held('A', 1)] },
    ],
    ['SAFE to format: there is no file on it', { files: 0, verified: 0 }],
    [
      'SAFE to format: 412 files, each verified on 2 drives (A, BACKUP2)',
      { copies: copies(2, 2), drives: [held('A', 412), held('BACKUP2', 412), held('C', 3)] },
    ],
    [
      'SAFE to format: 412 files, each verified on at least 2 drives (A 412, B 212, C on record 200)',
      {
        copies: copies(2, 2),
        drives: [held('A', 412), held('B', 212), held('C', 200, 'away'), held('D', 0)],
      },
    ],
    [
      'SAFE to format: 412 files, each verified on 1 drive (A), and off-site',
      { drives: [held('A', 412)], offsite: { verified: 412 } },
    ],
    [
      'SAFE to format, on record only: 412 files, each verified on 1 drive (A on record)',
      { copies: copies('all', 1, 0), drives: [held('A', 412, 'away')] },
    ],
    ['NOT safe to format: 3 of 412 files not verified on a drive', unsafe(3)],
    ['NOT safe to format: 3 of 412 files not verified on 2 drives', unsafe(3, { copies: copies(2, 2) })],
    [
      'NOT safe to format: 3 of 412 files not verified on each of the 2 attached drives',
      unsafe(3, { copies: copies('all', 2) }),
    ],
    [
      'NOT safe to format: 3 of 412 files not verified on a drive and off-site',
      unsafe(3, { offsite: { verified: 0 } }),
    ],
  ])('%s', (line, changes) => {
    expect(text(changes)[0]).toBe(line);
  });

  test('a drive that cannot be used is never among those that hold the files', () => {
    const [head, second] = text({ drives: [held('A', 412), held('B', 0, 'unusable')] });
    expect(head).toContain('1 drive (A)');
    expect(second).toBe('not counted      B: cannot be used now, so what it holds does not count');
  });
});

describe('what nobody looked at', () => {
  const drives = [held('A', 412), held('B', 412, 'away')];

  test('is said where the answer rests on it', () => {
    expect(text({ copies: copies(2, 2, 1), drives })).toEqual([
      'SAFE to format: 412 files, each verified on 2 drives (A, B on record)',
      'looked at now    1 of 2 copies of each file; B is away: verified when it was copied, on record only',
    ]);
    expect(
      text({ copies: copies(2, 2, 0), drives: [held('A', 412, 'away'), held('B', 412, 'away')] })[1],
    ).toBe(
      'looked at now    not one copy of some files; A, B are away: verified when it was copied, on record only',
    );
  });

  test('and not where it does not, nor where the answer is no', () => {
    expect(text({ copies: copies(1, 1), drives })).toHaveLength(1);
    expect(text({ ...unsafe(1, { missing: [] }), copies: copies(2, 2, 1), drives })[1]).toBe(
      '… and 1 more files, all with --all',
    );
  });
});

describe('the list', () => {
  test('says how many each file has and on which drives', () => {
    const drives = [held('A', 412), held('B', 1)];
    const few = { ...lost('DCIM/A.JPG', 'too-few-copies'), copies: 2, drives: ['id-A', 'id-B'] };
    const unknown = { ...few, path: 'B.JPG', drives: ['id-gone'], copies: 1 };
    expect(text(unsafe(2, { missing: [few, unknown], copies: copies(3, 3), drives })).slice(1)).toEqual([
      'too-few-copies   DCIM/A.JPG (2 of 3: A, B)',
      'too-few-copies   B.JPG (1 of 3: id-gone)',
    ]);
  });

  test('says why a file under two names is no copy', () => {
    const missing = [lost('DCIM/A.JPG', 'hard-link')];
    expect(text({ safe: false, verified: 411, missing }).slice(1)).toEqual([
      'hard-link        DCIM/A.JPG (what lies on the drive is this very file, no copy)',
    ]);
  });

  test('is 20 lines of each kind, with a count of the rest', () => {
    const gaps = Array.from({ length: 21 }, (_, at) => `IMG_${at}`);
    const lines = text(unsafe(50, { gaps }));
    expect(lines.filter((one) => one.startsWith('not-on-drive'))).toHaveLength(20);
    expect(lines).toContain('… and 30 more files, all with --all');
    expect(lines.at(-1)).toBe('… and 1 more gaps, all with --all');
    expect(text(unsafe(20))).toHaveLength(21);
  });

  test('is whole with --all, but for what the answer itself left out', () => {
    expect(text(unsafe(50), true)).toHaveLength(51);
    expect(text({ ...unsafe(50), verified: 300 }, true).at(-1)).toBe('… and 62 more files');
  });

  test('names what no backup copies', () => {
    const notFiles = [{ path: 'pipe', what: 'fifo' as const }];
    expect(text({ notFiles, ignored: ['.Trashes'], gaps: ['IMG_0007'] }).slice(1)).toEqual([
      'not copied       pipe (named pipe)',
      'not copied       .Trashes (of an operating system)',
      'never seen       IMG_0007',
    ]);
  });
});

describe('off-site', () => {
  const all = Array.from({ length: 412 }, (_, at) => ({
    ...lost(`${at}.JPG`, 'not-offsite'),
    copies: 1,
    drives: ['id-PDRIVE128GB'],
  }));
  const nothing = { safe: false, verified: 0, missing: all, offsite: { verified: 0 } };

  test('with nothing recorded the answer is one line, and the advice another', () => {
    expect(text(nothing)).toEqual(['NOT safe to format: no off-site copy is recorded']);
    expect(checkAdvice({ ...SAFE, ...nothing })).toContain('without --offsite');
  });

  test('a file that lacks more than that is named', () => {
    const [first, ...rest] = all;
    const worse = {
      ...nothing,
      missing: [{ ...(first ?? lost('', 'altered')), why: 'altered' as const }, ...rest],
    };
    expect(text(worse)[0]).toBe('NOT safe to format: 412 of 412 files not verified on a drive and off-site');
    expect(text(worse)[1]).toMatch(/^altered/);
  });
});

test.each<[advice: RegExp | null, changes: Partial<CheckResult>]>([
  [null, {}],
  [/^back it up and check once more/, unsafe(1)],
  [/another reader/, unsafe(1, { missing: [lost('a', 'unreadable')] })],
  [/^attach and adopt more drives \(2 are asked for\), then back it up/, unsafe(1, { copies: copies(2, 2) })],
  [
    /^attach and adopt more/,
    unsafe(1, { copies: copies(2, 2), drives: [held('A', 9), held('B', 9, 'unusable')] }),
  ],
  [/^back it up/, unsafe(1, { copies: copies(2, 2), drives: [held('A', 9), held('B', 9, 'away')] })],
])('what to do: %s', (advice, changes) => {
  const told = checkAdvice({ ...SAFE, files: 412, verified: 412, ...changes });
  if (advice === null) expect(told).toBeNull();
  else expect(told).toMatch(advice);
});
