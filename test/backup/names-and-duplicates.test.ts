import { Buffer } from 'node:buffer';
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DriveStore } from '../../services/media-ports.ts';
import { altered, DAY, NOON, type World, world } from './world.ts';

/** The same drive on a file system like exFAT. */
const restricted = (store: DriveStore): DriveStore =>
  altered(store, { rules: { ...store.rules, restrictedNames: true } });

const names = async (box: World): Promise<string[]> => Object.keys(await box.onDrive());

describe('names', () => {
  test('same name, other content: the second gets a number, nothing is overwritten', async () => {
    const box = await world();
    await box.put('DCIM/100/IMG_1.JPG', 'first', NOON + 2000);
    await box.put('DCIM/101/IMG_1.JPG', 'second one', NOON + 1000);
    await box.put('DCIM/102/IMG_1.JPG', 'and a third', NOON);
    await box.backup();
    expect(await box.onDrive()).toEqual({
      [`${DAY}/IMG_1.JPG`]: 'first',
      [`${DAY}/IMG_1_2.JPG`]: 'second one',
      [`${DAY}/IMG_1_3.JPG`]: 'and a third',
    });
  });

  test('a clash of one member moves the whole shot', async () => {
    const box = await world();
    await box.put('A/IMG_1.xmp', 'lonely sidecar', NOON + 1000);
    for (const name of ['IMG_1.CR2', 'IMG_1.JPG', 'IMG_1.xmp', 'IMG_1.CR2.xmp', 'img_1.THM', 'IMG_1.WAV']) {
      await box.put(`B/${name}`, `b ${name}`);
    }
    await box.backup();
    expect(await names(box)).toEqual(
      [
        'IMG_1.xmp',
        'IMG_1_2.CR2',
        'IMG_1_2.CR2.xmp',
        'IMG_1_2.JPG',
        'IMG_1_2.WAV',
        'IMG_1_2.xmp',
        'img_1_2.THM',
      ]
        .map((name) => `${DAY}/${name}`)
        .sort(),
    );
  });

  test('names that differ in case or in their form of é are one name', async () => {
    const box = await world();
    await box.put('A/caf\u00e9.JPG', 'composed', NOON + 2000);
    await box.put('B/CAFE\u0301.JPG', 'decomposed', NOON + 1000);
    await box.put('C/Photo.JPG', 'upper', NOON + 2000);
    await box.put('C/photo.jpg', 'lower', NOON + 1000);
    await box.backup();
    expect((await names(box)).map((path) => path.slice(DAY.length + 1))).toEqual(
      ['caf\u00e9.JPG', 'CAFE\u0301_2.JPG', 'Photo.JPG', 'photo_2.jpg'].sort(),
    );
  });

  test.each([
    'with blanks .JPG',
    'new\nline.JPG',
    'emoji 📷.JPG',
    '-rf.JPG',
    '$(reboot).JPG',
    '=cmd.JPG',
    'a%FF.JPG',
  ])('a file named %j arrives, and is found again', async (name) => {
    const box = await world();
    await box.put(`DCIM/${name}`, 'content');
    await box.backup();
    expect(await box.onDrive()).toEqual({ [`${DAY}/${name.replace('\n', '%0A')}`]: 'content' });
    expect(await box.backup()).toMatchObject({ totals: { copied: 0, duplicates: 1 } });
  });

  test('a name that is not UTF-8 keeps its bytes in the record and gets a safe name on the drive', async () => {
    const box = await world();
    const raw = Buffer.concat([Buffer.from('DCIM/caf'), Buffer.from([0xe9]), Buffer.from('.JPG')]);
    const twin = Buffer.concat([Buffer.from('DCIM/caf'), Buffer.from([0xe8]), Buffer.from('.JPG')]);
    await box.put(raw, 'latin 1');
    await box.put(twin, 'another');
    await box.backup();
    expect(await box.onDrive()).toEqual({
      [`${DAY}/caf%E9.JPG`]: 'latin 1',
      [`${DAY}/caf%E8.JPG`]: 'another',
    });
    const [settled] = box.journal.of('FilesSettled');
    expect(settled?.copied.find(({ to }) => to.includes('E9'))).toMatchObject({
      path: 'DCIM/caf\ufffd.JPG',
      pathBase64: raw.toString('base64'),
    });
    expect(await box.backup()).toMatchObject({ totals: { copied: 0, duplicates: 2 } });
  });

  test('what exFAT refuses is escaped there', async () => {
    const box = await world();
    await box.put('a:b*c?.JPG', 'content');
    await box.put('dots...', 'other');
    await box.backup({ drives: [restricted(box.drive)] });
    expect(await names(box)).toEqual(['Other/SD1/dots..%2E', `${DAY}/a%3Ab%2Ac%3F.JPG`]);
  });

  test('a foreign file on the drive is never touched', async () => {
    const box = await world();
    await box.alter(`${DAY}/IMG_1.JPG`, 'somebody else’s');
    await box.put('IMG_1.JPG', 'mine');
    await box.backup();
    expect(await box.onDrive()).toMatchObject({ [`${DAY}/IMG_1_2.JPG`]: 'mine' });
    expect((await box.onDrive())[`${DAY}/IMG_1.JPG`]).toContain('somebody');
  });

  test('a folder that stands where the name should is stepped around', async () => {
    const box = await world();
    await box.alter(`${DAY}/IMG_1.JPG/inside.txt`, 'x');
    await box.put('IMG_1.JPG', 'mine');
    await box.backup();
    expect(await box.onDrive()).toMatchObject({ [`${DAY}/IMG_1_2.JPG`]: 'mine' });
  });

  test('a name that is taken at the very last moment moves on to the next number, and is known from then on', async () => {
    const box = await world();
    await box.put('A/IMG_1.JPG', 'mine', NOON + 1000);
    await box.put('B/IMG_1.JPG', 'mine too', NOON);
    const drive = box.drive;
    const tried: string[] = [];
    const racing = altered(drive, {
      createIncoming: async () => {
        const incoming = await drive.createIncoming();
        return altered(incoming, {
          place: async (to) => {
            if (tried.length === 0) await box.alter(to, 'faster');
            tried.push(to.slice(DAY.length + 1));
            return incoming.place(to);
          },
        });
      },
    });
    await box.backup({ drives: [racing] });
    expect(await box.onDrive()).toEqual({
      [`${DAY}/IMG_1.JPG`]: 'faster',
      [`${DAY}/IMG_1_2.JPG`]: 'mine',
      [`${DAY}/IMG_1_3.JPG`]: 'mine too',
    });
    expect(tried).toEqual(['IMG_1.JPG', 'IMG_1_2.JPG', 'IMG_1_3.JPG']);
  });
});

