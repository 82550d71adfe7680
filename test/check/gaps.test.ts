import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FileNumbers, MAX_GAPS, type WasSeen } from '../../services/check/gaps.ts';
import { rel } from '../manifest/memory-drive.ts';

const HOUR_MS = 3_600_000;
const NOON_MS = Date.UTC(2026, 10, 21, 12);
const never: WasSeen = () => false;
/** Shots of other cards, by the hour from noon on. */
const seen =
  (shots: Readonly<Record<string, number>>): WasSeen =>
  (shot, fromMs, toMs) => {
    const hour = shots[shot];
    if (hour === undefined) return false;
    const atMs = NOON_MS + hour * HOUR_MS;
    return atMs >= fromMs && atMs <= toMs;
  };

/** Each path with the hour in which it was taken, one minute apart where none is given. */
function gapsOf(paths: readonly (string | readonly [string, number])[], wasSeen: WasSeen = never): string[] {
  const numbers = new FileNumbers();
  for (const [at, one] of paths.entries()) {
    const [path, hour] = typeof one === 'string' ? [one, at / 60] : one;
    numbers.add(rel(path), NOON_MS + hour * HOUR_MS);
  }
  return numbers.gaps(wasSeen);
}
const four = (number: number): string => String(number).padStart(4, '0');
const img = (number: number, extension = 'CR3', folder = '100CANON'): string =>
  `DCIM/${folder}/IMG_${four(number)}.${extension}`;
const images = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => img(from + at));

