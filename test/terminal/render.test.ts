import { describe, expect, test } from 'vitest';
import {
  renderDrives,
  renderHistory,
  renderLeds,
  renderLight,
  renderProgress,
  renderStatus,
} from '../../adapters/terminal/render.ts';
import { BEING_VERIFIED, COPYING, DRIVE, HISTORY_LINE, RUNNING, STATUS } from '../cli/scripted-appliance.ts';

/** A name that would clear the screen and turn the rest of the line around. */
const EVIL = '\u001b[2J\u202eSD';
const HARMLESS = '\\u001b[2J\\u202eSD';
const text = (lines: readonly string[]) => lines.join('\n');

describe('what a card, drive or file supplies is escaped', () => {
  test('in the status', () => {
    const shown = text(
      renderStatus({
        ...STATUS,
        cards: STATUS.cards.map((card) => ({ ...card, label: EVIL, path: `/${EVIL}` })),
        drives: [{ ...DRIVE, label: EVIL, uuid: EVIL, path: EVIL }],
        backups: STATUS.backups.map((backup) => ({ ...backup, card: EVIL })),
        problems: STATUS.problems.map((problem) => ({ ...problem, message: EVIL })),
      }),
    );
    expect(shown).not.toMatch(/\p{Bidi_Control}/u);
    expect(shown).not.toContain('\u001b[2J');
    expect(shown.split(HARMLESS)).toHaveLength(1 + 2 + 3 + 2 + 1);
  });

  test('in drives and history', () => {
    expect(text(renderDrives([{ ...DRIVE, label: EVIL }]))).toContain(HARMLESS);
    expect(text(renderHistory([{ ...HISTORY_LINE, card: EVIL, reason: EVIL }])).split(HARMLESS)).toHaveLength(
      3,
    );
  });
});

test('a dark lamp is hollow, so that lights are read without colours', () => {
  expect(renderLeds(COPYING.leds)).toBe('○ red off   ● amber pulse 400/400   ○ green off');
});

test('a light line says its code', () => {
  const line = { ...COPYING, signal: 'error', code: 4 } as const;
  expect(renderLight(line)).toContain('error 4  ');
  expect(renderLight(COPYING)).toMatch(/copying {2,}○/);
});

describe('progress', () => {
  test('shows what is known', () => {
    expect(renderProgress(RUNNING)).toBe(
      'copying  [########............] 40 %  12 of 40 files  1.2 GB of 3.0 GB  80.1 MB/s  3 min 05 s left',
    );
  });

  test('leaves out what is not', () => {
    const unknown = { ...RUNNING, rateBytesPerSecond: null, secondsLeft: null };
    expect(renderProgress(unknown)).toBe(
      'copying  [########............] 40 %  12 of 40 files  1.2 GB of 3.0 GB',
    );
  });

  test('is 0 % of nothing, and 100 % only of everything', () => {
    expect(renderProgress({ ...RUNNING, bytesDone: 0, bytesTotal: 0 })).toContain('] 0 %');
    expect(renderProgress({ ...RUNNING, bytesDone: 2_999_999_999 })).toContain('] 99 %');
    expect(renderProgress({ ...RUNNING, bytesDone: 3e9 })).toContain(`[${'#'.repeat(20)}] 100 %`);
  });
});

