import { describe, expect, test } from 'vitest';
import type { BackupStatus, Status } from '../../services/shapes.ts';
import { statusLine } from '../../services/status-line.ts';

const STATUS: Status = {
  state: 'ready',
  signal: 'ready',
  code: null,
  leds: { red: 'off', amber: 'off', green: 'on' },
  drives: [],
  cards: [],
  backups: [],
  problems: [],
  verifications: [],
  health: null,
  address: null,
  ending: null,
};

function backup(change: Partial<BackupStatus> = {}): BackupStatus {
  return {
    id: '20261121-7',
    card: 'SD32GB-03',
    drives: [],
    phase: 'copying',
    filesDone: 312,
    filesTotal: 1024,
    bytesDone: 410,
    bytesTotal: 1000,
    rateBytesPerSecond: 5,
    secondsLeft: 118,
    startedAt: '2026-11-21T00:00:00Z',
    finishedAt: null,
    outcome: null,
    secondReading: null,
    ...change,
  };
}

const drive = (adopted: boolean, mounted: boolean) =>
  ({ id: 'd', label: 'D', uuid: null, adopted, mounted, path: '/d', sizeBytes: 1, freeBytes: 1 }) as const;
const card = (backedUp: boolean) =>
  ({ id: 'c', label: 'C', uuid: null, path: '/c', readOnly: true, insertion: 7, backedUp }) as const;
const problem = (blinks: number, message: string) =>
  ({ code: 'x', blinks, message, since: '2026-11-21T00:00:00Z' }) as const;

describe('a backup', () => {
  const lineOf = (...backups: BackupStatus[]) =>
    statusLine({ ...STATUS, state: 'copying', signal: 'copying', backups });

  test('with files, part and time left', () => {
    expect(lineOf(backup())).toBe('copying SD32GB-03: 312 of 1,024 files, 41 %, 2 min left');
  });

  test.each<[Partial<BackupStatus>, string]>([
    [
      { phase: 'verifying', filesDone: 1_234_567, filesTotal: 1_234_567 },
      'verifying SD32GB-03: 1,234,567 of 1,234,567 files, 41 %, 2 min left',
    ],
    [{ phase: 'planned' }, 'reading the list of SD32GB-03'],
    [{ secondsLeft: null }, 'copying SD32GB-03: 312 of 1,024 files, 41 %'],
    [{ secondsLeft: 0.2 }, 'copying SD32GB-03: 312 of 1,024 files, 41 %, 1 s left'],
    [{ secondsLeft: 59 }, 'copying SD32GB-03: 312 of 1,024 files, 41 %, 59 s left'],
    [{ secondsLeft: 3600 }, 'copying SD32GB-03: 312 of 1,024 files, 41 %, 1 h 0 min left'],
    [{ secondsLeft: 8000 }, 'copying SD32GB-03: 312 of 1,024 files, 41 %, 2 h 14 min left'],
    [{ bytesTotal: 0, secondsLeft: null }, 'copying SD32GB-03: 312 of 1,024 files'],
    [{ filesTotal: 1, filesDone: 0, secondsLeft: null }, 'copying SD32GB-03: 0 of 1 file, 41 %'],
  ])('%j', (change, line) => {
    expect(lineOf(backup(change))).toBe(line);
  });

  test('is never at 100 % before its end', () => {
    expect(lineOf(backup({ bytesDone: 1000 }))).toContain(' 99 %');
    expect(lineOf(backup({ bytesDone: 2000 }))).toContain(' 99 %');
  });

  test('beside another one; a third is not shown, nor one that is over', () => {
    const line = lineOf(
      backup({ outcome: 'done', card: 'OLD' }),
      ...['A', 'B', 'C'].map((name) => backup({ card: name })),
    );
    expect(line).toMatch(/^copying A: .*; copying B: [^;]*$/);
  });

  test('does not hide an error; of several the lowest code', () => {
    const problems = [problem(7, 'drive lost'), problem(0, 'low space'), problem(4, 'card unreadable')];
    const line = statusLine({ ...STATUS, state: 'copying', signal: 'error', backups: [backup()], problems });
    expect(line).toMatch(/2 min left; error 4: card unreadable$/);
  });
});

describe('when nothing runs', () => {
  test.each<[Partial<Status>, string]>([
    [{ state: 'boot', signal: 'booting' }, 'looking for cards and drives'],
    [{ state: 'shutdown', signal: 'shutting-down' }, 'shutting down'],
    [{ state: 'shutdown', signal: 'off', ending: 'poweroff' }, 'safe to cut power'],
    [{ state: 'shutdown', signal: 'off', ending: 'reboot' }, 'restarting'],
    [{ state: 'shutdown', signal: 'off', ending: 'stop' }, 'stopped'],
    [{ signal: 'waiting' }, 'waiting: 0 drives, no card'],
    [{ drives: [drive(true, true), drive(false, true), drive(true, false)] }, 'ready: 1 drive, no card'],
    [
      { signal: 'attention', cards: [card(true), card(false)] },
      'attention: 0 drives, 1 of 2 cards backed up',
    ],
    [{ cards: [card(true)] }, 'ready: 0 drives, 1 of 1 card backed up'],
    [{ problems: [problem(0, 'low space')] }, 'ready: 0 drives, no card'],
    [{ state: 'error', signal: 'error', problems: [problem(2, 'no drive')] }, 'error 2: no drive'],
  ])('%j', (change, line) => {
    expect(statusLine({ ...STATUS, ...change })).toBe(line);
  });
});
