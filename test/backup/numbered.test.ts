import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FileOnDrive } from '../../machines/media.ts';
import { Counter } from '../../services/backup/numbering.ts';
import { surveyor } from '../../services/backup/survey.ts';
import { templateOf } from '../../services/library/layout.ts';
import type { DriveStore } from '../../services/media-ports.ts';
import { altered, NOON, type Order, type World, world } from './world.ts';

const NUMBERED = { layout: 'numbered', template: '', dayStarts: '00:00' } as const;
const DAY = 'Photos/20261121';

const numbered = (box: World, order: Order = {}) => box.backup({ ...NUMBERED, ...order });
const names = async (box: World, store?: DriveStore): Promise<string[]> =>
  Object.keys(await box.onDrive(store)).map((path) => path.replace(`${DAY}/`, ''));

/** Its files lie on the drive by then, and nobody is told. */
const killedAtFirst =
  (box: World): NonNullable<Order['emit']> =>
  async (fact) => {
    if (fact.type === 'FilesSettled') throw new Error('killed');
    await box.journal.emit(fact);
  };

/** Three shots, the first the oldest. */
async function filled(): Promise<World> {
  const box = await world();
  await box.put('DCIM/100/IMG_0001.JPG', 'first', NOON);
  await box.put('DCIM/100/IMG_0002.JPG', 'second one', NOON + 2000);
  await box.put('DCIM/100/IMG_0003.JPG', 'and a third', NOON + 4000);
  return box;
}

