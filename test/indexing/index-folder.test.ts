import { beforeEach, describe, expect, it } from 'vitest';
import { driveId } from '../../machines/ids.ts';
import { DriveError } from '../../services/errors.ts';
import { readGeneration } from '../../services/manifest/mhl-reader.ts';
import { xmlText } from '../../services/manifest/xml-writer.ts';
import { copyOf, DRIVE, hashOf, rel } from '../manifest/memory-drive.ts';
import { flush } from '../runtime/kit.ts';
import { A, B, IndexKit } from './kit.ts';

let kit: IndexKit;
beforeEach(() => {
  kit = new IndexKit();
});

const indexed = (path: string, content: string, toMtimeMs: number) => ({
  to: path,
  sizeBytes: content.length,
  xxh64: hashOf(content),
  toMtimeMs,
});

describe('a folder that nobody knows', () => {
  it('is read file by file, made durable and recorded as verified', async () => {
    expect(await kit.index()).toMatchObject({ indexed: 2, known: 0, verifiedFrom: 'medium' });
    expect(kit.facts).toEqual([
      {
        type: 'FilesIndexed',
        driveId: DRIVE,
        verifiedFrom: 'medium',
        files: [indexed(A, 'first', 1_700_000_000_000), indexed(B, 'second', 1_600_000_000_000)],
      },
    ]);
    expect(kit.settled).toEqual([A, B]);
    expect(kit.drive.writes).toEqual([]);
  });

  it('is settled before it is recorded', async () => {
    kit.drive.settle = () => Promise.reject(new DriveError('drive-failing', 'EIO'));
    await expect(kit.index()).rejects.toThrow('EIO');
    expect(kit.facts).toEqual([]);
  });

  it('without what systems leave behind, without manifests and without what is imagetank’s own', async () => {
    for (const name of ['.DS_Store', '._a.jpg', 'Thumbs.db', 'ascmhl/notes.txt', '2019/ascmhl/x.txt']) {
      kit.drive.put(`images/${name}`, 'x');
    }
    kit.drive.put('images/.imagetank/incoming/1.part', 'x');
    kit.drive.put('images/.imagetank-x/c.jpg', 'photo');
    await kit.index();
    expect(kit.told).toEqual([['FilesIndexed', ['images/.imagetank-x/c.jpg', A, B]]]);
  });

  it('tells what came from the medium apart from what came from the cache', async () => {
    const { readBack } = kit.drive;
    kit.drive.readBack = async (path, after) => {
      const read = await readBack.call(kit.drive, path, after);
      return { ...read, verifiedFrom: path === A ? 'cache' : 'medium' } as typeof read;
    };
    expect(await kit.index()).toMatchObject({ indexed: 2, verifiedFrom: 'cache' });
    expect(kit.facts.map((fact) => 'verifiedFrom' in fact && [fact.verifiedFrom, fact.files.length])).toEqual(
      [
        ['medium', 1],
        ['cache', 1],
      ],
    );
  });

  it('is told with what its photos say of themselves', async () => {
    const capture = { at: '2019-05-01T10:00:00', model: 'X100' };
    kit.captures.set(`/drive/${A}`, capture);
    kit.captures.set(`/drive/${B}`, {});
    kit.drive.put('images/notes.txt', 'no photo');
    await kit.index();
    expect(kit.asked).toEqual([`/drive/${A}`, `/drive/${B}`]);
    const [fact] = kit.facts;
    expect(fact?.files.map((file) => ('capture' in file ? file.capture : null))).toEqual([
      capture,
      null,
      null,
    ]);
  });
});

describe('the box’s counter', () => {
  it('goes on behind the numbers in the names, which the journal keeps', async () => {
    kit.drive.put('images/20190501/pimg_000041.jpg', 'numbered');
    await kit.index();
    const files = kit.facts.flatMap((fact) => (fact.type === 'FilesIndexed' ? fact.files : []));
    expect(files.find(({ to }) => to.endsWith('41.jpg'))).toMatchObject({ number: 41 });
    expect(files.find(({ to }) => to === A)).not.toHaveProperty('number');
  });

  it('also behind those of files that cannot be read', async () => {
    kit.drive.put('images/20190501/pimg_000042.jpg', 'numbered');
    kit.drive.unreadable.set('images/20190501/pimg_000042.jpg', 'drive-failing');
    await kit.index();
    expect(kit.met).toEqual([42]);
  });
});