/** Somebody else writes a file under a name at the moment when it is taken for the n-th time. */
function racing(
  box: World,
  taken: ReadonlyMap<number, string>,
  then: () => Promise<void> = async () => undefined,
) {
  let placed = 0;
  return altered(box.drive, {
    createIncoming: async () => {
      const incoming = await box.drive.createIncoming();
      return altered(incoming, {
        place: async (to) => {
          placed += 1;
          const theirs = taken.get(placed);
          if (theirs !== undefined) await box.alter(to, theirs);
          const end = await incoming.place(to);
          if (placed === 4) await then();
          return end;
        },
      });
    },
  });
}

describe('a shot of which somebody else takes a name at the very last moment', () => {
  async function shot(): Promise<World> {
    const box = await world();
    for (const tail of ['.CR3', '.JPG', '.xmp']) await box.put(`IMG_1${tail}`, `mine ${tail}`);
    return box;
  }
  const mine = (suffix: string) =>
    Object.fromEntries(
      ['.CR3', '.JPG', '.xmp'].map((tail) => [`${DAY}/IMG_1${suffix}${tail}`, `mine ${tail}`]),
    );

  test.each([1, 2, 3])('moves on whole when it is the name of its member %d', async (member) => {
    const box = await shot();
    const theirs = `${DAY}/IMG_1${['.CR3', '.JPG', '.xmp'][member - 1]}`;
    const drives = [racing(box, new Map([[member, 'faster']]))];
    expect(await box.backup({ drives })).toMatchObject({ type: 'BackupFinished', totals: { copied: 3 } });
    expect(await box.onDrive()).toEqual({ ...mine('_2'), [theirs]: 'faster' });
    expect(
      box.journal
        .of('FilesSettled')
        .flatMap(({ copied }) => copied.map(({ to }) => to))
        .sort(),
    ).toEqual(Object.keys(mine('_2')));
    expect(await box.backup()).toMatchObject({ totals: { copied: 0, duplicates: 3 } });
  });

  test('moves on whole once more when that happens again', async () => {
    const box = await shot();
    // Of the first three the last is taken, of the next three the middle one.
    const drives = [
      racing(
        box,
        new Map([
          [3, 'faster'],
          [5, 'faster again'],
        ]),
      ),
    ];
    expect(await box.backup({ drives })).toMatchObject({ type: 'BackupFinished' });
    expect(await box.onDrive()).toEqual({
      ...mine('_3'),
      [`${DAY}/IMG_1.xmp`]: 'faster',
      [`${DAY}/IMG_1_2.JPG`]: 'faster again',
    });
  });

  test('keeps what it finds of itself until all the rest has its names', async () => {
    const box = await shot();
    await box.alter(`${DAY}/IMG_1.CR3`, 'mine .CR3');
    const drives = [racing(box, new Map([[1, 'faster']]))];
    expect(await box.backup({ drives })).toMatchObject({ type: 'BackupFinished', totals: { copied: 3 } });
    expect(await box.onDrive()).toEqual({
      ...mine('_2'),
      [`${DAY}/IMG_1.CR3`]: 'mine .CR3',
      [`${DAY}/IMG_1.JPG`]: 'faster',
    });
  });

  test('is not recorded when what moved on is not what was placed', async () => {
    const box = await shot();
    const exchange = () => box.alter(`${DAY}/IMG_1_2.CR3`, 'evil .CR3');
    const drives = [racing(box, new Map([[3, 'faster']]), exchange)];
    expect(await box.backup({ drives })).toMatchObject({
      type: 'BackupFailed',
      drives: [{ outcome: 'failed', reason: 'drive-failing' }],
    });
    expect(box.journal.of('FilesSettled')).toEqual([]);
  });
});