describe('the status', () => {
  test('says what is running apart from what has ended', () => {
    const lines = renderStatus(STATUS);
    const [running, ended] = [lines.indexOf('Running'), lines.indexOf('Last backups')];
    expect(lines[running + 1]).toContain(RUNNING.id);
    expect(lines[ended + 1]).toMatch(/20261120-3 .* done .* 2026-11-20 \d\d:00 → 2026-11-20 \d\d:10/);
  });

  test('shows a running verification, its name escaped', () => {
    const lines = (change: Partial<typeof BEING_VERIFIED>) =>
      renderStatus({ ...STATUS, verifications: [{ ...BEING_VERIFIED, ...change }] });
    const row = (change: Partial<typeof BEING_VERIFIED> = {}) => {
      const all = lines(change);
      return all[all.indexOf('Verifying') + 1];
    };
    const amounts = '[########............] 40 %  12 of 40 files  1.2 GB of 3.0 GB';
    expect(row()).toBe(`  PDRIVE128GB  ${amounts}  80.1 MB/s  23 s left`);
    const unknown = { rateBytesPerSecond: null, secondsLeft: null };
    expect(row(unknown)).toBe(`  PDRIVE128GB  ${amounts}`);
    expect(row({ ...unknown, waiting: true })).toBe(
      `  PDRIVE128GB  ${amounts}  waiting, a backup goes first`,
    );
    expect(row({ target: EVIL })).toContain(HARMLESS);
    expect(renderStatus(STATUS)).not.toContain('Verifying');
  });

  test('says of each of several drives how its own part ended', () => {
    const [backup] = STATUS.backups;
    if (backup === undefined) throw new Error('no backup in the script');
    const share = (label: string, outcome: 'done' | 'failed', reason: string | null) => ({
      ...{ id: label, label, outcome, reason, phase: outcome, verifiedFrom: 'medium', files: 2, bytes: 1000 },
    });
    const drives = [share(DRIVE.label, 'done', null), share('d-2', 'failed', 'drive-full')];
    const shown = text(renderStatus({ ...STATUS, backups: [{ ...backup, drives } as typeof backup] }));
    expect(shown).toContain(`${DRIVE.label}  done  2 files  1.0 kB verified`);
    expect(shown).toMatch(/d-2 +failed \(drive-full\) +2 files/);
  });

  test('leaves out sections without content', () => {
    const empty = { ...STATUS, cards: [], drives: [], backups: [], problems: [] };
    expect(renderStatus(empty)).toEqual([
      'State   copying, signal copying',
      'Lights  ○ red off   ● amber pulse 400/400   ○ green off',
    ]);
  });

  test('has a line for the machine only when something is not good there', () => {
    const { health } = STATUS;
    if (health === null) throw new Error('no health in the script');
    const at = { since: '2026-11-21T13:00:00.000Z' };
    const hot = { level: 'warning', reading: '81.2 °C', ...at } as const;
    const well = { level: 'good', reading: '90 MB', ...at } as const;
    const shown = (change: Partial<typeof health>) =>
      renderStatus({ ...STATUS, health: { ...health, ...change } }).filter((line) =>
        line.startsWith('Health'),
      );
    expect(shown({ memory: well, disks: [{ subject: 'D', ...well }] })).toEqual([]);
    expect(renderStatus({ ...STATUS, health: null }).join('\n')).not.toContain('Health');
    const failing = { subject: 'D\u001b[2J', level: 'bad', reading: 'SMART failing', ...at } as const;
    const [line, ...others] = shown({ temperature: hot, memory: well, disks: [failing] });
    expect(others).toEqual([]);
    expect(line).toContain('temperature 81.2 °C (warning), D');
    expect(line).toContain('SMART failing (bad)');
    expect(line).not.toContain('\u001b[2J');
  });

  test('says when a card is not backed up, or is mounted writable by somebody else', () => {
    const [card] = STATUS.cards;
    if (card === undefined) throw new Error('no card in the script');
    const shown = renderStatus({ ...STATUS, cards: [card, { ...card, backedUp: true, readOnly: false }] });
    expect(text(shown)).toMatch(/not backed up {2,}\/media/);
    expect(text(shown)).toMatch(/ backed up +mounted writable by somebody else/);
  });

  test('a problem that blinks names its code, another does not', () => {
    const [problem] = STATUS.problems;
    if (problem === undefined) throw new Error('no problem in the script');
    const shown = text(renderStatus({ ...STATUS, problems: [problem, { ...problem, blinks: 0 }] }));
    expect(shown.match(/code 3/g)).toHaveLength(1);
  });

  test('a latched error names its code', () => {
    expect(renderStatus({ ...STATUS, state: 'error', signal: 'error', code: 5 })[0]).toBe(
      'State   error, signal error, code 5',
    );
  });
});

test('a drive that is not mounted has no free space to show', () => {
  expect(text(renderDrives([{ ...DRIVE, mounted: false, adopted: false }]))).toMatch(
    /not adopted +not mounted/,
  );
});

test('a history line of a failed and of a running backup', () => {
  const [failed, running] = renderHistory([
    { ...HISTORY_LINE, outcome: 'failed', reason: 'verify-mismatch' },
    { ...HISTORY_LINE, outcome: null, finishedAt: null },
  ]);
  expect(failed).toContain('failed (verify-mismatch)');
  expect(running).toMatch(/→ – +SD32GB-03 +running/);
});

test.each([
  ['medium', 'done', 'from medium'],
  ['cache', 'done', 'from cache'],
  [null, 'done', null],
  ['medium', 'failed', null],
] as const)('a drive verified from %s that is %s: %s', (verifiedFrom, outcome, words) => {
  const drives = HISTORY_LINE.drives.map((drive) => ({ ...drive, verifiedFrom, outcome }));
  const [line = ''] = renderHistory([{ ...HISTORY_LINE, drives }]);
  expect(/from (medium|cache)/.exec(line)?.[0] ?? null).toBe(words);
});

test.each([
  ['medium', 'from medium, card read twice'],
  ['cache', 'from medium, card read twice (from the cache)'],
] as const)('a card that was read twice from %s', (secondReading, words) => {
  const [line = ''] = renderHistory([{ ...HISTORY_LINE, secondReading }]);
  expect(line).toMatch(new RegExp(`${words.replace(/[()]/g, '.')} {2,}`));
});
