import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { Explanation, GroupLine, type Life, PhotoLine } from '../../services/library/shapes.ts';
import { ErrorShape } from '../../services/shapes.ts';
import { EXPLANATION, GROUP, PHOTO } from './photo-answers.ts';
import { appliance, run, serveEachTest } from './served.ts';

serveEachTest();

const text = async (...args: readonly string[]) => {
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};
async function lines<Shape extends z.ZodType>(shape: Shape, ...args: readonly string[]) {
  const printed = (await text(...args, '--json')).split('\n').slice(0, -1);
  return printed.map((line): z.infer<Shape> => shape.parse(JSON.parse(line)));
}
async function refused(code: number, ...args: readonly string[]) {
  const ended = await run(...args, '--json');
  expect(ended).toMatchObject({ code, stdout: '' });
  return ErrorShape.parse(JSON.parse(ended.stderr)).error;
}

describe('explain', () => {
  test('tells the whole life in order, in words', async () => {
    expect(await text('explain', 'IMG_0001.JPG')).toBe(
      `IMG_0001.JPG  4.9 MB  xxh64 0123456789abcdef
  taken 2026-11-21 14:03:59 +01:00 by Canon EOS R5 (042) at 46.5, 7.9
  now: verified on 1 drive
    PDRIVE128GB: Photos/2026/2026-11-21/IMG_0001.JPG  verified
  2026-11-21 15:00:00   copied from SD32GB-03: DCIM/100CANON/IMG_0001.JPG to PDRIVE128GB: Photos/2026/2026-11-21/IMG_0001.JPG, verified from the medium, card read twice, backup 20261121-57
      note: IMG_0001.JPG is blank
  2026-11-21 15:01:00   in the manifest Photos/ascmhl/0001_x.mhl
  2026-11-22 10:00:00   found on SD32GB-03: DCIM/100CANON/IMG_0001.JPG: PDRIVE128GB: Photos/2026/2026-11-21/IMG_0001.JPG has it already, backup 20261121-57; 3 times until 2026-11-24 10:00
  2026-11-25 10:00:00   read again and as recorded, PDRIVE128GB: Photos/2026/2026-11-21/IMG_0001.JPG
  2026-11-26 10:00:00   altered on PDRIVE128GB: Photos/2026/2026-11-21/IMG_0001.JPG, found by verify or index: it counts no more
  2026-11-26 11:00:00?  listed in a manifest as PDRIVE128GB: Photos/old.JPG
  2026-11-27 10:00:00   PDRIVE128GB is no drive of this box any more: its copies count no more

Not copied
  2026-11-28 10:00:00   SD32GB-03: DCIM/101CANON/IMG_0001.JPG not to PDRIVE128GB, card-unreadable: EIO, backup 20261128-60 (failed)
`,
    );
    expect(appliance.asked).toEqual([['explain', 'IMG_0001.JPG', { name: 'IMG_0001.JPG' }]]);
  });

  test('as JSON, and narrowed', async () => {
    const args = ['explain', 'DCIM/1/IMG 1.JPG', '--card', 'SD', '--day', '2026-11-21', '--limit', '7'];
    expect(await lines(Explanation, ...args)).toEqual([EXPLANATION]);
    const question = { name: 'DCIM/1/IMG 1.JPG', card: 'SD', day: '2026-11-21', limit: 7 };
    expect(appliance.asked).toEqual([['explain', 'DCIM/1/IMG 1.JPG', question]]);
  });

  test('says that there are more, and of what is lost that no copy is left', async () => {
    const [life] = EXPLANATION.lives;
    if (life === undefined) throw new Error('no life');
    const lost: Life = {
      ...life,
      copies: [],
      verifiedCopies: 0,
      dayFrom: 'file',
      takenAt: null,
      capture: null,
      omitted: 2,
    };
    appliance.explanation = { ...EXPLANATION, lives: [lost, life], more: 3, failures: [] };
    const { stdout, stderr } = await run('explain', 'IMG_0001.JPG');
    expect(stdout).toContain(
      '  day 2026-11-21 from the file (when it was taken is not recorded) by Canon EOS R5\n',
    );
    expect(stdout).toContain('  now: no verified copy\n  2026-11-21 15:00:00 ');
    expect(stdout).toContain('  and 2 records in between that are not told here\n\nIMG_0001.JPG');
    expect(stderr).toBe('3 more of this name: narrow with --card or --day, or raise --limit\n');
  });

  test('says whose day it is, where another file of the shot told', async () => {
    const [life] = EXPLANATION.lives;
    if (life === undefined) throw new Error('no life');
    const ofShot: Life = { ...life, dayFrom: 'shot', dayBy: 'IMG_0001.\u001b', takenAt: null, capture: null };
    appliance.explanation = { ...EXPLANATION, lives: [ofShot] };
    const unknown = '(when it was taken is not recorded) by Canon EOS R5\n';
    expect(await text('explain', 'x')).toContain(
      `  day 2026-11-21 from its shot: IMG_0001.\\u001b ${unknown}`,
    );
    const { dayBy: _, ...unnamed } = ofShot;
    appliance.explanation = { ...EXPLANATION, lives: [unnamed] };
    expect(await text('explain', 'x')).toContain(`  day 2026-11-21 from its shot ${unknown}`);
    expect(await lines(Explanation, 'explain', 'x')).toEqual([appliance.explanation]);
  });

  test('says that it was a check that found a copy altered', async () => {
    const [life] = EXPLANATION.lives;
    const lost = life?.chapters.find(({ what }) => what === 'lost');
    if (life === undefined || lost?.what !== 'lost') throw new Error('no such life');
    appliance.explanation = { ...EXPLANATION, lives: [{ ...life, chapters: [{ ...lost, by: 'check' }] }] };
    const where = 'PDRIVE128GB: Photos/2026/2026-11-21/IMG_0001.JPG';
    expect(await text('explain', 'IMG_0001.JPG')).toContain(
      `altered on ${where}, found by check: it counts no`,
    );
    expect(await lines(Explanation, 'explain', 'IMG_0001.JPG')).toEqual([appliance.explanation]);
  });

  test('of what nobody has seen is 66, of a bad number 64', async () => {
    appliance.unknownWords.add('IMG_9.JPG');
    expect((await refused(66, 'explain', 'IMG_9.JPG')).hint).not.toBe('');
    for (const limit of ['0', '101', 'x', '1.5']) {
      expect((await refused(64, 'explain', 'IMG_1.JPG', '--limit', limit)).message).toContain(limit);
    }
    expect((await refused(64, 'explain')).code).toBe('usage');
  });

  test('a name cannot command the terminal', async () => {
    const [life] = EXPLANATION.lives;
    if (life === undefined) throw new Error('no life');
    appliance.explanation = { ...EXPLANATION, lives: [{ ...life, name: '\u001b[2J.JPG' }] };
    for (const args of [
      ['explain', 'x'],
      ['explain', 'x', '--json'],
    ]) {
      const { stdout } = await run(...args);
      expect(stdout).toContain('\\u001b[2J.JPG');
      expect(stdout).not.toContain('\u001b');
    }
  });
});