describe('numbers', () => {
  test('of a shot with several stems are one, and its chapters have one each', async () => {
    const box = await world();
    for (const name of ['IMG_0001.HEIC', 'IMG_E0001.HEIC']) await box.put(`101APPLE/${name}`, name, NOON);
    for (const n of [1, 2]) await box.put(`100GOPRO/GX0${n}0001.MP4`, `chapter ${n}`, NOON + n * 2000);
    expect(await numbered(box)).toMatchObject({ type: 'BackupFinished', totals: { copied: 4 } });
    expect(await box.onDrive()).toEqual({
      [`${DAY}/pimg_000001.heic`]: 'IMG_0001.HEIC',
      [`${DAY}/pimg_000001-img_e0001.heic`]: 'IMG_E0001.HEIC',
      [`${DAY}/pimg_000002.mp4`]: 'chapter 1',
      [`${DAY}/pimg_000003.mp4`]: 'chapter 2',
    });
    expect(await numbered(box)).toMatchObject({ totals: { copied: 0, duplicates: 4 } });
  });

  test('go up with the time of the shots, one for all members of a group', async () => {
    const box = await filled();
    for (const name of ['IMG_0004.CR3', 'IMG_0004.JPG', 'IMG_0004.CR3.xmp']) {
      await box.put(`DCIM/100/${name}`, `of ${name}`, NOON + 6000);
    }
    expect(await numbered(box)).toMatchObject({ type: 'BackupFinished', totals: { copied: 6 } });
    expect(await box.onDrive()).toEqual({
      [`${DAY}/pimg_000001.jpg`]: 'first',
      [`${DAY}/pimg_000002.jpg`]: 'second one',
      [`${DAY}/pimg_000003.jpg`]: 'and a third',
      [`${DAY}/pimg_000004.cr3`]: 'of IMG_0004.CR3',
      [`${DAY}/pimg_000004.cr3.xmp`]: 'of IMG_0004.CR3.xmp',
      [`${DAY}/pimg_000004.jpg`]: 'of IMG_0004.JPG',
    });
  });

  test('are in the journal beside the name on the card', async () => {
    const box = await filled();
    await numbered(box);
    const files = box.journal.of('FilesSettled').flatMap(({ copied }): readonly FileOnDrive[] => copied);
    expect(files.map(({ path, to, number }) => [path, to, number])).toContainEqual([
      'DCIM/100/IMG_0002.JPG',
      `${DAY}/pimg_000002.jpg`,
      2,
    ]);
    expect(box.journal.catalogue.highestNumber()).toBe(3);
  });

  test('are not spent on what is on the drive already, nor on what is no photo', async () => {
    const box = await filled();
    await box.put('MISC/AUTPRINT.MRK', 'print order');
    await numbered(box);
    expect(await numbered(box)).toMatchObject({ totals: { copied: 0, duplicates: 4 } });
    await box.put('DCIM/100/IMG_0004.JPG', 'a fourth', NOON + 6000);
    await numbered(box);
    expect(await names(box)).toEqual([
      'Other/SD1/MISC/AUTPRINT.MRK',
      'pimg_000001.jpg',
      'pimg_000002.jpg',
      'pimg_000003.jpg',
      'pimg_000004.jpg',
    ]);
  });

  test('an empty file is copied once, whatever its number', async () => {
    const box = await world();
    await box.put('DCIM/IMG_1.JPG', '');
    await box.put('DCIM/IMG_2.JPG', '');
    await numbered(box);
    expect(await numbered(box)).toMatchObject({ totals: { copied: 0, duplicates: 2 } });
    expect(await names(box)).toEqual(['pimg_000001.jpg', 'pimg_000002.jpg']);
  });

  test('an empty sidecar does not make its photo be copied again', async () => {
    const box = await world();
    await box.put('DCIM/IMG_1.JPG', 'photo');
    await box.put('DCIM/IMG_1.THM', '');
    await numbered(box);
    const before = box.journal.facts.length;
    const full = altered(box.drive, { writeAll: () => Promise.reject(new Error('written')) });
    expect(await numbered(box, { drives: [full] })).toMatchObject({ totals: { copied: 0, duplicates: 2 } });
    const later = box.journal.facts.slice(before).filter(({ type }) => type === 'FilesSettled');
    expect(later).toMatchObject([{ copied: [], duplicates: [{}, {}] }]);
    expect(await names(box)).toEqual(['pimg_000001.jpg', 'pimg_000001.thm']);
  });

  test('an empty sidecar is nobody else’s', async () => {
    const box = await world();
    await box.put('DCIM/IMG_1.JPG', 'photo', NOON);
    await box.put('DCIM/IMG_1.THM', '', NOON);
    await numbered(box);
    await box.put('DCIM/IMG_2.CR3', 'raw', NOON + 2000);
    await box.put('DCIM/IMG_2.THM', '', NOON + 2000);
    await numbered(box);
    expect(await names(box)).toEqual(['1.jpg', '1.thm', '2.cr3', '2.thm'].map((name) => `pimg_00000${name}`));
    // Nor is one that a killed backup left.
    await box.alter(`${DAY}/pimg_000003.thm`, '');
    await utimes(join(box.drive.drive.path, DAY, 'pimg_000003.thm'), NOON / 1000, NOON / 1000);
    box.counter.met(3);
    await box.put('DCIM/IMG_4.CR3', 'another raw', NOON);
    await box.put('DCIM/IMG_4.THM', '', NOON);
    await numbered(box);
    expect((await names(box)).slice(4)).toEqual(['pimg_000003.thm', 'pimg_000004.cr3', 'pimg_000004.thm']);
  });

  test('what a drive cannot hold of the card’s names is no matter where they are not kept', async () => {
    const box = await world();
    await box.put('DCIM/a:b.JPG', 'photo');
    const drive = altered(box.drive, { rules: { ...box.drive.rules, restrictedNames: true } });
    await numbered(box, { drives: [drive] });
    expect(box.journal.of('BackupPlanned')[0]).not.toHaveProperty('notes');
    expect(await names(box)).toEqual(['pimg_000001.jpg']);
    await box.put('MISC/a:b.MRK', 'print order');
    await numbered(box, { drives: [drive] });
    expect(box.journal.of('BackupPlanned')[1]?.notes).toEqual([
      expect.stringContaining('1 file cannot keep'),
    ]);
  });

  test('a sidecar that comes later joins its photo', async () => {
    const box = await filled();
    await numbered(box);
    await box.put('DCIM/100/IMG_0002.xmp', 'edited', NOON + 9000);
    await numbered(box);
    expect(await names(box)).toEqual([
      'pimg_000001.jpg',
      'pimg_000002.jpg',
      'pimg_000002.xmp',
      'pimg_000003.jpg',
    ]);
  });
});

