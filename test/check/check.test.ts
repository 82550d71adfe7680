import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { Drive } from '../../machines/media.ts';
import { DriveError } from '../../services/errors.ts';
import { c4OfText } from '../../services/manifest/c4.ts';
import { chainText } from '../../services/manifest/mhl-writer.ts';
import type { ScannedEntry } from '../../services/media-ports.ts';
import { copyOf, DRIVE, rel } from '../manifest/memory-drive.ts';
import { follow } from '../verify/work.ts';
import type { MemoryCard } from './memory-card.ts';
import { A, B, CARD, Scene, SECOND } from './scene.ts';

const scenes: Scene[] = [];
function scene(drive: Partial<Drive> = {}): Scene {
  const made = new Scene(drive);
  scenes.push(made);
  return made;
}
afterEach(() => {
  for (const { card } of scenes.splice(0)) expect(card.openFiles).toBe(0);
});

describe('a card with a manifest of its own', () => {
  const clip = 'Clips/A.mov';
  const filmed = (promised: string): Scene => {
    const made = scene().backedUp(clip, 'what the reader gave');
    const name = '0001_A_2026-11-21_000000Z.mhl';
    const md5 = createHash('md5').update(promised).digest('hex');
    const text = `<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><hashes><hash><path>${clip}</path><md5>${md5}</md5></hash></hashes></hashlist>`;
    made.backedUp(`ascmhl/${name}`, text);
    return made.backedUp('ascmhl/ascmhl_chain.xml', chainText([{ sequence: 1, name, c4: c4OfText(text) }]));
  };

  it('that says the same is safe', async () => {
    expect(await filmed('what the reader gave').check()).toMatchObject({ safe: true, verified: 3 });
  });

  it('that is contradicted is not, however well it is copied', async () => {
    expect(await filmed('what the camera wrote').check()).toMatchObject({
      safe: false,
      verified: 2,
      missing: [{ path: clip, why: 'altered' }],
    });
  });
});

describe('safe to format', () => {
  it('is a card whose every file lies verified on the drive', async () => {
    const { result, progress } = await follow(scene().backedUp(A).backedUp(B).work());
    expect(result).toEqual({
      safe: true,
      files: 2,
      verified: 2,
      copies: { asked: 'all', required: 1, lookedAt: 1, onRecord: 0 },
      drives: [{ id: DRIVE, label: 'IMAGETANK', state: 'attached', files: 2 }],
      missing: [],
      gaps: [],
    });
    expect(progress.at(-1)).toEqual({ filesDone: 2, filesTotal: 2, bytesDone: 74, bytesTotal: 74 });
  });

  it('is decided by content: another name and place on the drive will do', async () => {
    expect(await scene().backedUp(A, 'x', 'Photos/2026/2026-11-21/IMG_0001_2.CR3').why()).toBeNull();
  });

  it('is an empty card that is there', async () => {
    expect(await scene().check()).toMatchObject({ safe: true, files: 0, verified: 0, missing: [] });
  });

  it('is no folder without a file: it may be the mount point of a card that is not mounted', async () => {
    const card = { id: CARD, root: '/media/SD', kind: 'folder' } as const;
    await expect(scene().check({ card })).rejects.toMatchObject({ exitCode: 66, code: 'no-file' });
    expect(await scene().backedUp(A).check({ card })).toMatchObject({ safe: true });
  });

  it('does not ask for what no backup copies: links and system folders', async () => {
    const tried = scene().backedUp(A);
    expect(await tried.check()).not.toHaveProperty('ignored');
    tried.card.others.push({ kind: 'ignored', path: rel('System Volume Information') });
    const told = await tried.check();
    expect(told).toMatchObject({ safe: true, files: 1, ignored: ['System Volume Information'] });
    expect(told).not.toHaveProperty('notFiles');
  });

  it('says what of the card is no file, beside its answer', async () => {
    const tried = scene().backedUp(A);
    const raw = { path: rel('pi\ufffd'), pathBase64: 'cGmA' };
    tried.card.others.push(
      { kind: 'ignored', path: rel('DCIM/link.JPG'), special: 'link' },
      { kind: 'ignored', ...raw, special: 'fifo' },
    );
    expect(await tried.check()).toMatchObject({
      safe: true,
      files: 1,
      missing: [],
      notFiles: [
        { path: 'DCIM/link.JPG', what: 'link' },
        { ...raw, what: 'fifo' },
      ],
    });
  });

  it('reads every byte: one that differs anywhere in a large file is found', async () => {
    const content = Buffer.alloc(3 * 1024 * 1024 + 17, 'raw ');
    for (const at of [0, 1024 * 1024, content.length - 1]) {
      const tried = scene().backedUp(A);
      tried.drive.put('Photos/big', content);
      tried.catalogue.rows.push(copyOf(tried.drive, 'Photos/big'));
      const flipped = Buffer.from(content);
      tried.card.put(B, flipped);
      expect(await tried.check()).toMatchObject({ safe: true });
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      tried.card.put(B, flipped);
      expect(await tried.check()).toMatchObject({
        safe: false,
        verified: 1,
        missing: [{ path: B, why: 'not-on-drive' }],
      });
    }
  });
});

