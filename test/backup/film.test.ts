import { describe, expect, test } from 'vitest';
import { relativePath } from '../../machines/ids.ts';
import { filmOf } from '../../services/backup/film.ts';
import type { PlannedFile } from '../../services/backup/ports.ts';
import { groupsOfFolder } from '../../services/library/groups.ts';

/** Each a minute after the one before it, in the order given. */
function listing(...names: readonly string[]) {
  const files = names.map(
    (name, index): PlannedFile => ({
      kind: 'file',
      index,
      path: relativePath(`DCIM/${name}`),
      sizeBytes: 1,
      mtimeMs: index * 60_000,
    }),
  );
  const groups = groupsOfFolder(files);
  return (name: string) => {
    const group = groups.find(({ members }) => members.some(({ path }) => path.endsWith(name)));
    if (group === undefined) throw new Error(`no ${name}`);
    const film = filmOf(group, ({ path }) => files.find((file) => file.path === path) ?? null);
    if (film === null) return null;
    return { first: film.firstMtimeMs / 60_000, others: film.others.map(({ path }) => path.slice(5)).sort() };
  };
}

describe('a chapter', () => {
  test('knows the other ones with all of their files, and the time of the first', () => {
    const film = listing('GL020001.LRV', 'GX010001.MP4', 'GX020001.MP4', 'GX030001.MP4', 'GX020001.THM');
    expect(film('GX020001.MP4')).toEqual({ first: 1, others: ['GX010001.MP4', 'GX030001.MP4'] });
    expect(film('GX010001.MP4')).toEqual({ first: 1, others: ['GX020001.MP4', 'GX030001.MP4'] });
  });

  test('of an old GoPro has GOPR before it', () => {
    const film = listing('GOPR0001.MP4', 'GP010001.MP4', 'GOPR0001.THM', 'GP010001.THM');
    expect(film('GP010001.MP4')).toEqual({ first: 0, others: ['GOPR0001.MP4', 'GOPR0001.THM'] });
    expect(film('GOPR0001.MP4')).toEqual({ first: 0, others: ['GP010001.MP4', 'GP010001.THM'] });
  });

  test('whose first ones are gone begins with the lowest that is left', () => {
    const film = listing('GX040001.MP4', 'GX020001.MP4');
    expect(film('GX040001.MP4')).toEqual({ first: 1, others: ['GX020001.MP4'] });
  });

  test.each([
    ['the only one', ['GX010001.MP4'], 'GX010001.MP4'],
    ['of another video', ['GX010001.MP4', 'GX020002.MP4', 'GH020001.MP4'], 'GX010001.MP4'],
    ['a photo', ['GOPR0001.JPG', 'GP010001.JPG', 'GP010001.MP4'], 'GOPR0001.JPG'],
    ['a photo in RAW', ['GOPR0001.GPR', 'GP010001.GPR'], 'GOPR0001.GPR'],
    ['no media', ['GX010001.txt', 'GX020001.txt'], 'GX010001.txt'],
  ])('is alone when it is %s', (_, names, name) => {
    expect(listing(...names)(name)).toBeNull();
  });

  test('an empty group is none', () => {
    expect(filmOf({ members: [] }, () => null)).toBeNull();
  });
});