describe('what is known', () => {
  it('and lies as recorded is not read again', async () => {
    kit.catalogue.rows.push(copyOf(kit.drive, A), copyOf(kit.drive, B));
    kit.drive.onRead = () => expect.unreachable();
    expect(await kit.index()).toMatchObject({ indexed: 0, known: 2, verifiedFrom: null });
    expect(kit.facts).toEqual([]);
  });

  it('and was touched is read, and is a copy again', async () => {
    kit.catalogue.rows.push({ ...copyOf(kit.drive, A), toMtimeMs: 1 });
    expect(await kit.index()).toMatchObject({ indexed: 2, altered: [] });
  });

  it.each([
    'verified',
    'claimed',
  ] as const)('with other content (%s) loses its mark and gets no new one', async (state) => {
    kit.catalogue.rows.push({ ...copyOf(kit.drive, A), xxh64: hashOf('older'), toMtimeMs: 1, state });
    expect(await kit.index()).toMatchObject({ indexed: 1, altered: [A] });
    expect(kit.told).toEqual([
      ['CopiesLost', [A]],
      ['FilesIndexed', [B]],
    ]);
  });

  it('only from a manifest is read first', async () => {
    kit.catalogue.rows.push({ ...copyOf(kit.drive, A), state: 'claimed' });
    const read: string[] = [];
    kit.drive.onRead = (path) => void read.push(path);
    expect(await kit.index()).toMatchObject({ indexed: 2 });
    expect(read).toContain(A);
  });
});

describe('what cannot be vouched for', () => {
  it('is a file that cannot be read', async () => {
    kit.drive.unreadable.set(A, 'drive-failing');
    expect(await kit.index()).toMatchObject({ indexed: 1, unreadable: [A] });
    expect(kit.told).toEqual([['FilesIndexed', [B]]]);
  });

  it('is a folder that cannot be listed; the others are indexed', async () => {
    kit.drive.oddities.push({ kind: 'unreadable', path: rel('images/private'), detail: 'EACCES' });
    expect(await kit.index()).toMatchObject({ indexed: 2, unreadable: ['images/private'] });
  });

  it('is a link, a pipe or a device, which is told', async () => {
    kit.drive.oddities.push({ kind: 'ignored', path: rel('images/link.jpg'), special: 'link' });
    expect(await kit.index()).toMatchObject({ indexed: 2, special: ['images/link.jpg'] });
  });

  it.each([
    ['grows', () => kit.drive.put(A, 'first and more')],
    ['is written anew with the same size', () => kit.drive.put(A, 'FIRST', 1_700_000_009_000)],
    ['is replaced by one of the same size and time', () => kit.drive.put(A, 'FIRST')],
    ['goes', () => kit.drive.files.delete(A)],
  ])('is one that %s while it is read', async (_, change) => {
    kit.afterReading(A, change);
    expect(await kit.index()).toMatchObject({ indexed: 1, changed: [A] });
    expect(kit.told).toEqual([['FilesIndexed', [B]]]);
  });

  it('is one that changes while it is read; what was read of it is held against nothing', async () => {
    kit.catalogue.rows.push({ ...copyOf(kit.drive, A), xxh64: hashOf('older'), toMtimeMs: 1 });
    kit.afterReading(A, () => kit.drive.put(A, 'FIRST'));
    expect(await kit.index()).toMatchObject({ changed: [A], altered: [] });
    expect(kit.told).toEqual([['FilesIndexed', [B]]]);
  });

  it('is one of which fewer bytes came than it has', async () => {
    const { readBack } = kit.drive;
    kit.drive.readBack = async (path, after) => {
      const read = await readBack.call(kit.drive, path, after);
      return path === A ? { ...read, sizeBytes: 1 } : read;
    };
    expect(await kit.index()).toMatchObject({ indexed: 1, changed: [A] });
  });

  it('is one that is written anew before it is recorded', async () => {
    kit.afterReading(B, () => kit.drive.put(A, 'FIRST'));
    expect(await kit.index()).toMatchObject({ indexed: 1, changed: [A] });
    expect(kit.told).toEqual([['FilesIndexed', [B]]]);
  });

  it('is one that is written anew while it is settled, the last moment before', async () => {
    kit.drive.settle = async () => kit.drive.put(A, 'FIRST');
    expect(await kit.index()).toMatchObject({ indexed: 1, changed: [A] });
    expect(kit.told).toEqual([['FilesIndexed', [B]]]);
  });

  it('is everything, when the drive goes', async () => {
    kit.drive.unreadable.set(B, 'drive-lost');
    kit.drive.sightAll = async (paths) => {
      if (paths.length > 1 || paths[0] === A) throw new DriveError('drive-lost', 'gone');
      return [];
    };
    await expect(kit.index()).rejects.toMatchObject({ reason: 'drive-lost' });
    expect(kit.facts).toEqual([]);
  });

  it('is what something was mounted over meanwhile', async () => {
    kit.mounted = () => Promise.reject(new Error('mounted'));
    await expect(kit.index()).rejects.toThrow('mounted');
    expect(kit.facts).toEqual([]);
  });
});

