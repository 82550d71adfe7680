import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryPlan } from '../../adapters/memory/memory-plan.ts';
import type { Style } from '../../services/library/layout.ts';
import { preview } from '../../services/preview/preview.ts';
import type { PreviewFile, PreviewResult } from '../../services/work-shapes.ts';
import { CARD, fill, LAYOUTS, SHOTS } from '../backup/shots-of-all-kinds.ts';
import { altered, filesBelow, NOON, type Order, type World, world } from '../backup/world.ts';
import { dayInContent } from '../metadata/day-in-content.ts';

interface Said {
  readonly files: readonly PreviewFile[];
  readonly result: PreviewResult;
}

async function said(
  box: World,
  style: Style,
  cards = box.cards,
  left?: AbortSignal,
  reserveBytes = 0,
): Promise<Said> {
  const { catalogue } = box.journal;
  const files: PreviewFile[] = [];
  const before = await filesBelow(box.root);
  const facts = box.journal.facts.length;
  for await (const message of preview(box.card, style, {
    cards,
    metadata: dayInContent(),
    ...(left === undefined ? {} : { left }),
    openPlan: memoryPlan,
    highestNumber: () => box.counter.last,
    drives: async () => ({
      stores: box.drives,
      catalogue,
      known: box.drives.map(({ drive }) => drive.id),
      reserveBytes,
    }),
  })) {
    if ('file' in message) files.push(message.file);
    if (!('result' in message)) continue;
    expect(await filesBelow(box.root)).toEqual(before);
    expect(box.journal.facts).toHaveLength(facts);
    return { files, result: message.result };
  }
  throw new Error('no result');
}

/** What the next backup settles, in the words of the preview. */
async function done(box: World, order: Order) {
  const before = box.journal.of('FilesSettled').length;
  await box.backup(order);
  const settled = box.journal.of('FilesSettled').slice(before);
  const labels = new Map(box.drives.map(({ drive }) => [drive.id, drive.label]));
  return settled
    .flatMap(({ driveId, copied, duplicates }) => [
      ...copied.map(({ path, to }) => ({ path, to, drive: labels.get(driveId), there: false })),
      ...duplicates.map(({ path, to }) => ({ path, to, drive: labels.get(driveId), there: true })),
    ])
    .sort(byPath);
}

const told = ({ files }: Said) =>
  files.map(({ path, to, drive, there }) => ({ path, to, drive, there })).sort(byPath);

type Line = { readonly path: string; readonly drive: string | undefined };
const byPath = (a: Line, b: Line) => (`${a.drive}/${a.path}` < `${b.drive}/${b.path}` ? -1 : 1);

const STYLES = Object.entries(LAYOUTS).map(
  ([name, layout]) => [name, { ...layout, dayStarts: '00:00' }] as const,
);
const half = SHOTS.filter((_, at) => at % 2 === 0).flat();

describe.each(STYLES)('%s: a preview says what the backup then does', (_name, style) => {
  test('with half of the shots on the drive already', async () => {
    const box = await world();
    await fill(box, half);
    await box.backup(style);
    await fill(box);
    const expected = await said(box, style);
    expect(expected.result).toMatchObject({
      files: CARD.length,
      drives: [{ drive: 'TANK', fits: true, files: CARD.length, there: half.length }],
    });
    expect(told(expected)).toEqual(await done(box, style));
    const again = await said(box, style);
    expect(again.result.drives).toMatchObject([{ there: CARD.length, renamed: 0 }]);
    expect(told(again)).toEqual(await done(box, style));
  });

  test('of a volume that is known by the beginnings of its files', async () => {
    const box = await world();
    box.asVolume();
    await fill(box, half);
    await box.backup(style);
    await fill(box);
    const expected = told(await said(box, style));
    expect(expected.filter(({ there }) => there)).toHaveLength(half.length);
    expect(expected).toEqual(await done(box, style));
  });

  test('with two drives, one of which came later', async () => {
    const box = await world();
    await fill(box, half);
    await box.backup(style);
    await box.addDrive('SECOND');
    await fill(box);
    const expected = await said(box, style);
    expect(expected.result.drives).toMatchObject([
      { drive: 'TANK', there: half.length },
      { drive: 'SECOND', there: 0, files: CARD.length },
    ]);
    expect(told(expected)).toEqual(await done(box, style));
  });

  test('with another card’s photos under the same names, of the same size and of another', async () => {
    const box = await world();
    await box.insert('other', {});
    await fill(box);
    await box.put('DCIM/100CANON/IMG_0001.JPG', 'another one, and longer', NOON);
    await box.put(CARD[1]!, (await contentOf(box, CARD[1]!)).toUpperCase(), NOON);
    await box.backup(style);
    await box.insert('card', {});
    await fill(box);
    expect(told(await said(box, style))).toEqual(await done(box, style));
  });

  test('where a killed backup left files that nobody recorded', async () => {
    const box = await world();
    await fill(box, half);
    const emit: Order['emit'] = async (fact) => {
      if (fact.type === 'FilesSettled') throw new Error('killed');
      await box.journal.emit(fact);
    };
    await box.backup({ ...style, emit }).catch(() => undefined);
    await fill(box);
    const expected = told(await said(box, style));
    const after = await done(box, style);
    // Found there, and new to the journal: the backup counts them as its own.
    expect(expected.map(({ path, to }) => [path, to])).toEqual(after.map(({ path, to }) => [path, to]));
    expect(expected.filter(({ there }) => there).length).toBeGreaterThan(0);
  });
});

