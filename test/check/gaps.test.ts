import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FileNumbers, MAX_GAPS } from '../../services/check/gaps.ts';
import { rel } from '../manifest/memory-drive.ts';

const never = (): boolean => false;
function gapsOf(paths: readonly string[], wasSeen: (path: string) => boolean = never): string[] {
  const numbers = new FileNumbers();
  for (const path of paths) numbers.add(rel(path));
  return numbers.gaps(wasSeen);
}
const img = (number: number, extension = 'CR3'): string =>
  `DCIM/100CANON/IMG_${String(number).padStart(4, '0')}.${extension}`;

describe('gaps in the numbers of a camera', () => {
  it('are runs between the lowest and the highest', () => {
    expect(gapsOf([img(230), img(241), img(243)])).toEqual([
      'DCIM/100CANON/IMG_0231–0240',
      'DCIM/100CANON/IMG_0242',
    ]);
  });

  it('are none where every number is there, in whatever order and format', () => {
    expect(gapsOf([img(3), img(1, 'JPG'), img(2), img(2, 'JPG')])).toEqual([]);
    expect(gapsOf([img(7)])).toEqual([]);
    expect(gapsOf([])).toEqual([]);
  });

  it('leave out what was read from this card before, in any of its formats', () => {
    const seen = new Set([img(2, 'JPG'), img(3)]);
    expect(gapsOf([img(1), img(1, 'JPG'), img(5)], (path) => seen.has(path))).toEqual([
      'DCIM/100CANON/IMG_0004',
    ]);
    expect(gapsOf([img(1), img(5)], (path) => seen.has(path))).toEqual([
      'DCIM/100CANON/IMG_0002',
      'DCIM/100CANON/IMG_0004',
    ]);
  });

  it('are counted for each folder and prefix', () => {
    expect(
      gapsOf([
        'DCIM/101ND750/DSC_0001.NEF',
        'DCIM/101ND750/DSC_0003.NEF',
        'DCIM/100ND750/DSC_0009.NEF',
        'IMG_0001.JPG',
        'IMG_0003.JPG',
      ]),
    ).toEqual(['IMG_0002', 'DCIM/101ND750/DSC_0002']);
  });

  it('know Sony’s five digits', () => {
    expect(gapsOf(['DSC00009.ARW', 'DSC00012.ARW'])).toEqual(['DSC00010–0011']);
  });

  it('take no other name for a number', () => {
    expect(
      gapsOf(['notes1.txt', 'notes2024.txt', 'IMG_1.JPG', 'IMG_00001.JPG', 'IMG_0001', 'a/IMG-0001.JPG']),
    ).toEqual([]);
  });

  it('do not appear where the counter went over 9999', () => {
    expect(gapsOf([img(9998), img(9999), img(1), img(3)])).toEqual(['DCIM/100CANON/IMG_0002']);
    expect(gapsOf([img(9999), img(5000)])).toEqual(['DCIM/100CANON/IMG_5001–9998']);
  });

  it('appear on a card that simply holds every number but a few', () => {
    const all = Array.from({ length: 9999 }, (_, at) => at + 1).filter((number) => number !== 500);
    expect(gapsOf(all.map((number) => img(number)))).toEqual(['DCIM/100CANON/IMG_0500']);
  });

  it('are exactly the numbers that are not there', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 100, max: 160 }), { minLength: 1 }), (present) => {
        const missing = gapsOf(present.map((number) => img(number))).flatMap((gap) => {
          const [first = 0, last = first] = gap.slice('DCIM/100CANON/IMG_'.length).split('–').map(Number);
          return Array.from({ length: last - first + 1 }, (_, at) => first + at);
        });
        const all = Array.from({ length: 200 }, (_, at) => at);
        const between = all.filter(
          (number) => number > Math.min(...present) && number < Math.max(...present),
        );
        expect(missing).toEqual(between.filter((number) => !present.includes(number)));
      }),
    );
  });

  it('are bounded, whatever is on the card', () => {
    const odd = Array.from({ length: 5000 }, (_, at) => img(at * 2));
    expect(gapsOf(odd)).toHaveLength(MAX_GAPS + 1);
    expect(gapsOf(odd).at(-1)).toBe('… and more');
    const folders = Array.from({ length: 1500 }, (_, at) => [
      `D${at}/IMG_0001.JPG`,
      `D${at}/IMG_0003.JPG`,
    ]).flat();
    expect(gapsOf(folders)).toHaveLength(MAX_GAPS + 1);
  });

  it('ask a bounded number of questions', () => {
    let questions = 0;
    const extensions = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J'];
    const paths = ['W', 'X', 'Y'].flatMap((folder) =>
      extensions.flatMap((extension) => [
        `${folder}/IMG_0002.${extension}`,
        `${folder}/IMG_9999.${extension}`,
      ]),
    );
    gapsOf(paths, () => {
      questions += 1;
      return false;
    });
    expect(questions).toBeLessThanOrEqual(100_000);
    expect(questions).toBeGreaterThan(90_000);
  });
});