describe('library list', () => {
  test('is a table of days, page after page', async () => {
    const older = {
      ...GROUP,
      key: '2026-11-20',
      label: '2026-11-20',
      fewestCopies: 2,
      photosWithFewest: 214,
    };
    const lost = { ...GROUP, key: '2026-11-19', label: '2026-11-19', fewestCopies: 0, photosWithFewest: 214 };
    appliance.groupPages = [
      { groups: [GROUP, older], next: '2026-11-20' },
      { groups: [lost], next: null },
    ];
    expect(await text('library', 'list')).toBe(
      `day           photos       size  copies
2026-11-21       214     5.1 GB       1  12 of them so few
2026-11-20       214     5.1 GB       2
2026-11-19       214     5.1 GB       0
`,
    );
    expect(appliance.asked).toEqual([
      ['groups', 'day', { limit: 200 }],
      ['groups', 'day', { limit: 200, after: '2026-11-20' }],
    ]);
  });

  test('--by card names label and id, --by backup the card, --by camera the camera', async () => {
    const page = (group: Partial<typeof GROUP>) => [
      { groups: [{ ...GROUP, photosWithFewest: 214, ...group }], next: null },
    ];
    appliance.groupPages = page({ by: 'card', key: 'AAAA+64', label: 'SD32GB-03' });
    expect(await text('library', 'list', '--by', 'card')).toMatch(
      /^card .*\nSD32GB-03 +214 +5.1 GB +1 +AAAA\+64\n$/,
    );
    appliance.groupPages = page({ by: 'backup', key: '20261121-57', label: 'SD32GB-03' });
    expect(await text('library', 'list', '--by', 'backup')).toMatch(
      /\n20261121-57 +214 +5.1 GB +1 +SD32GB-03\n$/,
    );
    appliance.groupPages = page({ by: 'camera', key: '', label: 'unknown' });
    expect(await text('library', 'list', '--by', 'camera')).toMatch(/\nunknown +214 +5.1 GB +1\n$/);
    appliance.groupPages = page({});
    expect(await lines(GroupLine, 'library', 'list')).toEqual([{ ...GROUP, photosWithFewest: 214 }]);
  });

  test.each([
    ['--day', '2026-11-21', 'day'],
    ['--camera', 'Canon EOS R5', 'camera'],
    ['--card', 'SD32GB-03', 'card'],
    ['--backup', '20261121-57', 'backup'],
    ['--name', 'img_0001.jpg', 'name'],
  ])('%s %s gives the photos themselves, page after page', async (flag, word, key) => {
    const second: PhotoLine = {
      ...PHOTO,
      name: 'IMG_0002.JPG',
      verifiedCopies: 0,
      copies: [],
      takenAt: null,
      dayFrom: 'file',
      camera: null,
    };
    appliance.photoPages = [
      { photos: [PHOTO], next: '5.1' },
      { photos: [second], next: null },
    ];
    expect(await text('library', 'list', flag, word)).toBe(
      `2026-11-21 14:03:59  IMG_0001.JPG         4.9 MB  1 copy    Canon EOS R5
  PDRIVE128GB: Photos/2026/2026-11-21/IMG_0001.JPG  verified
2026-11-21           IMG_0002.JPG         4.9 MB  0 copies
`,
    );
    expect(appliance.asked).toEqual([
      ['photos', word, { [key]: word }, { limit: 200 }],
      ['photos', word, { [key]: word }, { limit: 200, after: '5.1' }],
    ]);
  });

  test('--json is a line each; a copy that does not count says why', async () => {
    const [copy] = PHOTO.copies;
    if (copy === undefined) throw new Error('no copy');
    const weak = {
      ...PHOTO,
      verifiedCopies: 0,
      copies: [
        { ...copy, verified: false, verifiedFrom: 'cache' as const },
        { ...copy, verified: false, state: 'claimed' as const, verifiedFrom: null },
      ],
    };
    appliance.photoPages = [{ photos: [weak, PHOTO], next: null }];
    expect(await lines(PhotoLine, 'library', 'list', '--day', '2026-11-21')).toEqual([weak, PHOTO]);
    appliance.photoPages = [{ photos: [weak], next: null }];
    const shown = await text('library', 'list', '--day', '2026-11-21');
    expect(shown).toContain('IMG_0001.JPG  verified from the cache only\n');
    expect(shown).toContain('IMG_0001.JPG  listed in a manifest, not read again yet\n');
  });

  test('nothing there: an empty table is 0, no photo of that is 66', async () => {
    appliance.groupPages = [];
    expect(await run('library', 'list')).toEqual({ code: 0, stdout: '', stderr: 'no photo yet\n' });
    appliance.photoPages = [];
    expect((await refused(66, 'library', 'list', '--day', '1999-01-01')).hint).toContain('--by day');
    expect((await refused(66, 'library', 'list', '--name', 'x')).hint).toContain('explain');
  });

  test('--find gives the photos with that in their names, also of one day, card, camera or backup', async () => {
    appliance.photoPages = [
      { photos: [], next: '2026-11-20.5.1', searchedTo: '2026-11-20' },
      { photos: [PHOTO], next: null, searchedTo: null },
      { photos: [PHOTO], next: null, searchedTo: null },
    ];
    expect(await text('library', 'list', '--find', 'img_00')).toContain('IMG_0001.JPG');
    await text('library', 'list', '--find', '0001', '--card', 'SD32GB-03');
    expect(appliance.asked).toEqual([
      ['find', 'img_00', {}, { limit: 200 }],
      ['find', 'img_00', {}, { limit: 200, after: '2026-11-20.5.1' }],
      ['find', '0001', { card: 'SD32GB-03' }, { limit: 200 }],
    ]);
    const { message, hint } = await refused(66, 'library', 'list', '--find', 'x', '--day', '2026-11-21');
    expect([message, hint]).toEqual([
      '--find x --day 2026-11-21: no photo',
      expect.stringContaining('--by day'),
    ]);
  });

  test('two things at once, or an unknown table, are 64', async () => {
    for (const args of [
      ['--find', 'IMG', '--name', 'IMG_0001.JPG'],
      ['--find', 'IMG', '--day', '2026-11-21', '--card', 'SD'],
      ['--find', 'IMG', '--by', 'day'],
      ['--day', '2026-11-21', '--card', 'SD'],
      ['--by', 'day', '--day', '2026-11-21'],
      ['--by', 'month'],
    ]) {
      expect((await refused(64, 'library', 'list', ...args)).code).toBe('usage');
    }
    expect(appliance.asked).toEqual([]);
  });

  test('--help has an example', async () => {
    expect(await text('library', 'list', '--help')).toContain('imagetank library list --day 2026-11-21');
    expect(await text('explain', '--help')).toContain('imagetank explain IMG_0001.JPG');
  });
});