async function contentOf(box: World, path: string): Promise<string> {
  const file = await box.cards.open(box.card.path, { path } as never);
  const bytes = Buffer.alloc(file.sizeBytes);
  await file.read(bytes, 0);
  await file.close();
  return bytes.toString();
}

const DATED: Style = { layout: 'dated', template: '', dayStarts: '00:00' };

test('a name that is taken is told with its suffix', async () => {
  const box = await world();
  await box.put('A/IMG_1.JPG', 'first');
  await box.backup();
  await box.put('B/IMG_1.JPG', 'of another size');
  const { files } = await said(box, DATED);
  expect(files).toEqual([
    {
      path: 'B/IMG_1.JPG',
      to: expect.stringMatching(/IMG_1_2\.JPG$/),
      drive: 'TANK',
      driveId: box.drive.drive.id,
      there: false,
      renamed: true,
    },
    {
      path: 'A/IMG_1.JPG',
      to: expect.stringMatching(/IMG_1\.JPG$/),
      drive: 'TANK',
      driveId: box.drive.drive.id,
      there: true,
      renamed: false,
    },
  ]);
});

test('what the drive holds as the very file of the card is not there', async () => {
  const box = await world();
  await box.put('IMG_1.JPG', 'content');
  await box.backup();
  const lying = box.journal.of('FilesSettled')[0]!.copied[0]!.to;
  await rm(join(box.card.path, 'IMG_1.JPG'));
  await link(join(box.drive.drive.path, lying), join(box.card.path, 'IMG_1.JPG'));
  const expected = await said(box, DATED);
  expect(expected.files).toMatchObject([{ there: false, renamed: true }]);
  expect(told(expected)).toEqual(await done(box, DATED));
});

test('reads no content but where a drive may have it', async () => {
  const box = await world();
  await box.put('A.JPG', 'on the drive');
  await box.backup();
  await box.put('B.JPG', 'of a size of its own');
  const opened: string[] = [];
  const cards = altered(box.cards, {
    open: (root, file) => {
      opened.push(file.path);
      return box.cards.open(root, file);
    },
  });
  await said(box, DATED, cards);
  expect(opened).toEqual(['A.JPG']);
});

test('a drive that has no room for all of it is told, with no file', async () => {
  const box = await world();
  await box.put('A.JPG', 'a');
  const small = await box.addDrive('SMALL');
  box.drives[1] = altered(small, { freeBytes: async () => 0 });
  const { files, result } = await said(box, DATED);
  expect(files.map(({ drive }) => drive)).toEqual(['TANK']);
  expect(result.drives).toMatchObject([{ fits: true, files: 1 }, {}]);
  expect(result.drives?.[1]).toEqual({ drive: 'SMALL', driveId: small.drive.id, fits: false });
});

