import { describe, expect, test } from 'vitest';
import { gaugesOf, MAX_COUNTED, type MetricsReading } from '../../services/metrics.ts';
import { DRIVE, HISTORY_LINE, STATUS } from '../cli/scripted-appliance.ts';

const READING: MetricsReading = { status: STATUS, backups: [HISTORY_LINE], head: 25, streams: 3 };
/** By name: what it is for which labels. */
const values = (reading: Partial<MetricsReading> = {}) =>
  Object.fromEntries(
    gaugesOf({ ...READING, ...reading }).map(({ name, samples }) => [
      name,
      Object.fromEntries(samples.map(({ labels, value }) => [Object.values(labels).join(' '), value])),
    ]),
  );
const status = (change: Partial<MetricsReading['status']>) => ({ status: { ...STATUS, ...change } });

describe('what Prometheus is told', () => {
  test('of a box that copies', () => {
    expect(values()).toEqual({
      imagetank_state: { boot: 0, ready: 0, copying: 1, error: 0, shutdown: 0 },
      imagetank_safe_to_erase: { '': 0 },
      imagetank_signal: { copying: 1 },
      imagetank_error_code: { '': 0 },
      imagetank_cards: { yes: 0, no: 1 },
      imagetank_drive_free_bytes: { [`${DRIVE.id} PDRIVE128GB`]: 64.5e9 },
      imagetank_drive_size_bytes: { [`${DRIVE.id} PDRIVE128GB`]: 128e9 },
      imagetank_backups_running: { '': 1 },
      imagetank_backup_bytes_done: { '': 1.2e9 },
      imagetank_backup_bytes_expected: { '': 3e9 },
      imagetank_backup_bytes_per_second: { '': 80.1e6 },
      imagetank_backups: { done: 1, failed: 0, interrupted: 0 },
      imagetank_backed_up_bytes: { '': 3e9 },
      imagetank_problems: { 'drive-full': 1 },
      imagetank_journal_seq: { '': 25 },
      imagetank_open_streams: { '': 3 },
      process_resident_memory_bytes: { '': 50e6 },
    });
  });

  test.each([
    'ready',
    'attention',
    'error',
    'copying',
  ] as const)('safe to erase is the green light: %s', (signal) => {
    const safe = values(status({ signal }))['imagetank_safe_to_erase'];
    expect(safe).toEqual({ '': signal === 'ready' ? 1 : 0 });
  });

  test('backups by outcome, one that runs in none of them', () => {
    const backups = (['done', 'done', 'failed', 'interrupted', null] as const).map((outcome) => ({
      ...HISTORY_LINE,
      outcome,
    }));
    expect(values({ backups })['imagetank_backups']).toEqual({ done: 2, failed: 1, interrupted: 1 });
    expect(values({ backups })['imagetank_backed_up_bytes']).toEqual({ '': 12e9 });
    expect(MAX_COUNTED).toBeLessThanOrEqual(1000);
  });

  test('a drive that does not answer has no value, and one that is not adopted none', () => {
    const drives = [
      { ...DRIVE, freeBytes: null },
      { ...DRIVE, id: null },
    ];
    const told = values(status({ drives }));
    expect(told['imagetank_drive_free_bytes']).toEqual({});
    expect(told['imagetank_drive_size_bytes']).toEqual({ [`${DRIVE.id} PDRIVE128GB`]: 128e9 });
  });

  test('an error has its code, problems are counted, and what is not known is nothing', () => {
    const problems = ['note', 'note', 'x'].map((code) => ({ code, blinks: 0, message: '', since: '' }));
    const told = values(status({ signal: 'error', code: 3, problems, backups: [], health: null }));
    expect(told).toMatchObject({
      imagetank_error_code: { '': 3 },
      imagetank_problems: { note: 2, x: 1 },
      imagetank_backups_running: { '': 0 },
      imagetank_backup_bytes_per_second: { '': 0 },
      process_resident_memory_bytes: { '': 0 },
    });
  });
});