describe('not safe to format, because', () => {
  it('a file was never backed up', async () => {
    const tried = scene().backedUp(A);
    tried.card.put(B, 'new');
    expect(await tried.check()).toMatchObject({
      safe: false,
      files: 2,
      verified: 1,
      drives: [{ files: 1 }],
      missing: [{ path: B, why: 'not-on-drive', copies: 0, drives: [] }],
    });
  });

  it('the copy was deleted from the attached drive', async () => {
    const tried = scene().backedUp(A);
    tried.drive.files.delete(`Photos/${A}`);
    expect(await tried.why()).toBe('not-on-drive');
  });

  it('the copy’s size or time is not what was recorded', async () => {
    const tried = scene().backedUp(A);
    tried.drive.put(`Photos/${A}`, `content_of ${A}`, 1_700_000_000_002);
    expect(await tried.why()).toBe('altered');
    tried.catalogue.rows = [];
    tried.backedUp(A);
    tried.drive.put(`Photos/${A}`, 'shorter');
    expect(await tried.why()).toBe('altered');
  });

  it.each([
    ['vfat', 2000, null],
    ['exfat', 2000, null],
    ['vfat', 2001, 'unverified'],
    ['ext4', 1, null],
    ['ext4', 2, 'unverified'],
  ])('on %s a time that is off by %i ms means %s', async (fsType, offMs, why) => {
    const tried = scene({ fsType }).backedUp(A);
    tried.drive.put(`Photos/${A}`, `content of ${A}`, 1_700_000_000_000 + offMs);
    expect(await tried.why()).toBe(why);
  });

  it('only a manifest claims the copy', async () => {
    expect(
      await scene().backedUp(A).change({ state: 'claimed', toMtimeMs: null, verifiedFrom: null }).why(),
    ).toBe('unverified');
    expect(await scene().backedUp(A).change({ toMtimeMs: null }).why()).toBe('unverified');
  });

  it('the copy was read back from the cache of a volume; a folder is its owner’s word', async () => {
    expect(await scene().backedUp(A).change({ verifiedFrom: 'cache' }).why()).toBe('unverified');
    expect(await scene().backedUp(A).change({ verifiedFrom: null }).why()).toBe('unverified');
    expect(await scene({ kind: 'folder' }).backedUp(A).change({ verifiedFrom: 'cache' }).why()).toBeNull();
  });

  it('a file cannot be read, or a folder not be listed', async () => {
    const tried = scene().backedUp(A).backedUp(B);
    tried.card.unreadable.add(A);
    tried.card.others.push({ kind: 'unreadable', path: rel('DCIM/101CANON'), detail: 'EIO' });
    expect(await tried.check()).toMatchObject({
      safe: false,
      files: 3,
      verified: 1,
      missing: [
        { path: A, why: 'unreadable' },
        { path: 'DCIM/101CANON', why: 'unreadable' },
      ],
    });
  });

  it('a file ends before its end', async () => {
    const tried = scene().backedUp(A, 'short').backedUp(B, 'short and long');
    // What is left of it lies on the drive, verified.
    tried.card.endsAt.set(B, 5);
    expect(await tried.check()).toMatchObject({ safe: false, missing: [{ path: B, why: 'unreadable' }] });
  });

  it('a file keeps changing; once is forgiven', async () => {
    const tried = scene().backedUp(A);
    tried.card.changes.set(A, 1);
    expect(await tried.why()).toBeNull();
    expect(tried.card.opened).toEqual([A, A]);
    tried.card.changes.set(A, 2);
    expect(await tried.why()).toBe('unreadable');
  });

  it('an empty file has no copy but one of its own name', async () => {
    const tried = scene();
    tried.drive.put('Photos/other.txt', '');
    tried.catalogue.rows.push(copyOf(tried.drive, 'Photos/other.txt'));
    tried.card.put('DCIM/M.CTG', '');
    expect(await tried.why()).toBe('not-on-drive');
    tried.drive.put('Other/SD/M.CTG', '');
    tried.catalogue.rows.push(copyOf(tried.drive, 'Other/SD/M.CTG'));
    expect(await tried.why()).toBeNull();
  });

  it('an empty file is also safe where the backup gave it another name', async () => {
    const tried = scene();
    tried.drive.put('Other/SD/M_2.CTG', '');
    const copy = copyOf(tried.drive, 'Other/SD/M_2.CTG');
    tried.catalogue.rows.push(copy);
    tried.card.put('DCIM/M.CTG', '');
    expect(await tried.why()).toBe('not-on-drive');
    tried.saw('DCIM/M.CTG', copy);
    expect(await tried.why()).toBeNull();
  });
});

