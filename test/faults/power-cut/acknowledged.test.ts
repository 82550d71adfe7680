import { describe, expect, it } from 'vitest';
import { promisesOf } from './acknowledged.ts';
import type { Entry } from './write-log.ts';

const file = (path: string) => ({ path, sizeBytes: 7, xxh64: `hash of ${path}` });
const onDrive = (to: string) => ({ to, sizeBytes: 7, xxh64: `hash of ${to}` });
const line = (type: string, data: object) =>
  JSON.stringify({ v: 1, seq: 1, stream: 'appliance', type, data });
const write = (at: number, ...texts: readonly string[]): Entry => ({
  ...{ kind: 'write', at, offset: 0, bytes: Buffer.from(texts.join('\0')) },
});

const OWN = new Map([['d1', [file('.imagetank/drive.json'), file('Photos/ascmhl/1.mhl')]]]);

describe('what imagetank promised', () => {
  it('is every file of a batch, copied or found there, from when its record was written', () => {
    const data = { driveId: 'd1', copied: [onDrive('Photos/A')], duplicates: [onDrive('Photos/B')] };
    const record = line('FilesSettled', data);
    const promises = promisesOf(
      [record],
      [write(3, 'other'), write(5, 'x', record), { kind: 'flush', at: 6 }],
      OWN,
    );
    expect(promises).toEqual([
      { at: 5, driveId: 'd1', what: 'FilesSettled', files: [file('Photos/A'), file('Photos/B')] },
    ]);
  });

  it('counts from the last piece of a record that is written in several', () => {
    const record = line('FilesSettled', {
      driveId: 'd1',
      copied: Array.from({ length: 40 }, (_, i) => onDrive(`${i}`)),
    });
    const half = record.length / 2;
    const log = [
      write(1, record.slice(0, half)),
      write(4, record.slice(half)),
      { kind: 'flush' as const, at: 5 },
      write(9, record),
    ];
    expect(promisesOf([record], log, OWN)[0]?.at).toBe(4);
  });

  it('of one drive does not count from the record of another that holds the same files', () => {
    const files = Array.from({ length: 40 }, (_, i) => onDrive(`${i}`));
    const record = (seq: number, driveId: string) =>
      JSON.stringify({
        ...{ v: 2, seq, stream: 'backup/20261121-1', at: '2026-11-21T13:41:28.489Z', clock: 'unsynced' },
        ...{ monoMs: 34_545_099.997928 + seq, prev: String(seq).repeat(64) },
        ...{ type: 'FilesSettled', data: { driveId, copied: files } },
      });
    const [first, second] = [record(1, 'd1'), record(2, 'd2')];
    const log = [
      write(1, first),
      { kind: 'flush' as const, at: 2 },
      write(7, second.slice(0, 500)),
      write(8, second.slice(500)),
      { kind: 'flush' as const, at: 9 },
    ];
    expect(promisesOf([first, second], log, OWN).map(({ at }) => at)).toEqual([1, 8]);
  });

  it('is the mark of a drive when it is adopted, and its manifests when a backup is done on it', () => {
    const adopted = line('DriveAdopted', { drive: { id: 'd1' } });
    const finished = line('BackupFinished', {
      drives: [
        { driveId: 'd1', outcome: 'done' },
        { driveId: 'd2', outcome: 'failed' },
      ],
    });
    const promises = promisesOf([adopted, finished], [write(1, adopted), write(2, finished)], OWN);
    expect(promises.map(({ at, driveId, files }) => [at, driveId, files.map(({ path }) => path)])).toEqual([
      [1, 'd1', ['.imagetank/drive.json']],
      [2, 'd1', ['.imagetank/drive.json', 'Photos/ascmhl/1.mhl']],
    ]);
  });

  it('is nothing of other records', () => {
    const record = line('CardAttached', { card: {} });
    expect(promisesOf([record], [write(1, record)], OWN)).toEqual([]);
  });

  it('cannot be told of a record that no disk has', () => {
    const record = line('FilesSettled', { driveId: 'd1', copied: [] });
    expect(() => promisesOf([record], [write(1, 'other')], OWN)).toThrow('was never written');
  });
});