describe('the counter never goes back', () => {
  test('when photos are deleted from the drive', async () => {
    const box = await filled();
    await numbered(box);
    for (const name of await names(box)) await box.remove(`${DAY}/${name}`);
    await numbered(box);
    expect(await names(box)).toEqual(['pimg_000004.jpg', 'pimg_000005.jpg', 'pimg_000006.jpg']);
  });

  test('when the drive is forgotten', async () => {
    const box = await filled();
    await numbered(box);
    await box.journal.emit({ type: 'DriveForgotten', driveId: box.drive.drive.id });
    await box.remove(`${DAY}/pimg_000003.jpg`);
    await box.put('DCIM/100/IMG_0004.JPG', 'a fourth', NOON + 6000);
    await box.put('DCIM/100/IMG_0001.JPG', 'another first', NOON);
    await numbered(box, { counter: new Counter(box.journal.catalogue) });
    const now = await names(box);
    expect(now).not.toContain('pimg_000003.jpg');
    expect(now).toContain('pimg_000004.jpg');
  });

  test('past 999,999: seven digits', async () => {
    const box = await filled();
    box.counter.met(999_998);
    await numbered(box);
    expect(await names(box)).toEqual(['pimg_1000000.jpg', 'pimg_1000001.jpg', 'pimg_999999.jpg']);
    expect(await numbered(box)).toMatchObject({ totals: { copied: 0, duplicates: 3 } });
    await box.put('DCIM/100/IMG_0004.JPG', 'a fourth', NOON + 6000);
    await numbered(box, { counter: new Counter(box.journal.catalogue) });
    expect(await names(box)).toContain('pimg_1000002.jpg');
  });

  test('when the journal was lost: what the manifests claim and what lies there counts', async () => {
    const box = await filled();
    // Nothing lists this one.
    await box.alter('Photos/20260101/pimg_000041.jpg', 'of a killed backup');
    await box.alter('Photos/20260101/notes.txt', 'pimg_000099');
    const counter = new Counter(box.journal.catalogue);
    await surveyor(templateOf(NUMBERED), counter)(box.drive);
    await numbered(box, { counter });
    expect(await names(box)).toContain('pimg_000042.jpg');
    // Of one that was deleted only the manifest knows.
    const { id } = box.drive.drive;
    const files = [
      { to: 'Photos/20250101/pimg_000777.jpg', sizeBytes: 1, xxh64: '0'.repeat(16), number: 777 },
    ];
    await box.journal.emit({ type: 'DriveContentLearned', driveId: id, files: files as never });
    await box.put('DCIM/100/IMG_0004.JPG', 'a fourth', NOON + 6000);
    await numbered(box, { counter });
    expect(await names(box)).toContain('pimg_000778.jpg');
  });

  test('a layout without a counter looks for none', async () => {
    const counter = new Counter({ highestNumber: () => 0 });
    const list = () => Promise.reject(new Error('asked'));
    for (const layout of ['dated', 'mirror'] as const) {
      await surveyor(templateOf({ layout, template: '' }), counter)({ list });
    }
    expect(counter.next()).toBe(1);
  });

  test('a template’s folders are looked through as deep as it leads', async () => {
    const box = await world();
    await box.alter('Photos/2026/2026-11-21/R5_000012.JPG', 'x');
    await box.alter('Photos/2026/2026-11-21/deeper/R5_000099.JPG', 'x');
    await box.alter('Photos/R5_000098.JPG', 'x');
    const counter = new Counter({ highestNumber: () => 0 });
    const style = { layout: 'custom', template: '{year}/{date}/{camera}_{seq}.{ext}' } as const;
    const asked: string[] = [];
    const list: DriveStore['list'] = (folder) => {
      asked.push(folder);
      return box.drive.list(folder);
    };
    await surveyor(templateOf(style), counter)({ list });
    expect(counter.next()).toBe(13);
    expect(asked).toEqual(['Photos', 'Photos/2026', 'Photos/2026/2026-11-21']);
  });
});

