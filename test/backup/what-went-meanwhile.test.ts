import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { relativePath } from '../../machines/ids.ts';
import { c4OfText } from '../../services/manifest/c4.ts';
import { chainText } from '../../services/manifest/mhl-writer.ts';
import { altered, DAY, NOON, type World, world } from './world.ts';

const OLD = relativePath(`${DAY}/IMG_1.JPG`);

/** One photo is known, a newer one is new: the known one comes last. */
async function known(): Promise<World> {
  const box = await world();
  box.asVolume();
  await box.put('IMG_1.JPG', 'old');
  await box.backup();
  await box.put('IMG_2.JPG', 'newer', NOON + 1000);
  return box;
}

describe('a known copy', () => {
  test('that its owner deletes while others are copied: red, and copied again by the next backup', async () => {
    const box = await known();
    const drive = altered(box.drive, {
      createIncoming: async () => {
        await box.remove(OLD).catch(() => undefined);
        return box.drive.createIncoming();
      },
    });
    expect(await box.backup({ drives: [drive] })).toMatchObject({
      type: 'BackupFailed',
      detail: expect.stringContaining(OLD),
      totals: { copied: 1, failed: 1 },
    });
    expect(box.journal.of('CopiesLost')).toMatchObject([{ files: [{ to: OLD, why: 'missing' }] }]);
    expect(await box.backup()).toMatchObject({
      type: 'BackupFinished',
      totals: { copied: 1, duplicates: 1 },
    });
    expect((await box.onDrive())[OLD]).toBe('old');
  });

  test('that a verification takes the mark of while it waits in a batch does not get it back', async () => {
    const box = await known();
    const lost = { type: 'CopiesLost', backupId: null, driveId: box.drive.drive.id } as const;
    const drive = altered(box.drive, {
      settle: async (placed) => {
        await box.journal.emit({ ...lost, files: [{ to: OLD, why: 'altered' }] });
        return box.drive.settle(placed);
      },
    });
    expect(await box.backup({ drives: [drive] })).toMatchObject({ type: 'BackupFailed' });
    expect(box.journal.catalogue.copyAt(box.drive.drive.id, OLD)).toBeNull();
  });
});

describe('a card with a manifest of its own', () => {
  async function filmed(content: string, promised: string): Promise<World> {
    const box = await world();
    box.asVolume();
    await box.put('Clips/A.mov', content);
    const md5 = createHash('md5').update(promised).digest('hex');
    const name = '0001_A_2026-11-21_000000Z.mhl';
    const text = `<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><hashes><hash><path>Clips/A.mov</path><md5>${md5}</md5></hash></hashes></hashlist>`;
    await box.put(`ascmhl/${name}`, text);
    await box.put('ascmhl/ascmhl_chain.xml', chainText([{ sequence: 1, name, c4: c4OfText(text) }]));
    return box;
  }

  test('that says the same: done, and known the second time', async () => {
    const box = await filmed('what the camera wrote', 'what the camera wrote');
    expect(await box.backup()).toMatchObject({ type: 'BackupFinished' });
    expect(await box.backup()).toMatchObject({ type: 'BackupFinished', totals: { duplicates: 3 } });
  });

  test('that is contradicted: copied as it is, and red each time', async () => {
    const box = await filmed('what the reader gave', 'what the camera wrote');
    for (const _ of ['first', 'second']) {
      expect(await box.backup()).toMatchObject({
        type: 'BackupFailed',
        reason: 'card-altered',
        detail: expect.stringContaining('Clips/A.mov: md5'),
        totals: { failed: 0 },
      });
    }
    expect(Object.values(await box.onDrive())).toContain('what the reader gave');
  });

  test('that lists what is not there, or is damaged: a note, no more', async () => {
    const box = await filmed('what the camera wrote', 'what the camera wrote');
    await box.remove('Clips/A.mov', { drive: { path: box.card.path } } as never);
    expect(await box.backup()).toMatchObject({ type: 'BackupFinished' });
    expect(box.journal.of('BackupPlanned')[0]?.notes).toEqual([
      '1 file of the card’s own manifest, not on the card: Clips/A.mov',
    ]);
    await box.put('ascmhl/ascmhl_chain.xml', 'no chain');
    await box.backup();
    expect(box.journal.of('BackupPlanned')[1]?.notes?.join()).toContain('ascmhl_chain.xml');
  });

  test('a blank photo is copied and noted', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', Buffer.alloc(300_000));
    await box.put('IMG_2.JPG', Buffer.alloc(5000, 0xff));
    await box.put('IMG_3.JPG', 'a picture');
    expect(await box.backup()).toMatchObject({ type: 'BackupFinished', totals: { copied: 3 } });
    const notes = box.journal.of('FilesSettled').flatMap((fact) => fact.notes ?? []);
    expect(notes.map((note) => note.slice(0, 9)).toSorted()).toEqual(['IMG_1.JPG', 'IMG_2.JPG']);
  });
});
