import { describe, expect, it } from 'vitest';
import { NO_HASH, parseLine } from '../../services/journal/record.ts';
import { upcast } from '../../services/journal/upcasters.ts';

/** As imagetank 0.1 wrote it. */
const CARD = {
  id: '3A4F-1B2C+31914983424',
  label: 'SD32GB-03',
  uuid: '3A4F-1B2C',
  path: '/media/SD32GB-03',
  kind: 'volume',
  sizeBytes: 31_914_983_424,
  fsType: 'vfat',
  readOnly: true,
};
const DRIVE = {
  id: '5b68ea83-bc4e-4f2a-9c3f-1aa94f4d9dd9',
  label: 'TANK',
  uuid: null,
  path: '/media/TANK',
  kind: 'folder',
  sizeBytes: null,
  fsType: 'ext4',
  adopted: true,
  writable: true,
};

const recorded = (type: string, data: object) =>
  parseLine(
    JSON.stringify({
      ...{ v: 1, seq: 7, stream: 'appliance', at: '2026-11-21T00:00:00.000Z', clock: 'synced' },
      ...{ monoMs: 1.5, bootId: 'boot', prev: NO_HASH, type, data },
    }),
    7,
  ).fact;

describe('a journal of version 1', () => {
  it('does not know where a card was plugged in', () => {
    expect(recorded('CardAttached', { card: CARD, start: 'auto' })).toEqual({
      type: 'CardAttached',
      card: { ...CARD, hardware: null },
      start: 'auto',
    });
  });

  it.each(['DriveAttached', 'DriveAdopted'])('does not know where the drive of %s was plugged in', (type) => {
    expect(recorded(type, { drive: DRIVE })).toEqual({ type, drive: { ...DRIVE, hardware: null } });
  });

  it.each([
    ['CardRefused', { device: '/dev/sda1', reason: 'mount-failed' }],
    ['DriveFailed', { driveId: DRIVE.id, reason: 'drive-failing' }],
  ])('has no words for %s', (type, data) => {
    expect(recorded(type, data)).toEqual({ type, ...data, detail: '' });
  });

  it('keeps every other fact as it is', () => {
    const failed = { backupId: 'b', cardId: CARD.id, reason: 'internal', detail: 'EIO', drives: [DRIVE] };
    expect(recorded('BackupFailed', failed)).toEqual({ type: 'BackupFailed', ...failed });
    expect(recorded('CardDetached', { cardId: CARD.id })).toEqual({ type: 'CardDetached', cardId: CARD.id });
  });

  it('leaves alone what only looks like a card', () => {
    for (const card of [null, 'SD32GB-03', 3]) {
      expect(upcast({ type: 'CardAttached', data: { card } }, 1).data).toEqual({ card });
    }
  });

  it('does not change what was read', () => {
    const fact = { type: 'CardAttached', data: { card: { ...CARD } } };
    upcast(fact, 1);
    expect(fact.data.card).toEqual(CARD);
  });
});