describe('several drives', () => {
  it('each counts once, however many copies it has', async () => {
    const tried = scene().backedUp(A, 'x').backedUp(B, 'x');
    expect(await tried.check({ copies: 2 })).toMatchObject({
      safe: false,
      missing: [{ why: 'too-few-copies' }, {}],
    });
    tried.withSecond(true);
    expect(await tried.check({ copies: 2 })).toMatchObject({ safe: true });
    expect(await tried.check({ copies: 3 })).toMatchObject({ safe: false });
  });

  it('of one that is away the record stands', async () => {
    const tried = scene().backedUp(A);
    tried.withSecond(false);
    expect(await tried.why({ copies: 2 })).toBeNull();
    tried.stores.clear();
    tried.drive.files.clear();
    expect(await tried.why({ copies: 2 })).toBeNull();
  });

  it('what lies on one that is away does not stand for what one that is attached lacks', async () => {
    const tried = scene().backedUp(A);
    tried.withSecond(false);
    tried.drive.files.delete(`Photos/${A}`);
    expect(await tried.why({ copies: 'all' })).toBe('too-few-copies');
    // Nor when a verification has taken the mark of the one that is here.
    tried.catalogue.rows = tried.catalogue.rows.filter(({ driveId }) => driveId === SECOND);
    expect(await tried.why({ copies: 'all' })).toBe('too-few-copies');
  });

  it('of one that was forgotten it does not', async () => {
    const tried = scene().backedUp(A);
    tried.stores.clear();
    tried.drives = [];
    expect(await tried.why()).toBe('not-on-drive');
  });

  it('`all` asks for every one that is attached, and for one at least', async () => {
    const tried = scene().backedUp(A);
    const other = tried.withSecond(true);
    expect(await tried.why()).toBeNull();
    other.files.delete(`Photos/${A}`);
    expect(await tried.why()).toBe('too-few-copies');
    expect(await tried.why({ copies: 1 })).toBeNull();
    tried.stores.clear();
    tried.catalogue.rows = [];
    expect(await tried.why()).toBe('not-on-drive');
    expect(await tried.why({ copies: 0 })).toBe('not-on-drive');
  });

  it('the worst that was found is said: altered before unverified before not there', async () => {
    const tried = scene().backedUp(A);
    const other = tried.withSecond(true);
    other.put(`Photos/${A}`, 'altered');
    tried.catalogue.rows = tried.catalogue.rows.map((row) =>
      row.driveId === DRIVE ? { ...row, verifiedFrom: 'cache' } : row,
    );
    expect(await tried.why()).toBe('altered');
    other.files.delete(`Photos/${A}`);
    expect(await tried.why()).toBe('unverified');
  });

  it('one that fails while it is asked is an error', async () => {
    const tried = scene().backedUp(A);
    tried.drive.stat = () => Promise.reject(new DriveError('drive-lost', '/drive: went away'));
    await expect(tried.check()).rejects.toMatchObject({
      name: 'UserError',
      exitCode: 74,
      code: 'drive-lost',
    });
  });
});