test('two drives of one label are told apart', async () => {
  const box = await world();
  await box.put('A.JPG', 'a');
  const others = [await box.addDrive('SECOND'), await box.addDrive('THIRD')];
  const drives = others.map(({ drive }, at) => ({
    ...drive,
    label: 'TANK',
    uuid: at === 0 ? '12-34' : null,
  }));
  for (const [at, drive] of drives.entries()) box.drives[at + 1] = altered(others[at]!, { drive });
  const { files, result } = await said(box, DATED);
  const labels = [`TANK (${box.drive.drive.path})`, 'TANK (12-34)', `TANK (${drives[1]!.path})`];
  expect(files.map(({ drive }) => drive)).toEqual(labels);
  expect(result.drives?.map(({ drive, driveId }) => [drive, driveId])).toEqual(
    box.drives.map(({ drive }, at) => [labels[at], drive.id]),
  );
});

test('a file that a FAT drive cannot hold goes nowhere', async () => {
  const box = await world();
  await box.put('A.JPG', 'a');
  await box.put('LONG.MP4', 'too long');
  box.drives[0] = altered(box.drive, { rules: { ...box.drive.rules, maxFileBytes: 4 } });
  expect((await said(box, DATED)).files.map(({ path }) => path)).toEqual(['A.JPG']);
});

test('names are those that a FAT drive can have', async () => {
  const box = await world();
  await box.put('A:B.JPG', 'a');
  box.drives[0] = altered(box.drive, { rules: { ...box.drive.rules, restrictedNames: true } });
  const expected = await said(box, DATED);
  expect(expected.files.map(({ to }) => to)).toEqual(['Photos/2026/2026-11-21/A%3AB.JPG']);
  expect(told(expected)).toEqual(await done(box, DATED));
});

test('what has to stay free does not count as room', async () => {
  const box = await world();
  await box.put('A.JPG', 'a');
  box.drives[0] = altered(box.drive, { freeBytes: async () => 1000 });
  expect((await said(box, DATED, box.cards, undefined, 1000)).result.drives).toMatchObject([{ fits: false }]);
});

test('a drive that fails is an error with exit code 74', async () => {
  const box = await world();
  await box.put('A.JPG', 'a');
  await rm(box.drive.drive.path, { recursive: true });
  await expect(said(box, DATED)).rejects.toMatchObject({ exitCode: 74 });
});

test('a number that lies on the drive under a template that was only asked for is not given again', async () => {
  const box = await world();
  await box.put('A.JPG', 'a');
  const path = join(box.drive.drive.path, 'Photos/2026/000041.jpg');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, 'of somebody');
  const { files } = await said(box, { layout: 'custom', template: '{year}/{seq}.{ext}', dayStarts: '00:00' });
  expect(files).toMatchObject([{ to: 'Photos/2026/000042.JPG' }]);
});

test('that nobody listens to any more reads no further', async () => {
  const box = await world();
  for (const path of ['A.JPG', 'B.JPG']) await box.put(path, path);
  await box.backup();
  const left = new AbortController();
  const opened: string[] = [];
  const cards = altered(box.cards, {
    open: (root, file) => {
      opened.push(file.path);
      left.abort(new Error('nobody listens'));
      return box.cards.open(root, file);
    },
  });
  await expect(said(box, DATED, cards, left.signal)).rejects.toThrow('nobody listens');
  expect(opened).toHaveLength(1);
});

const NUMBERED: Style = { layout: 'numbered', template: '', dayStarts: '00:00' };

test('a number whose file was deleted from the drive is not shown again', async () => {
  const box = await world();
  for (const name of ['IMG_1.JPG', 'IMG_2.JPG']) await box.put(name, name);
  await box.backup(NUMBERED);
  await box.remove('Photos/20261121/pimg_000001.jpg');
  const expected = await said(box, NUMBERED);
  expect(expected.files).toContainEqual(
    expect.objectContaining({ path: 'IMG_1.JPG', to: 'Photos/20261121/pimg_000003.jpg', there: false }),
  );
  expect(told(expected)).toEqual(await done(box, NUMBERED));
});

test('what the preview itself placed and read is found again under its number', async () => {
  const box = await world();
  await box.put('A.JPG', 'of one size');
  await box.backup(NUMBERED);
  for (const path of ['B.JPG', 'C/B.JPG']) await box.put(path, 'of 1 sizes!');
  const expected = await said(box, NUMBERED);
  const twice = expected.files.filter(({ path }) => path.endsWith('B.JPG'));
  expect(twice.map(({ to, there }) => [to, there])).toEqual([
    ['Photos/20261121/pimg_000002.jpg', false],
    ['Photos/20261121/pimg_000002.jpg', false],
  ]);
  const after = await done(box, NUMBERED);
  expect(told(expected).map(({ path, to }) => [path, to])).toEqual(after.map(({ path, to }) => [path, to]));
});