describe('a taken name', () => {
  test('is never overwritten: the next free number, for the whole group', async () => {
    const box = await filled();
    await box.put('DCIM/100/IMG_0001.CR3', 'raw', NOON);
    await box.alter(`${DAY}/pimg_000001.jpg`, 'somebody else’s');
    await box.alter(`${DAY}/PIMG_000003.JPG`, 'and this');
    await numbered(box);
    expect(await box.onDrive()).toMatchObject({
      [`${DAY}/pimg_000001.jpg`]: Buffer.from('somebody else’s').toString('latin1'),
      [`${DAY}/PIMG_000003.JPG`]: 'and this',
      [`${DAY}/pimg_000002.cr3`]: 'raw',
      [`${DAY}/pimg_000002.jpg`]: 'first',
      [`${DAY}/pimg_000004.jpg`]: 'second one',
      [`${DAY}/pimg_000005.jpg`]: 'and a third',
    });
  });

  test('that is taken at the very moment moves on, too', async () => {
    const box = await filled();
    const taken = async () => {
      await box.alter(`${DAY}/pimg_000001.jpg`, 'quicker');
    };
    const drive = altered(box.drive, {
      placeAll: async (moves) => {
        await taken();
        return box.drive.placeAll(moves);
      },
    });
    await numbered(box, { drives: [drive] });
    expect(await box.onDrive()).toMatchObject({
      [`${DAY}/pimg_000001.jpg`]: 'quicker',
      [`${DAY}/pimg_000004.jpg`]: 'first',
    });
  });
});

describe('a killed backup', () => {
  test('is gone on with: what it placed and never told is found, whatever its number', async () => {
    const box = await filled();
    const killed = box.backup({ ...NUMBERED, emit: killedAtFirst(box) });
    expect(await killed).toMatchObject({ detail: 'killed', totals: { copied: 0 } });
    expect(await names(box)).toHaveLength(3);
    // One that is older than all of them gets the first number now.
    await box.put('DCIM/100/IMG_0000.JPG', 'before the first', NOON - 9000);
    const counter = new Counter(box.journal.catalogue);
    await surveyor(templateOf(NUMBERED), counter)(box.drive);
    expect(await numbered(box, { counter })).toMatchObject({ type: 'BackupFinished' });
    expect(await box.onDrive()).toEqual({
      [`${DAY}/pimg_000001.jpg`]: 'first',
      [`${DAY}/pimg_000002.jpg`]: 'second one',
      [`${DAY}/pimg_000003.jpg`]: 'and a third',
      [`${DAY}/pimg_000004.jpg`]: 'before the first',
    });
    expect(box.journal.catalogue.highestNumber()).toBe(4);
  });

  test('is gone on with in a folder of many that are recorded', async () => {
    const box = await world();
    for (let n = 0; n < 515; n += 1)
      await box.put(`DCIM/IMG_${1000 + n}.JPG`, `content of ${n}`, NOON + n * 1000);
    await numbered(box);
    await box.put('DCIM/IMG_9999.JPG', 'the last one', NOON + 600_000);
    await box.backup({
      ...NUMBERED,
      emit: async (fact) => {
        if (fact.type === 'FilesSettled' && fact.copied.length > 0) throw new Error('killed');
        await box.journal.emit(fact);
      },
    });
    expect(await names(box)).toHaveLength(516);
    const counter = new Counter(box.journal.catalogue);
    await surveyor(templateOf(NUMBERED), counter)(box.drive);
    await numbered(box, { counter });
    expect(await names(box)).toHaveLength(516);
  });

  test('one of another kind, of the same size and time, gets no number of what was left', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'photo');
    await box.backup({ ...NUMBERED, emit: killedAtFirst(box) });
    await box.put('A_VIDEO.MOV', 'video');
    const counter = new Counter(box.journal.catalogue);
    await surveyor(templateOf(NUMBERED), counter)(box.drive);
    await numbered(box, { counter });
    expect(await box.onDrive()).toEqual({
      [`${DAY}/pimg_000001.jpg`]: 'photo',
      [`${DAY}/pimg_000002.mov`]: 'video',
    });
  });

  test('is not what this very backup placed a moment ago', async () => {
    const box = await world();
    for (const name of ['IMG_1.JPG', 'IMG_2.JPG']) await box.put(name, name);
    const second = await box.addDrive('SECOND');
    await numbered(box, { drives: [box.drive] });
    await box.put('ZZZ.MOV', 'video.mov');
    await box.alter(`${DAY}/pimg_000002.jpg`, 'of somebody', second);
    await numbered(box, { drives: [second] });
    expect(await box.onDrive(second)).toEqual({
      [`${DAY}/pimg_000001.jpg`]: 'IMG_1.JPG',
      [`${DAY}/pimg_000002.jpg`]: 'of somebody',
      [`${DAY}/pimg_000003.jpg`]: 'IMG_2.JPG',
      [`${DAY}/pimg_000004.mov`]: 'video.mov',
    });
  });

  test('a foreign folder with the same kind of names is not looked through file by file', async () => {
    const box = await filled();
    for (let n = 1; n <= 513; n += 1) {
      await box.alter(`${DAY}/pimg_${String(n).padStart(6, '0')}.jpg`, 'x');
    }
    let asked = 0;
    const drive = altered(box.drive, {
      statAll: (paths) => {
        asked += paths.length;
        return box.drive.statAll(paths);
      },
    });
    box.counter.met(513);
    await numbered(box, { drives: [drive] });
    expect(asked).toBeLessThan(20);
    expect(await names(box)).toContain('pimg_000514.jpg');
  });
});

