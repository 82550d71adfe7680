import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  drawnSections,
  geometryOf,
  HEADING,
  heightOf,
  rowOfSpot,
  rowsOf,
} from '../../../adapters/web/gallery/layout.ts';
import { countBefore, photoAt, spotOf } from '../../../adapters/web/gallery/shelf.ts';
import { photosOf, section } from './photos.ts';

const THREE = { columns: 3, cell: 100, gap: 4 };

describe('columns', () => {
  test('a phone has three, however narrow', () => {
    expect(geometryOf(390)).toEqual({ columns: 3, cell: 127, gap: 4 });
    expect(geometryOf(240).columns).toBe(3);
    expect(geometryOf(0)).toMatchObject({ columns: 3, cell: 1 });
  });

  test('a wide window has more, and they fit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 320, max: 4000 }), (width) => {
        const { columns, cell, gap } = geometryOf(width);
        const used = columns * cell + (columns - 1) * gap;
        expect(used).toBeLessThanOrEqual(width);
        expect(width - used).toBeLessThan(columns);
        expect(cell).toBeLessThan(260);
      }),
    );
  });
});

describe('rows', () => {
  test('are a heading and as many lines as the photos need, here or not', () => {
    expect(rowsOf([section(4), section(3)], THREE)).toEqual([
      { section: 0, first: null, height: HEADING },
      { section: 0, first: 0, height: 104 },
      { section: 0, first: 3, height: 120 },
      { section: 1, first: null, height: HEADING },
      { section: 1, first: 0, height: 120 },
    ]);
  });

  test('of a section are as high as the section', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(40), { maxLength: 12 }),
        fc.integer({ min: 200, max: 2000 }),
        (counts, width) => {
          const geometry = geometryOf(width);
          const rows = rowsOf(
            counts.map((count) => section(count)),
            geometry,
          );
          for (const [at, count] of counts.entries()) {
            const own = rows.filter((row) => row.section === at);
            expect(own.reduce((sum, { height }) => sum + height, 0)).toBe(heightOf(count, geometry));
          }
        },
      ),
    );
  });

  test('each photo is in the row that is said to hold it', () => {
    const sections = [section(4), section(0), section(7)];
    const rows = rowsOf(sections, THREE);
    for (const [at, { count }] of sections.entries()) {
      for (let index = 0; index < count; index += 1) {
        const row = rows[rowOfSpot(sections, THREE, { section: at, index })];
        expect(row?.section).toBe(at);
        expect(Math.floor(index / 3) * 3).toBe(row?.first);
      }
    }
  });

  test('of what is no photo of the section, it is the heading', () => {
    const sections = [section(4), section(2)];
    expect(rowOfSpot(sections, THREE, { section: 1, index: Number.NaN })).toBe(3);
    expect(rowOfSpot(sections, THREE, { section: 1, index: 2 })).toBe(3);
  });
});

describe('what is drawn', () => {
  const sections = [section(4), section(3)];
  const rows = rowsOf(sections, THREE);
  const starts = rows.map((_, at) => rows.slice(0, at).reduce((sum, { height }) => sum + height, 0));
  const drawn = (...indexes: number[]) =>
    drawnSections(
      rows,
      indexes.map((index) => ({ index, start: starts[index] ?? 0 })),
      sections,
      THREE,
    );

  test('a section is whole in height and place, whichever of its rows are drawn', () => {
    const whole = { section: 0, top: 0, height: HEADING + 224 };
    expect(drawn(0)).toEqual([{ ...whole, rows: [] }]);
    expect(drawn(2)).toEqual([{ ...whole, rows: [{ first: 3, top: HEADING + 104 }] }]);
    expect(drawn(1, 2)).toMatchObject([whole]);
  });

  test('rows of two sections are in their sections', () => {
    expect(drawn(2, 3, 4)).toEqual([
      { section: 0, top: 0, height: HEADING + 224, rows: [{ first: 3, top: HEADING + 104 }] },
      { section: 1, top: HEADING + 224, height: HEADING + 120, rows: [{ first: 0, top: HEADING }] },
    ]);
  });

  test('rows that are gone meanwhile are not drawn', () => {
    expect(drawnSections(rows, [{ index: 99, start: 0 }], sections, THREE)).toEqual([]);
  });
});

describe('numbers of photos', () => {
  const sections = [section(2, photosOf('a', 2)), section(0), section(3, photosOf('b', 1))];

  test('go through all sections', () => {
    expect([0, 1, 2, 4].map((flat) => spotOf(sections, flat))).toEqual([
      { section: 0, index: 0 },
      { section: 0, index: 1 },
      { section: 2, index: 0 },
      { section: 2, index: 2 },
    ]);
    expect(spotOf(sections, 5)).toBeNull();
    expect(spotOf(sections, -1)).toBeNull();
  });

  test('come from where a photo is, and lead there', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 9 }), fc.nat(60), (counts, flat) => {
        const some = counts.map((count) => section(count));
        const spot = spotOf(some, flat);
        if (spot !== null) expect(countBefore(some, spot.section) + spot.index).toBe(flat);
        else expect(flat).toBeGreaterThanOrEqual(countBefore(some, some.length));
      }),
    );
  });

  test('a photo that is not here yet is none', () => {
    expect(photoAt(sections, { section: 2, index: 0 })?.id).toBe('b#1');
    expect(photoAt(sections, { section: 2, index: 2 })).toBeNull();
    expect(photoAt(sections, { section: 9, index: 0 })).toBeNull();
  });
});