const names = fc.constantFrom(
  'IMG_1.JPG',
  'IMG_1.CR3',
  'IMG_2.JPG',
  'IMG_3.MOV',
  'GX010001.MP4',
  'GX020001.MP4',
  'a.txt',
);
const folders = fc.constantFrom('DCIM/100A', 'DCIM/101A');
const file = fc.record({
  folder: folders,
  name: names,
  // Often the same: then two files have one size and one time.
  hour: fc.constantFrom(0, 0, 0, 1, 14, 30),
  size: fc.integer({ min: 0, max: 2 }),
});
const cards = fc.uniqueArray(file, {
  minLength: 1,
  maxLength: 8,
  selector: (one) => `${one.folder}/${one.name}`,
});

test('two equal files that were read are one, also under two names', async () => {
  const box = await world();
  await box.put('A.JPG', 'of one size');
  await box.backup();
  for (const path of ['B.JPG', 'C.JPG']) await box.put(path, 'of 1 sizes!');
  const { files } = await said(box, DATED);
  const after = await done(box, DATED);
  expect(files.map(({ path, to }) => [path, to]).sort()).toEqual(after.map(({ path, to }) => [path, to]));
  expect(files.filter(({ there }) => there).map(({ path }) => path)).toEqual(['A.JPG']);
});

test('a copy of which another shot took the name in this preview is none', async () => {
  const box = await world();
  await box.put('A/IMG_1.JPG', 'a photo');
  await box.backup();
  await box.remove('Photos/2026/2026-11-21/IMG_1.JPG');
  await box.put('B/IMG_1.JPG', 'another');
  await box.put('B/IMG_1.CR3', 'its raw file');
  const expected = await said(box, DATED);
  expect(told(expected)).toEqual(await done(box, DATED));
});

/** What its owner does to a file on the drive between two backups. */
const fates = fc.array(fc.constantFrom('stays', 'stays', 'deleted', 'altered'), {
  minLength: 1,
  maxLength: 5,
});

test('of any two cards, one after the other, on a drive that its owner tidied, in any layout', async () => {
  const styles = fc.constantFrom(...STYLES.map(([, style]) => style));
  await fc.assert(
    fc.asyncProperty(cards, cards, styles, fates, async (first, second, style, fate) => {
      const box = await world();
      const put = async (card: typeof first, mark: string) => {
        // Of few sizes, and never the same twice on a card.
        for (const { folder, name, hour, size } of card)
          await box.put(
            `${folder}/${name}`,
            `${mark} ${folder} ${name.padEnd(14)}${'x'.repeat(size)}`,
            NOON + hour * 3_600_000,
          );
      };
      await put(first, 'one');
      await box.backup(style);
      for (const [at, path] of Object.keys(await box.onDrive()).entries()) {
        const what = fate[at % fate.length];
        if (what === 'deleted') await box.remove(path);
        if (what === 'altered') await box.alter(path, `altered ${path}`);
      }
      await put(second, second.length % 2 === 0 ? 'one' : 'two');
      expect(told(await said(box, style))).toEqual(await done(box, style));
    }),
    { numRuns: 60 },
  );
});

test('of a volume that is known nothing but the beginnings is read', async () => {
  const box = await world();
  box.asVolume();
  await box.put('A.JPG', 'a'.repeat(100_000));
  await box.backup();
  const cards = altered(box.cards, { open: () => Promise.reject(new Error('was read')) });
  const all = { ...box.cards, open: cards.open };
  expect((await said(box, DATED, all)).files).toMatchObject([{ path: 'A.JPG', there: true }]);
});

test('two empty files of one name are one, which is not there yet', async () => {
  const box = await world();
  for (const path of ['A/E.JPG', 'B/E.JPG']) await box.put(path, '');
  const expected = await said(box, DATED);
  expect(expected.files).toMatchObject([{ there: false }, { there: false }]);
  const after = await done(box, DATED);
  expect(expected.files.map(({ path, to }) => [path, to]).sort()).toEqual(
    after.map(({ path, to }) => [path, to]),
  );
});