describe('several drives', () => {
  test('a shot has one number on all of them, also on one that comes later', async () => {
    const box = await filled();
    await box.addDrive('SECOND');
    const [one, two] = box.drives;
    await numbered(box, { drives: [one!] });
    await box.put('DCIM/100/IMG_0004.JPG', 'a fourth', NOON + 6000);
    await numbered(box);
    expect(await box.onDrive(two)).toEqual(await box.onDrive(one));
    expect(await names(box)).toHaveLength(4);
  });

  test('where its name is taken on one of them, that one gets the next free number', async () => {
    const box = await filled();
    const two = await box.addDrive('SECOND');
    await box.alter(`${DAY}/pimg_000002.jpg`, 'in the way', two);
    await numbered(box);
    const [onOne, onTwo] = [await box.onDrive(), await box.onDrive(two)];
    expect(Object.values(onOne).sort()).toEqual(['and a third', 'first', 'second one']);
    expect(onTwo[`${DAY}/pimg_000002.jpg`]).toBe('in the way');
    expect(Object.values(onTwo).sort()).toEqual(['and a third', 'first', 'in the way', 'second one']);
  });

  test('a number that another box gave on another drive is not taken for ours', async () => {
    const box = await filled();
    const two = await box.addDrive('SECOND');
    await numbered(box, { drives: [box.drive] });
    await box.alter(`${DAY}/pimg_000050.jpg`, 'a fourth', two);
    const files = [];
    for await (const { path, sizeBytes } of two.walk('Photos' as never)) {
      const { xxh64 } = await two.readBack(path);
      files.push({ to: path, sizeBytes, xxh64, number: 50 });
    }
    await box.journal.emit({ type: 'DriveContentLearned', driveId: two.drive.id, files });
    await box.put('DCIM/100/IMG_0004.JPG', 'a fourth', NOON + 6000);
    await numbered(box, { drives: [box.drive] });
    expect(await box.onDrive()).toMatchObject({ [`${DAY}/pimg_000051.jpg`]: 'a fourth' });
  });

  test('two cards at once never get one number', async () => {
    const box = await filled();
    await box.addDrive('SECOND');
    const one = numbered(box);
    await box.insert('SD2');
    for (let n = 1; n <= 5; n += 1) await box.put(`DCIM/IMG_000${n}.JPG`, `of the other card ${n}`, NOON + n);
    await Promise.all([one, numbered(box)]);
    for (const drive of box.drives) {
      const found = await names(box, drive);
      expect(found).toHaveLength(8);
      expect(new Set(found.map((name) => name.slice(0, 11))).size).toBe(8);
    }
    expect(await box.onDrive(box.drives[1])).toEqual(await box.onDrive());
  });
});