describe('somebody else tells of a file that waits to be recorded', () => {
  const lost = { type: 'CopiesLost', backupId: null, driveId: DRIVE } as const;

  it('a verification found it altered: it is no copy', async () => {
    kit.afterReading(B, () => kit.touched.follow({ ...lost, files: [{ to: rel(A), why: 'altered' }] }));
    expect(await kit.index()).toMatchObject({ indexed: 1, changed: [A] });
    expect(kit.told).toEqual([['FilesIndexed', [B]]]);
  });

  it.each(['DriveForgotten', 'DriveDetached'] as const)('%s: nothing is recorded any more', async (type) => {
    kit.afterReading(B, () => kit.touched.follow({ type, driveId: DRIVE }));
    expect(await kit.index()).toMatchObject({ indexed: 0, changed: [A, B] });
    expect(kit.facts).toEqual([]);
  });

  it('another drive is let go', async () => {
    kit.afterReading(B, () => kit.touched.follow({ type: 'DriveForgotten', driveId: driveId('other') }));
    expect(await kit.index()).toMatchObject({ indexed: 2, changed: [] });
  });

  it('while its own record is on its way: that is taken back', async () => {
    kit.onEmit = ({ type }) => {
      if (type === 'FilesIndexed') kit.touched.follow({ ...lost, files: [{ to: rel(A), why: 'missing' }] });
    };
    expect(await kit.index()).toMatchObject({ indexed: 1, changed: [A] });
    expect(kit.told).toEqual([
      ['FilesIndexed', [A, B]],
      ['CopiesLost', [A]],
    ]);
    expect(kit.catalogue.rows.map(({ to }) => to)).toEqual([B]);
  });
});

describe('names that no manifest can carry', () => {
  it.each([
    ['a control character', 'images/a\u0001.jpg', undefined],
    ['half of a character', 'images/a\ud800.jpg', undefined],
    ['no character of XML', 'images/a\uffff.jpg', undefined],
    ['bytes that are not UTF-8', 'images/a\ufffd.jpg', 'aW1hZ2VzL2H/LmpwZw=='],
  ])('are refused, and named: %s', async (_, path, pathBase64) => {
    const raw = pathBase64 === undefined ? {} : { pathBase64 };
    kit.drive.oddities.push({ kind: 'file', path: rel(path), ...raw, sizeBytes: 1, mtimeMs: 1 });
    expect(await kit.index()).toMatchObject({ indexed: 2, refused: [path], unreadable: [], changed: [] });
    expect(kit.told).toEqual([['FilesIndexed', [A, B]]]);
  });

  it('not those with a line break, a tab or what XML writes otherwise', async () => {
    const odd = 'images/a\n\t<&"\u{1f4f7}\ufffd.jpg';
    kit.drive.put(odd, 'odd');
    expect(await kit.index()).toMatchObject({ indexed: 3, refused: [] });
  });
});

describe('one file under two names', () => {
  const OTHER = { ...new IndexKit().drive.drive, id: 'other-drive' as typeof DRIVE, path: '/other' };

  beforeEach(() => {
    kit.drives.set(OTHER.id, OTHER);
    kit.catalogue.rows.push({ ...copyOf(kit.drive, A), driveId: OTHER.id, to: rel('Photos/a.jpg') });
  });

  it('on two drives is no second copy: a hard link, or a folder that is mounted twice', async () => {
    kit.elsewhere.set('/other/Photos/a.jpg', kit.drive.files.get(A)!.file);
    expect(await kit.index()).toMatchObject({ indexed: 1, linked: [A] });
    expect(kit.told).toEqual([['FilesIndexed', [B]]]);
  });

  it('but one with the same content is', async () => {
    kit.elsewhere.set('/other/Photos/a.jpg', '1:9999');
    expect(await kit.index()).toMatchObject({ indexed: 2, linked: [] });
  });
});