describe('duplicates', () => {
  test('same content, other name: not copied again', async () => {
    const box = await world();
    await box.put('A/IMG_1.JPG', 'content');
    await box.backup();
    await box.insert('SD2');
    await box.put('RENAMED.JPG', 'content', NOON + 86_400_000);
    expect(await box.backup()).toMatchObject({ totals: { copied: 0, duplicates: 1 } });
    expect(await names(box)).toEqual([`${DAY}/IMG_1.JPG`]);
  });

  test('two identical shots on one card: the second is a duplicate of the first', async () => {
    const box = await world();
    for (const [folder, at] of [
      ['100', NOON + 1000],
      ['101', NOON],
    ] as const) {
      await box.put(`${folder}/IMG_${folder}.JPG`, 'picture', at);
      await box.put(`${folder}/IMG_${folder}.CR2`, 'raw data', at);
    }
    expect(await box.backup()).toMatchObject({ totals: { copied: 2, duplicates: 2 } });
    expect(await names(box)).toEqual([`${DAY}/IMG_100.CR2`, `${DAY}/IMG_100.JPG`]);
    expect(await box.incoming()).toEqual([]);
  });

  test('a shot is a duplicate only when all of it lies together', async () => {
    const box = await world();
    await box.put('IMG_1.CR2', 'raw data', Date.UTC(2020, 0, 1));
    await box.put('IMG_2.JPG', 'picture', Date.UTC(2021, 0, 1));
    await box.backup();
    await box.insert('SD2');
    await box.put('IMG_7.CR2', 'raw data');
    await box.put('IMG_7.JPG', 'picture');
    expect(await box.backup()).toMatchObject({ totals: { copied: 2, duplicates: 0 } });
    expect(await names(box)).toContain(`${DAY}/IMG_7.CR2`);
    expect(await names(box)).toContain(`${DAY}/IMG_7.JPG`);
  });

  test('a sidecar that came later joins its photo', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'picture');
    await box.backup();
    await box.put('IMG_1.xmp', 'five stars');
    expect(await box.backup()).toMatchObject({ totals: { copied: 1, duplicates: 1 } });
    expect(await names(box)).toEqual([`${DAY}/IMG_1.JPG`, `${DAY}/IMG_1.xmp`]);
  });

  test('shots with one and the same sidecar keep one each', async () => {
    const box = await world();
    for (const n of [1, 2, 3]) {
      await box.put(`IMG_${n}.JPG`, `picture ${n}`);
      await box.put(`IMG_${n}.xmp`, 'same');
    }
    expect(await box.backup()).toMatchObject({ totals: { copied: 6 } });
    expect(await box.backup()).toMatchObject({ totals: { copied: 0, duplicates: 6 } });
  });

  test('an empty file is a duplicate only under its own name', async () => {
    const box = await world();
    await box.put('A/IMG_1.JPG', '');
    await box.put('A/IMG_2.JPG', '');
    await box.put('B/IMG_1.JPG', '');
    await box.put('one.txt', '');
    await box.put('two.txt', '');
    expect(await box.backup()).toMatchObject({ totals: { copied: 4, duplicates: 1 } });
    const there = [`${DAY}/IMG_1.JPG`, `${DAY}/IMG_2.JPG`, 'Other/SD1/one.txt', 'Other/SD1/two.txt'];
    expect(await names(box)).toEqual(there.sort());
    expect(await box.backup()).toMatchObject({ totals: { copied: 0, duplicates: 5 } });
    await box.put('three.txt', '');
    expect(await box.backup()).toMatchObject({ totals: { copied: 1, duplicates: 5 } });
  });

  test('an empty sidecar under another name is no part of a shot', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'content');
    await box.put('IMG_9.xmp', '');
    await box.backup();
    await box.insert('SD2');
    await box.put('IMG_7.JPG', 'content');
    await box.put('IMG_7.xmp', '');
    expect(await box.backup()).toMatchObject({ totals: { copied: 2, duplicates: 0 } });
    expect(await names(box)).toContain(`${DAY}/IMG_7.xmp`);
  });

  test('what may be a duplicate is hashed before it is written', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'content');
    await box.backup();
    let written = 0;
    const drive = altered(box.drive, {
      createIncoming: async () => {
        written += 1;
        return box.drive.createIncoming();
      },
    });
    await box.backup({ drives: [drive] });
    expect(written).toBe(0);
    await box.put('IMG_2.JPG', 'CONTENT');
    await box.backup({ drives: [drive] });
    expect(written).toBe(1);
  });

  test.each([
    ['deleted', (box: World) => box.remove(`${DAY}/IMG_1.JPG`), 'missing', 'IMG_1.JPG'],
    ['shorter', (box: World) => box.alter(`${DAY}/IMG_1.JPG`, 'x'), 'altered', 'IMG_1_2.JPG'],
    ['altered', (box: World) => box.alter(`${DAY}/IMG_1.JPG`, 'CONTENT'), 'altered', 'IMG_1_2.JPG'],
  ] as const)('a copy that was %s on the drive is copied again', async (_, change, why, to) => {
    const box = await world();
    await box.put('IMG_1.JPG', 'content');
    await box.backup();
    await change(box);
    expect(await box.backup()).toMatchObject({
      type: 'BackupFinished',
      totals: { copied: 1, duplicates: 0 },
    });
    expect(box.journal.of('CopiesLost')).toEqual([
      {
        type: 'CopiesLost',
        backupId: expect.any(String),
        driveId: box.drive.drive.id,
        files: [{ to: `${DAY}/IMG_1.JPG`, why }],
      },
    ]);
    expect(await box.onDrive()).toMatchObject({ [`${DAY}/${to}`]: 'content' });
  });

  test('a copy that was only touched is read again and stays', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'content');
    await box.backup();
    await utimes(join(box.drive.drive.path, `${DAY}/IMG_1.JPG`), 1, 1);
    expect(await box.backup()).toMatchObject({ totals: { copied: 0, duplicates: 1 } });
    expect(box.journal.of('CopiesLost')).toEqual([]);
    expect(box.journal.of('FilesSettled').at(-1)?.duplicates).toMatchObject([{ toMtimeMs: 1000 }]);
  });

  test('what only a manifest claims is read back before it is trusted', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'content');
    await box.put('IMG_2.JPG', 'another');
    await box.backup();
    const settled = box.journal.of('FilesSettled').flatMap(({ copied }) => copied);
    const next = await world();
    await next.alter(`${DAY}/IMG_1.JPG`, 'content');
    await next.alter(`${DAY}/IMG_2.JPG`, 'rotten!');
    await next.journal.emit({
      type: 'DriveContentLearned',
      driveId: next.drive.drive.id,
      files: settled.map(({ to, sizeBytes, xxh64 }) => ({ to, sizeBytes, xxh64 })),
    });
    await next.put('IMG_1.JPG', 'content');
    await next.put('IMG_2.JPG', 'another');
    expect(await next.backup()).toMatchObject({ totals: { copied: 1, duplicates: 1 } });
    expect(next.journal.of('CopiesLost')).toMatchObject([
      { files: [{ to: `${DAY}/IMG_2.JPG`, why: 'altered' }] },
    ]);
    expect(await next.onDrive()).toMatchObject({ [`${DAY}/IMG_2_2.JPG`]: 'another' });
  });
});

