import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { notesOf } from '../../services/backup/plan-notes.ts';
import { DriveError } from '../../services/errors.ts';
import type { DriveStore } from '../../services/media-ports.ts';
import { altered, world } from './world.ts';

const FAT = { maxFileBytes: 10, restrictedNames: true, verifiedFrom: 'medium' } as const;

test('names that a drive cannot hold and files that are too large for it are told before the first byte', async () => {
  const box = await world();
  await box.put('DCIM/what?.JPG', 'one');
  await box.put('DCIM/CON.JPG', 'two');
  await box.put('DCIM/IMG_3.JPG', 'more than ten bytes');
  await box.put('DCIM/IMG_4.JPG', 'four');
  const fat = altered(box.drive, { rules: FAT });
  const end = await box.backup({ drives: [fat] });
  expect(box.journal.of('BackupPlanned')[0]?.notes).toEqual([
    'TANK: 2 files cannot keep the name there and get another',
    'TANK: 1 file of more than 10 bytes cannot be copied there',
  ]);
  expect(end).toMatchObject({
    type: 'BackupFailed',
    reason: 'file-too-large',
    totals: { copied: 3, failed: 1 },
  });
  const copied = box.journal.of('FilesSettled').flatMap((fact) => fact.copied);
  expect(copied.map(({ path, to }) => [path, to.split('/').at(-1)]).sort()).toEqual([
    ['DCIM/CON.JPG', '%43ON.JPG'],
    ['DCIM/IMG_4.JPG', 'IMG_4.JPG'],
    ['DCIM/what?.JPG', 'what%3F.JPG'],
  ]);
});

test('what lies there already has its name: nothing is told again', async () => {
  const box = await world();
  box.asVolume();
  await box.put('DCIM/what?.JPG', 'one');
  const fat = altered(box.drive, { rules: { ...box.drive.rules, restrictedNames: true } });
  await box.backup({ drives: [fat] });
  await box.backup({ drives: [fat] });
  expect(box.journal.of('BackupPlanned').map(({ notes }) => notes?.length)).toEqual([1, undefined]);
});

test('each drive speaks for itself, one that failed not at all, and the card first', () => {
  const lane = (label: string) => ({ store: { drive: { label }, rules: FAT } as DriveStore });
  const plan = {
    share: { driveId: 'x' as never, files: 0, bytes: 0 },
    fits: true,
    neededBytes: 0,
    roomBytes: 0,
    renamed: 0,
    tooLarge: 0,
  };
  const drives = [plan, new DriveError('drive-lost', 'gone'), { ...plan, renamed: 2 }];
  const card = { label: 'SD1', fsType: 'vfat', sizeBytes: 5 };
  const lanes = ['A', 'B', 'C'].map(lane);
  const specialNote = (label: string) => `${label}: a link`;
  expect(notesOf(card, { bytes: 6, specialNote }, lanes, { drives })).toEqual([
    expect.stringMatching(/^SD1: .*fake flash/),
    'SD1: a link',
    'C: 2 files cannot keep the name there and get another',
  ]);
  expect(notesOf(card, { bytes: 5, specialNote: () => null }, lanes, { drives: [plan] })).toEqual([]);
});

test('what is no file is told by name before the first byte, and changes nothing else', async () => {
  const box = await world();
  await box.put('DCIM/IMG_1.JPG', 'one');
  await symlink('IMG_1.JPG', join(box.card.path, 'DCIM/link.JPG'));
  const end = await box.backup();
  expect(end).toMatchObject({ type: 'BackupFinished', totals: { files: 1, copied: 1, failed: 0 } });
  expect(box.journal.of('BackupPlanned')).toMatchObject([
    {
      files: 1,
      ignored: ['DCIM/link.JPG'],
      notes: ['SD1: 1 entry is no file and is not backed up: DCIM/link.JPG (symbolic link)'],
    },
  ]);
  expect(Object.values(await box.onDrive())).toEqual(['one']);
});