describe('it is recorded in good time', () => {
  const put = (name: string, sizeBytes = 10) =>
    kit.drive.put(`images/${name}`, Buffer.alloc(sizeBytes, name));
  /** After how many files that were read each fact came. */
  const moments = async (): Promise<readonly number[]> => {
    const at: number[] = [];
    let read = 0;
    const { onRead } = kit.drive;
    kit.drive.onRead = (path) => {
      onRead(path);
      read += 1;
    };
    kit.onEmit = () => void at.push(read);
    await kit.index();
    return at;
  };

  it('128 files at a time', async () => {
    kit.drive.files.clear();
    for (let at = 0; at < 300; at += 1) put(`${String(at).padStart(3, '0')}.jpg`);
    expect(await moments()).toEqual([128, 256, 300]);
  });

  it('after 64 MiB', async () => {
    kit.drive.files.clear();
    for (const name of ['a', 'b', 'c', 'd']) put(`${name}.mov`, 33 * 1024 * 1024);
    // While the next one is read, as soon as that many bytes have come.
    expect(await moments()).toEqual([2, 3, 4, 4]);
  });

  it('in the middle of a long file', async () => {
    kit.drive.files.clear();
    put('a.jpg');
    put('b.mov', 100 * 1024 * 1024);
    // The small one, while the second one is still being read.
    const during: number[] = [];
    kit.onEmit = (fact) => void during.push(fact.type === 'FilesIndexed' ? fact.files.length : 0);
    const { readBack } = kit.drive;
    let isReading = false;
    kit.drive.readBack = async (path, after) => {
      const read = await readBack.call(kit.drive, path, after);
      if (path.endsWith('.mov')) isReading = during.length === 1;
      return read;
    };
    await kit.index();
    expect(isReading).toBe(true);
    expect(during).toEqual([1, 1]);
  });

  it('after 5 seconds', async () => {
    kit.drive.files.clear();
    for (const name of ['a', 'b', 'c']) put(`${name}.jpg`);
    kit.drive.onRead = () => kit.clock.advance(3000);
    expect(await moments()).toEqual([3, 3]);
  });

  it('before it waits for a backup', async () => {
    kit.afterReading(A, () => {
      kit.isBusy = true;
    });
    const work = kit.index();
    await flush();
    expect(kit.told).toEqual([['FilesIndexed', [A]]]);
    kit.isBusy = false;
    kit.busy$.next();
    expect(await work).toMatchObject({ indexed: 2 });
  });

  it('before a rate makes it wait', async () => {
    kit.drive.blockBytes = 6;
    const work = kit.index({}, { rateBytesPerSecond: 1 });
    // The first one is paid for, the second one waits for its bytes.
    await flush();
    kit.clock.advance(5000);
    await flush();
    expect(kit.told).toEqual([['FilesIndexed', [A]]]);
    kit.clock.advance(6000);
    await work;
    expect(kit.told).toEqual([
      ['FilesIndexed', [A]],
      ['FilesIndexed', [B]],
    ]);
  });
});

describe('stopped in the middle', () => {
  it('what was read is recorded, and the next run goes on from there', async () => {
    const stop = new AbortController();
    kit.drive.onRead = (path) => {
      if (path === B) stop.abort(new Error('poweroff'));
    };
    await expect(kit.index({}, { stop: stop.signal })).rejects.toThrow('poweroff');
    expect(kit.told).toEqual([['FilesIndexed', [A]]]);

    kit.drive.onRead = (path) => expect(path).toBe(B);
    expect(await kit.index()).toMatchObject({ known: 1, indexed: 1 });
  });

  it('a fault of a record is no fault of the file that is read meanwhile', async () => {
    kit.drive.settle = () => Promise.reject(new DriveError('drive-failing', 'a sync failed'));
    kit.drive.onRead = () => kit.clock.advance(6000);
    await expect(kit.index()).rejects.toThrow('a sync failed');
    expect(kit.result).toMatchObject({ unreadable: [] });
  });
});

it('a dry run reads nothing, records nothing and counts what there is', async () => {
  kit.catalogue.rows.push(copyOf(kit.drive, A));
  kit.drive.onRead = () => expect.unreachable();
  expect(await kit.index({ isDryRun: true })).toMatchObject({
    known: 1,
    unread: 1,
    unreadBytes: 6,
    indexed: 0,
  });
  expect(kit.facts).toEqual([]);
});

describe('names with control characters', () => {
  it.each([
    '\n.jpg',
    'tab\t.jpg',
    'cr\r.jpg',
    'del\u007f.jpg',
  ])('that a manifest can carry are indexed: %j', async (name) => {
    kit.drive.put(`images/${name}`, 'odd name');
    expect(await kit.index()).toMatchObject({ indexed: 3, refused: [] });
    const path = rel(`images/${name}`);
    expect(parsed(xmlText(path))).toBe(path);
    expect(kit.told.flatMap(([, files]) => files)).toContain(path);
  });

  it.each([
    'bell\u0007.jpg',
    'nul\u0001.jpg',
    'escape\u001b.jpg',
  ])('that none can carry are refused: %j', async (name) => {
    kit.drive.put(`images/${name}`, 'odd name');
    expect(await kit.index()).toMatchObject({ indexed: 2, refused: [`images/${name}`] });
  });
});

/** A path as a manifest has it, read again. */
function parsed(text: string): string | undefined {
  const manifest = `<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><hashes><hash><path size="1">${text}</path></hash></hashes></hashlist>`;
  const [item] = readGeneration([manifest]);
  return item?.kind === 'file' ? item.path : undefined;
}