describe('mirror', () => {
  const mirror = { layout: 'mirror' } as const;

  test('keeps the paths of the card below its label', async () => {
    const box = await world();
    await box.put('DCIM/100/IMG_1.JPG', 'content');
    await box.put('MISC/notes.txt', 'notes');
    await box.backup(mirror);
    expect(await names(box)).toEqual(['Photos/SD1/DCIM/100/IMG_1.JPG', 'Photos/SD1/MISC/notes.txt']);
    expect(await box.backup(mirror)).toMatchObject({ totals: { copied: 0, duplicates: 2 } });
  });

  test('only the same path is a duplicate', async () => {
    const box = await world();
    await box.put('A/IMG_1.JPG', 'content');
    await box.put('B/IMG_1.JPG', 'content');
    expect(await box.backup(mirror)).toMatchObject({ totals: { copied: 2, duplicates: 0 } });
  });

  test('a changed file stands beside the old one, once', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'content');
    await box.backup(mirror);
    await box.put('IMG_1.JPG', 'changed');
    await box.backup(mirror);
    expect(await box.backup(mirror)).toMatchObject({ totals: { copied: 0, duplicates: 1 } });
    expect(await box.onDrive()).toEqual({
      'Photos/SD1/IMG_1.JPG': 'content',
      'Photos/SD1/IMG_1_2.JPG': 'changed',
    });
  });

  test('the second card of one label gets a folder of its own', async () => {
    const box = await world();
    await box.insert('one', { label: 'NIKON', kind: 'volume', uuid: 'AAAA-1' });
    await box.put('IMG_1.JPG', 'of the first');
    await box.backup(mirror);
    await box.insert('two', { label: 'NIKON', kind: 'volume', uuid: 'BBBB-2' });
    await box.put('IMG_1.JPG', 'of the second');
    await box.backup(mirror);
    const there = {
      'Photos/NIKON (BBBB-2)/IMG_1.JPG': 'of the second',
      'Photos/NIKON/IMG_1.JPG': 'of the first',
    };
    expect(await box.onDrive()).toEqual(there);
    expect(await box.backup(mirror)).toMatchObject({ totals: { copied: 0, duplicates: 1 } });
  });
});