describe('gaps in the numbers of a camera', () => {
  it('are runs between the lowest and the highest', () => {
    expect(gapsOf([img(230), img(241), img(243)])).toEqual([
      'DCIM/100CANON/IMG_0231–0240',
      'DCIM/100CANON/IMG_0242',
    ]);
  });

  it('are none where every number is there, in whatever order and format', () => {
    expect(gapsOf([img(3), img(1, 'JPG'), img(2), img(2, 'JPG'), img(2, 'XMP')])).toEqual([]);
    expect(gapsOf([img(7)])).toEqual([]);
    expect(gapsOf([])).toEqual([]);
  });

  it('know Sony’s five digits', () => {
    expect(gapsOf(['DSC00009.ARW', 'DSC00012.ARW'])).toEqual(['DSC00010–0011']);
  });

  it('take no other name for a number', () => {
    expect(
      gapsOf(['notes1.txt', 'notes2024.txt', 'IMG_1.JPG', 'IMG_00001.JPG', 'IMG_0001', 'a/IMG-0001.JPG']),
    ).toEqual([]);
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
});

describe('a jump', () => {
  it('of 999 numbers is a gap, one of 1,000 a counter that was set back or another camera', () => {
    expect(gapsOf([img(1), img(1001)])).toEqual(['DCIM/100CANON/IMG_0002–1000']);
    expect(gapsOf([img(1), img(1002)])).toEqual([]);
    expect(gapsOf([img(9999), img(5000)])).toEqual([]);
  });

  it('leaves the gaps before and after it', () => {
    expect(gapsOf([img(1), img(3), img(5000), img(5002)])).toEqual([
      'DCIM/100CANON/IMG_0002',
      'DCIM/100CANON/IMG_5001',
    ]);
  });

  it('back to 1 in the next folder is no gap', () => {
    expect(gapsOf([img(149), img(150), img(1, 'CR3', '101CANON'), img(2, 'CR3', '101CANON')])).toEqual([]);
    expect(gapsOf([img(5), img(6), img(3, 'CR3', '101CANON')])).toEqual([]);
  });
});

describe('the counter goes over 9999', () => {
  it('in one folder, without a gap', () => {
    expect(gapsOf([img(9998), img(9999), img(1), img(2)])).toEqual([]);
  });

  it('in one folder, with gaps before, at and behind the end', () => {
    expect(gapsOf([img(9995), img(9997), img(2), img(4)])).toEqual([
      'DCIM/100CANON/IMG_9996',
      'DCIM/100CANON/IMG_9998–9999',
      'DCIM/100CANON/IMG_0001',
      'DCIM/100CANON/IMG_0003',
    ]);
  });

  it('from one folder to the next', () => {
    expect(gapsOf([img(9999), img(1, 'CR3', '101CANON')])).toEqual([]);
    expect(gapsOf([img(9997), img(3, 'CR3', '101CANON')])).toEqual([
      'DCIM/100CANON/IMG_9998–9999',
      'DCIM/101CANON/IMG_0001–0002',
    ]);
  });

  it('on a card that holds all but a few', () => {
    const all = images(1, 9999).filter((path) => path !== img(500));
    expect(gapsOf(all)).toEqual(['DCIM/100CANON/IMG_0500']);
  });
});

describe('several folders and prefixes', () => {
  it('a counter goes on from one folder to the next', () => {
    expect(gapsOf([img(98), img(99), img(100, 'CR3', '101CANON')])).toEqual([]);
    expect(gapsOf([img(98), img(101, 'CR3', '101CANON'), img(103, 'CR3', '102CANON')])).toEqual([
      'DCIM/100CANON/IMG_0099–0100',
      'DCIM/101CANON/IMG_0102',
    ]);
    // Canon names a folder a day, so their ends differ.
    expect(gapsOf(['DCIM/100_1121/IMG_0001.JPG', 'DCIM/101_1122/IMG_0003.JPG'])).toEqual([
      'DCIM/100_1121/IMG_0002',
    ]);
  });

  it('photos and movies of one folder share a counter', () => {
    expect(gapsOf([img(1), 'DCIM/100CANON/MVI_0002.MP4', 'DCIM/100CANON/_MG_0003.CR3', img(5)])).toEqual([
      'DCIM/100CANON/_MG_0004',
    ]);
  });

  it('chapters of a GoPro have the number of their video', () => {
    const gopro = (name: string) => `DCIM/100GOPRO/${name}`;
    expect(
      gapsOf([
        gopro('GX010001.MP4'),
        gopro('GX020001.MP4'),
        gopro('GOPR0002.JPG'),
        gopro('GX010003.MP4'),
        gopro('GX020005.MP4'),
        gopro('GX010005.MP4'),
      ]),
    ).toEqual(['DCIM/100GOPRO/GX010004']);
  });

  it('a video of a GoPro has the name of the film, not of its small copy, in whatever order they are met', () => {
    const film = (number: number) => [`DCIM/100GOPRO/GX01${four(number)}.MP4`];
    const both = (number: number) => [`DCIM/100GOPRO/GL01${four(number)}.LRV`, ...film(number)];
    expect(gapsOf([...both(42), ...both(50)])).toEqual(['DCIM/100GOPRO/GX010043–0049']);
    expect(gapsOf([...both(42).reverse(), ...both(50).reverse()])).toEqual(['DCIM/100GOPRO/GX010043–0049']);
    // Also back to what an earlier card ended with.
    expect(gapsOf(both(50), seen({ GX010047: -1 }))).toEqual(['DCIM/100GOPRO/GX010048–0049']);
    // Where no film is left, that is all there is to say.
    expect(gapsOf([...both(42).slice(0, 1), ...film(44)])).toEqual(['DCIM/100GOPRO/GL010043']);
  });

  it('two cameras on one card have counters of their own', () => {
    expect(
      gapsOf([
        'DCIM/100CANON/IMG_0001.CR3',
        'DCIM/100ND750/DSC_0007.NEF',
        'DCIM/101CANON/IMG_0002.CR3',
        'DCIM/101ND750/DSC_0009.NEF',
      ]),
    ).toEqual(['DCIM/100ND750/DSC_0008']);
  });

  it('in a folder that is no camera’s each prefix counts by itself', () => {
    expect(gapsOf(['mine/IMG_0001.JPG', 'mine/DSC_0002.JPG', 'mine/IMG_0003.JPG'])).toEqual([
      'mine/IMG_0002',
    ]);
    expect(gapsOf(['one/IMG_0001.JPG', 'two/IMG_0003.JPG'])).toEqual([]);
  });
});

describe('what a card had before', () => {
  it('is no gap, whatever its prefix', () => {
    const shots = seen({ IMG_0002: 0, MVI_0003: 0 });
    expect(gapsOf([img(1), 'DCIM/100CANON/MVI_0005.MP4'], shots)).toEqual(['DCIM/100CANON/IMG_0004']);
  });

  it('counts only when it was taken at that time: numbers come again after 9,999 shots', () => {
    const card = [[img(1), 0] as const, [img(4), 2] as const];
    expect(gapsOf(card, seen({ IMG_0002: 1, IMG_0003: 25 }))).toEqual([]);
    expect(gapsOf(card, seen({ IMG_0002: -25, IMG_0003: 27 }))).toEqual(['DCIM/100CANON/IMG_0002–0003']);
    expect(gapsOf(card, seen({ IMG_0002: -24 * 365, IMG_0003: 1 }))).toEqual(['DCIM/100CANON/IMG_0002']);
  });

  it('and where it ended: what came before it was formatted, and is nowhere, is a gap', () => {
    expect(gapsOf([[img(241), 2]], seen({ IMG_0230: 1, IMG_0229: 1 }))).toEqual([
      'DCIM/100CANON/IMG_0231–0240',
    ]);
    expect(gapsOf([[img(241), 2]], seen({ IMG_0240: 1 }))).toEqual([]);
    expect(gapsOf([[img(1001), 2]], seen({ IMG_0001: 1 }))).toEqual(['DCIM/100CANON/IMG_0002–1000']);
  });

  it('says nothing of what came before the first card, on another day, later, or 1,000 numbers before', () => {
    expect(gapsOf([[img(241), 2]])).toEqual([]);
    expect(gapsOf([[img(241), 30]], seen({ IMG_0230: 1 }))).toEqual([]);
    expect(gapsOf([[img(241), 2]], seen({ IMG_0230: 3 }))).toEqual([]);
    expect(gapsOf([[img(1002), 2]], seen({ IMG_0001: 1 }))).toEqual([]);
  });
});

describe('limits', () => {
  it('so many gaps are named', () => {
    const odd = Array.from({ length: 5000 }, (_, at) => img(at * 2));
    expect(gapsOf(odd)).toHaveLength(MAX_GAPS + 1);
    expect(gapsOf(odd).at(-1)).toBe('… and more');
    expect(gapsOf(odd.slice(0, MAX_GAPS + 1))).toHaveLength(MAX_GAPS);
  });

  it('so many folders and prefixes are followed', () => {
    const folders = (count: number) =>
      Array.from({ length: count }, (_, at) => [`D${at}/IMG_0001.JPG`, `D${at}/IMG_0003.JPG`]).flat();
    expect(gapsOf(folders(100))).toHaveLength(100);
    expect(gapsOf(folders(1500))).toHaveLength(MAX_GAPS);
    const prefixes = Array.from({ length: 40 }, (_, at) => `DCIM/100CANON/P${100 + at}${four(at * 2)}.JPG`);
    expect(gapsOf(prefixes)).toHaveLength(15);
  });

  it('so many questions are asked, and nothing is called missing that was not asked for', () => {
    let questions = 0;
    const paths = Array.from({ length: 150 }, (_, at) => [
      `D${at}/IMG_1001.JPG`,
      `D${at}/IMG_2001.JPG`,
    ]).flat();
    const found = gapsOf(paths, () => {
      questions += 1;
      return false;
    });
    expect(questions).toBe(100_000);
    expect(found.at(-1)).toBe('… and more');
    expect(found.length).toBeGreaterThan(40);
    expect(found.length).toBeLessThan(60);
  });
});