describe('a card that is pulled', () => {
  const pulled = { name: 'UserError', exitCode: 74, code: 'card-removed' };

  it('before it is read is no empty card', async () => {
    const tried = scene().backedUp(A);
    tried.card.pull();
    await expect(tried.check()).rejects.toMatchObject(pulled);
  });

  it('in the middle of a file is an error', async () => {
    const tried = scene().backedUp(A).backedUp(B);
    tried.card.onRead = (path) => {
      if (path === B) tried.card.pull();
    };
    await expect(tried.check()).rejects.toMatchObject(pulled);
  });

  it('between two files, where it only lists less, is an error', async () => {
    const tried = scene().backedUp(A).backedUp(B);
    const { open } = tried.card;
    tried.card.open = async (root, file) => {
      const opened = await open.call(tried.card, root, file);
      return { ...opened, close: () => opened.close().then(() => tried.card.pull()) };
    };
    await expect(tried.check()).rejects.toMatchObject(pulled);
  });

  it('and looks as if single files could not be read is an error', async () => {
    const tried = scene().backedUp(A);
    tried.card.unreadable.add(A);
    const { open } = tried.card;
    tried.card.open = (root, file) => {
      tried.card.present = false;
      return open.call(tried.card, root, file);
    };
    await expect(tried.check()).rejects.toMatchObject(pulled);
  });

  it('and inserted again, or written meanwhile, is an error', async () => {
    for (const meddle of [
      (card: MemoryCard) => card.put('DCIM/late.jpg', 'late'),
      (card: MemoryCard) => card.files.delete(B),
      (card: MemoryCard) => card.put(A, 'another'),
      (card: MemoryCard) => card.put(A, `content of ${A}`, 1),
    ]) {
      const tried = scene().backedUp(A).backedUp(B);
      tried.card.onRead = (path) => {
        if (path === A) meddle(tried.card);
      };
      await expect(tried.check(), meddle.toString()).rejects.toMatchObject({
        exitCode: 74,
        code: 'card-changed',
      });
    }
  });

  it.each<[what: string, meddle: (entry: ScannedEntry) => ScannedEntry[]]>([
    ['less', (entry) => (entry.path === B ? [] : [entry])],
    ['as much, but one file twice', (entry) => [{ ...entry, path: rel(A) }]],
  ])('and shows %s for a moment only is an error', async (_, meddle) => {
    const tried = scene().backedUp(A).backedUp(B);
    const { scan } = tried.card;
    let scans = 0;
    tried.card.scan = async function* () {
      scans += 1;
      const other = scans === 2 ? meddle : (entry: ScannedEntry) => [entry];
      for await (const entry of scan.call(tried.card)) yield* other(entry);
    };
    await expect(tried.check()).rejects.toMatchObject({ code: 'card-changed' });
  });

  it('passes on what is nobody’s fault but ours', async () => {
    const tried = scene().backedUp(A);
    tried.card.open = () => Promise.reject(new TypeError('a bug'));
    await expect(tried.check()).rejects.toThrow(TypeError);
  });
});

describe('gaps', () => {
  it('are told, and make no card unsafe; what any card had is none', async () => {
    const tried = scene();
    for (const number of [1, 2, 7]) tried.backedUp(`DCIM/100CANON/IMG_000${number}.CR3`);
    tried.catalogue.shots.add('IMG_0004');
    expect(await tried.check()).toMatchObject({
      safe: true,
      gaps: ['DCIM/100CANON/IMG_0003', 'DCIM/100CANON/IMG_0005–0006'],
    });
  });
});
