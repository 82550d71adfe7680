import { describe, expect, it } from 'vitest';
import { catalogueChanges } from '../../services/projections/catalogue.ts';
import {
  adopted,
  file,
  finished,
  forgotten,
  learned,
  lost,
  planned,
  pressed,
  settled,
  started,
} from '../journal/facts.ts';

const typesOf = (fact: Parameters<typeof catalogueChanges>[0]['fact']) =>
  catalogueChanges({ fact }).map(({ type }) => type);

describe('what a fact changes in the catalogue', () => {
  it('nothing, for facts that are not about copies', () => {
    for (const fact of [started(), pressed(), finished('b1')]) expect(typesOf(fact)).toEqual([]);
  });

  it('puts what was copied, confirms what was there, and remembers the names of what failed', () => {
    const fact = settled('b1', { copied: [file('a.jpg')], duplicates: [file('b.jpg')], failed: ['c.jpg'] });
    expect(typesOf(fact)).toEqual(['put', 'see', 'confirm', 'see', 'fail']);
    const [put, see] = catalogueChanges({ fact });
    expect(put).toMatchObject({
      copy: { state: 'verified', verifiedFrom: 'medium', backupId: 'b1', to: 'a.jpg' },
    });
    expect(see).toEqual({
      type: 'see',
      seen: {
        cardId: 'A',
        path: 'DCIM/a.jpg',
        sizeBytes: 10,
        mtimeMs: 1_700_000_000_123.5,
        headXxh64: file('a.jpg').headXxh64,
      },
      xxh64: file('a.jpg').xxh64,
      driveId: 'D',
      to: 'a.jpg',
    });
  });

  it('only claims what a manifest says', () => {
    const [claim, ...others] = catalogueChanges({ fact: learned('D', file('a.jpg')) });
    expect(claim).toMatchObject({
      type: 'claim',
      copy: { state: 'claimed', verifiedFrom: null, toMtimeMs: null },
    });
    expect(others).toEqual([]);
  });

  it('drops each lost copy and forgets a whole drive', () => {
    expect(catalogueChanges({ fact: lost('D', 'a.jpg', 'b.jpg') })).toEqual([
      { type: 'drop', driveId: 'D', to: 'a.jpg' },
      { type: 'drop', driveId: 'D', to: 'b.jpg' },
    ]);
    expect(catalogueChanges({ fact: forgotten('D') })).toEqual([
      { type: 'event', driveId: 'D', what: 'forgotten' },
      { type: 'forget', driveId: 'D' },
    ]);
  });

  it('names cards and drives as they are called, and says which drive is a folder', () => {
    const place = (fact: Parameters<typeof catalogueChanges>[0]['fact']) => catalogueChanges({ fact })[0];
    expect(place(planned('b1'))).toMatchObject({ role: 'card', id: 'A', label: 'label A' });
    expect(place(adopted('D'))).toMatchObject({ role: 'drive', id: 'D', label: 'drive D', folder: false });
    expect(place(adopted('D', 'folder'))).toMatchObject({ folder: true });
    expect(place({ ...adopted('D'), type: 'DriveAttached' })).toMatchObject({ role: 'drive', id: 'D' });
    const { drive } = adopted('D');
    expect(place({ type: 'DriveAttached', drive: { ...drive, adopted: false } })).toBeUndefined();
  });
});
