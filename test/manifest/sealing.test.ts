import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../adapters/memory/memory-store.ts';
import type { Fact } from '../../machines/facts.ts';
import { backupId } from '../../machines/ids.ts';
import type { FileOnDrive } from '../../machines/media.ts';
import { readChain, readGeneration } from '../../services/manifest/mhl-reader.ts';
import { RereadLog } from '../../services/manifest/reread-log.ts';
import { sealing } from '../../services/sealing.ts';
import { file, planned, settled, stampAt, stamped } from '../journal/facts.ts';
import { hashOf, MemoryDrive, PowerCut } from './memory-drive.ts';

const CHAIN = 'Photos/ascmhl/ascmhl_chain.xml';

/** A drive, a journal, and a box that seals the one with the other. */
function box() {
  const drive = new MemoryDrive();
  const store = memoryStore();
  let second = 0;
  const stamp = () => stampAt(second++);
  const emit = async (fact: Fact) => void (await store.log.append([{ fact, stamp: stamp() }]));
  const { seal, sealReread, sealFolder } = sealing({
    log: store.log,
    catalogue: store.catalogue,
    history: store.history,
    clock: { stamp, monoMs: () => 0, setTimer: () => () => undefined },
    hostname: 'tank',
    version: '0.1.0',
    emit,
  });
  /** A backup places files and the journal knows. */
  const place = async (id: string, ...files: readonly Partial<FileOnDrive>[]) => {
    const copied = files.map((words) => {
      const to = `Photos/${words.to}`;
      drive.put(to, `content of ${to}`);
      return { ...file(to), xxh64: hashOf(`content of ${to}`), ...words, to: file(to).to };
    });
    await store.log.append(stamped([settled(id, { drive: drive.drive.id, copied })]));
  };
  const sealFor = (id: string) => seal(drive, backupId(id));
  const facts = () =>
    [...store.log.read()].flatMap(({ fact, seq }) => (fact.type === 'DriveSealed' ? [{ seq, fact }] : []));
  /** How often each path is listed. */
  const listed = () => {
    const names = readChain(drive.text(CHAIN)).map(({ name }) => name);
    const items = names.flatMap((name) => [...readGeneration([drive.text(`Photos/ascmhl/${name}`)])]);
    return items.flatMap((item) => (item.kind === 'file' ? [item.path] : [])).sort();
  };
  /** Of a verification that began when the journal was at `seq`. */
  const sealFull = (log: RereadLog, { seq } = store.log.head()) =>
    sealReread(drive, { log, seq, stop: new AbortController().signal });
  /** Photos that lay there before, as `library index` records them. */
  const index = async (...paths: readonly string[]) => {
    const files = paths.map((to) => {
      if (!drive.files.has(to)) drive.put(to, `content of ${to}`);
      const { sizeBytes, toMtimeMs } = file(to);
      return { to: file(to).to, sizeBytes, xxh64: hashOf(`content of ${to}`), toMtimeMs };
    });
    await emit({ type: 'FilesIndexed', driveId: drive.drive.id, verifiedFrom: 'cache', files });
  };
  const sealIndexed = (root: string) => sealFolder(drive, file(root).to);
  return { drive, store, place, sealFor, sealFull, facts, listed, index, sealIndexed };
}

const named = (to: string) => ({ to: file(to).to });

describe('sealing what the journal knows', () => {
  it('tells the journal up to which record everything is listed, and where', async () => {
    const { drive, place, sealFor, facts, store } = box();
    await place('b1', named('a.jpg'), named('b.jpg'));
    await sealFor('b1');
    expect(facts()).toEqual([
      {
        seq: 2,
        fact: {
          type: 'DriveSealed',
          backupId: 'b1',
          driveId: drive.drive.id,
          seq: 1,
          generations: ['Photos/ascmhl/0001_Photos_2026-11-21_000000Z.mhl'],
          extent: 'added',
        },
      },
    ]);
    expect([...store.catalogue.unsealed(drive.drive.id, 99)]).toEqual([]);
  });

  it('says nothing when there was nothing to seal', async () => {
    const { place, sealFor, facts } = box();
    await place('b1', named('a.jpg'));
    await sealFor('b1');
    await sealFor('b2');
    expect(facts()).toHaveLength(1);
  });

  it('opens no earlier generation, however many there are', async () => {
    const { drive, place, sealFor, listed } = box();
    const opened: string[] = [];
    const { readText } = drive;
    drive.readText = (path) => {
      if (path.endsWith('.mhl')) opened.push(path);
      return readText.call(drive, path);
    };
    for (const name of ['a', 'b', 'c', 'd']) {
      await place(name, named(`${name}.jpg`));
      await sealFor(name);
    }
    expect(opened).toEqual([]);
    expect(listed()).toEqual(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg']);
  });

  it('lists files that two cards brought at once, each once', async () => {
    const { place, sealFor, listed, facts } = box();
    await place('b1', named('a.jpg'));
    await place('b2', named('b.jpg'));
    await Promise.all([sealFor('b1'), sealFor('b2')]);
    expect(listed()).toEqual(['a.jpg', 'b.jpg']);
    expect(facts()).toHaveLength(1);
  });

  it('leaves what is recorded while it writes to the next seal', async () => {
    const { drive, place, sealFor, listed } = box();
    await place('b1', named('a.jpg'));
    let added: Promise<void> | null = null;
    drive.afterWrite = () => {
      added ??= place('b2', named('b.jpg'));
    };
    await sealFor('b1');
    await added;
    expect(listed()).toEqual(['a.jpg']);
    await sealFor('b2');
    expect(listed()).toEqual(['a.jpg', 'b.jpg']);
  });

  it.each([
    0, 1, 2, 3,
  ])('killed after %i writes it lists every file once when it is run again', async (writes) => {
    const { drive, place, sealFor, listed } = box();
    await place('b1', named('a.jpg'));
    await sealFor('b1');
    await place('b2', named('b.jpg'));
    drive.writesLeft = writes;
    await sealFor('b2').catch((error: unknown) => expect(error).toBeInstanceOf(PowerCut));
    drive.writesLeft = -1;
    await place('b3', named('c.jpg'));
    await sealFor('b3');
    expect(listed()).toEqual(['a.jpg', 'b.jpg', 'c.jpg']);
  });

  it('goes on after a seal that failed', async () => {
    const { drive, place, sealFor, listed } = box();
    await place('b1', named('a.jpg'));
    drive.writesLeft = 0;
    await expect(sealFor('b1')).rejects.toThrow(PowerCut);
    drive.writesLeft = -1;
    await sealFor('b1');
    expect(listed()).toEqual(['a.jpg']);
  });

  it('writes the further hash where there is one, and the card’s own name where it had to differ', async () => {
    const { drive, place, sealFor } = box();
    const hash = { format: 'md5', value: 'd41d8cd98f00b204e9800998ecf8427e' } as const;
    const raw = { path: file('a\ufffd.jpg').path, pathBase64: 'YYA=' };
    await place('b1', { ...named('a.jpg'), hash, ...raw }, named('b%41.jpg'), named('c.jpg'));
    await sealFor('b1');
    const text = drive.text('Photos/ascmhl/0001_Photos_2026-11-21_000000Z.mhl');
    expect(text.match(/<md5 [^>]*>/g)).toHaveLength(1);
    expect(text).toMatch(
      /<path [^>]*>a\.jpg<\/path>\s*<md5 [^>]*>d41d8cd98f00b204e9800998ecf8427e<\/md5>\s*<xxh64 /,
    );
    expect([...text.matchAll(/<cardPath [^>]*>([^<]*)</g)].map(([, name]) => name)).toEqual(['YYA=']);
  });

  it('writes the card’s own name of what a layout named anew, and not for a `_2`', async () => {
    const { drive, place, sealFor } = box();
    const from = (to: string, path: string) => ({ ...named(to), path: file(path).path });
    await place(
      'b1',
      from('pimg_000001.cr3', 'IMG_1.CR3'),
      from('pimg_000001.cr3.xmp', 'IMG_1.CR3.xmp'),
      from('IMG_2_2.CR3', 'IMG_2.CR3'),
      from('IMG_3_12.CR3.xmp', 'IMG_3.CR3.xmp'),
      from('IMG_4_x.CR3', 'IMG_4.CR3'),
      from('IMG_5_.CR3', 'IMG_5.CR3'),
      from('IMG_6.jpg', 'IMG_6.JPG'),
      from('x/IMG_7.CR3', 'IMG_7.CR3'),
    );
    await sealFor('b1');
    const text = drive.text('Photos/ascmhl/0001_Photos_2026-11-21_000000Z.mhl');
    const names = [...text.matchAll(/<cardPath [^>]*>([^<]*)</g)].map(([, name = '']) =>
      Buffer.from(name, 'base64').toString(),
    );
    expect(names.sort()).toEqual([
      'DCIM/IMG_1.CR3',
      'DCIM/IMG_1.CR3.xmp',
      'DCIM/IMG_4.CR3',
      'DCIM/IMG_5.CR3',
      'DCIM/IMG_6.JPG',
    ]);
  });
});

describe('of a card that was read twice', () => {
  it.each([
    ['from its medium', 'medium', 1],
    ['from the cache', 'cache', 0],
    ['once', undefined, 0],
  ] as const)('%s: the manifest says so of its files alone', async (_name, secondReading, marks) => {
    const { drive, store, place, sealFor } = box();
    const { id } = drive.drive;
    await store.log.append(stamped([planned('b1', { drives: [id] })]));
    await place('b1', named('once.jpg'));
    drive.put('Photos/twice.jpg', 'twice');
    const twice = { ...file('Photos/twice.jpg'), xxh64: hashOf('twice') };
    const fact = settled('b2', { drive: id, copied: [twice] });
    await store.log.append(
      stamped([
        planned('b2', { drives: [id] }),
        secondReading === undefined ? fact : { ...fact, secondReading },
      ]),
    );
    await sealFor('b2');
    const text = drive.text('Photos/ascmhl/0001_Photos_2026-11-21_000000Z.mhl');
    const entries = text.split('<hash>').filter((entry) => entry.includes('<sourceRead '));
    expect(entries).toHaveLength(marks);
    for (const entry of entries) expect(entry).toContain('>twice.jpg</path>');
    expect(text).toContain('>once.jpg</path>');
  });
});

describe('after a verification of the whole drive', () => {
  const read = (log: RereadLog, drive: MemoryDrive, path: string) =>
    log.add(file(path).to, 'intact', hashOf(drive.text(path)));

  it('tells the journal that everything is listed, and a later seal opens no generation', async () => {
    const { drive, store, place, sealFor, sealFull, facts } = box();
    await place('b1', named('a.jpg'));
    await sealFor('b1');
    // Placed by a backup that was interrupted.
    await place('b2', named('b.jpg'));
    const log = new RereadLog();
    read(log, drive, 'Photos/a.jpg');
    read(log, drive, 'Photos/b.jpg');
    const full = await sealFull(log);
    expect(full).toMatchObject({ files: 2, folders: 0 });
    const names = drive.paths('Photos/ascmhl').filter((path) => path.endsWith('.mhl'));
    expect(facts().at(-1)).toEqual({
      seq: 4,
      fact: {
        type: 'DriveSealed',
        backupId: null,
        driveId: drive.drive.id,
        seq: 3,
        generations: names,
        extent: 'all',
      },
    });
    expect([...store.catalogue.unsealed(drive.drive.id, 99)]).toEqual([]);
    const { readText } = drive;
    drive.readText = (path) => {
      expect(path).not.toMatch(/mhl$/);
      return readText.call(drive, path);
    };
    await place('b3', named('c.jpg'));
    await sealFor('b3');
  });

  it('leaves what was recorded after it began to the next seal', async () => {
    const { drive, store, place, sealFor, sealFull, listed } = box();
    await place('b1', named('a.jpg'));
    const began = store.log.head();
    const log = new RereadLog();
    read(log, drive, 'Photos/a.jpg');
    await place('b2', named('b.jpg'));
    drive.put('Photos/b.jpg', 'written badly');
    await sealFull(log, began);
    expect(listed()).toEqual(['a.jpg']);
    expect([...store.catalogue.unsealed(drive.drive.id, 99)].map(({ to }) => to)).toEqual(['Photos/b.jpg']);
    await sealFor('b2');
    expect(listed()).toEqual(['a.jpg', 'b.jpg']);
  });

  it.each([
    ['that was found as recorded: the hash of the journal', 'intact', null, 1],
    ['that was altered: not the journal’s', 'altered', null, 0],
    ['that the journal has otherwise: not its', 'intact', hashOf('other'), 0],
  ] as const)('asks the journal for the second hash of a file %s', async (_name, finding, other, times) => {
    const { drive, place, sealFull } = box();
    const hash = { format: 'md5', value: 'd41d8cd98f00b204e9800998ecf8427e' } as const;
    await place('b1', { ...named('a.jpg'), hash });
    const log = new RereadLog('md5');
    log.add(file('Photos/a.jpg').to, finding, other ?? hashOf(drive.text('Photos/a.jpg')));
    const { generations } = await sealFull(log);
    expect(drive.text(generations[0] ?? '').match(/<md5 /g) ?? []).toHaveLength(times);
  });

  it('does not ask the journal for a format that nobody wants any more', async () => {
    const { drive, place, sealFull } = box();
    const hash = { format: 'md5', value: 'd41d8cd98f00b204e9800998ecf8427e' } as const;
    await place('b1', { ...named('a.jpg'), hash });
    for (const format of [null, 'sha1'] as const) {
      const log = new RereadLog(format);
      read(log, drive, 'Photos/a.jpg');
      const { generations } = await sealFull(log);
      expect(drive.text(generations[0] ?? '')).not.toMatch(/<(md5|sha1) /);
    }
  });

  it('waits for a seal that is being written', async () => {
    const { drive, place, sealFor, sealFull } = box();
    await place('b1', named('a.jpg'));
    const log = new RereadLog();
    read(log, drive, 'Photos/a.jpg');
    await Promise.all([sealFor('b1'), sealFull(log)]);
    expect(readChain(drive.text(CHAIN)).map(({ sequence }) => sequence)).toEqual([1, 2]);
  });
});

describe('sealing what was indexed', () => {
  it('lists it in the history of its folder, as what was read there', async () => {
    const { drive, index, sealIndexed } = box();
    await index('images/a.jpg', 'images/2019/b.jpg', 'images2/c.jpg');
    const [path = ''] = await sealIndexed('images');
    expect(path).toMatch(/^images\/ascmhl\/0001_images_/);
    const text = drive.text(path);
    expect(text).toContain('<process>in-place</process>');
    expect(text).toContain('These files were here before imagetank.');
    expect(text).not.toContain('compared with what was read from the card');
    expect(text.match(/<path size[^>]*>[^<]*/g)?.map((line) => line.split('>')[1])).toEqual([
      '2019/b.jpg',
      'a.jpg',
    ]);
    expect(text.match(/verifiedFrom xmlns="[^"]*">cache</g)).toHaveLength(2);
  });

  it('once; and again what came since', async () => {
    const { index, sealIndexed } = box();
    await index('images/a.jpg');
    await sealIndexed('images');
    expect(await sealIndexed('images')).toEqual([]);
    await index('images/b.jpg');
    expect(await sealIndexed('images')).toEqual([expect.stringMatching(/^images\/ascmhl\/0002_/)]);
  });

  it('leaves what a backup copied to the backup’s own seal, which knows the card’s name of it', async () => {
    const { drive, place, index, sealIndexed, sealFor, listed } = box();
    await place('b1', { to: file('a.jpg').to, path: file('a\u0001.jpg').to });
    await index('Photos/b.jpg');
    await sealIndexed('Photos');
    expect(listed()).toEqual(['b.jpg']);
    await sealFor('b1');
    expect(listed()).toEqual(['a.jpg', 'b.jpg']);
    const names = readChain(drive.text(CHAIN)).map(({ name }) => drive.text(`Photos/ascmhl/${name}`));
    expect(names.map((text) => text.includes('<cardPath'))).toEqual([false, true]);
  });

  it('goes on behind the history of another tool', async () => {
    const { drive, index, sealIndexed } = box();
    await index('images/a.jpg');
    const [first = ''] = await sealIndexed('images');
    const before = drive.text(first);
    drive.files.delete('images/ascmhl/ascmhl_chain.xml');
    drive.put('images/ascmhl/ascmhl_chain.xml', 'no chain at all');
    await index('images/b.jpg');
    expect(await sealIndexed('images')).toEqual([expect.stringMatching(/^images\/ascmhl\/0002_/)]);
    expect(drive.text(first)).toBe(before);
    expect(drive.paths('images/ascmhl').filter((path) => path.includes('damaged'))).toHaveLength(1);
  });

  it('never fails because of a name that no manifest can carry, and neither does the next backup', async () => {
    const { place, index, sealIndexed, sealFor, listed } = box();
    await index('Photos/a\u0001.jpg', 'Photos/b\ud800.jpg', 'Photos/c.jpg');
    await sealIndexed('Photos');
    expect(listed()).toEqual(['c.jpg']);
    await index('Photos/d\u0002.jpg');
    await place('b1', named('e.jpg'));
    await sealFor('b1');
    expect(listed()).toEqual(['c.jpg', 'e.jpg']);
  });
});

describe('the history of an indexed folder', () => {
  const generations = (store: ReturnType<typeof box>['store'], drive: MemoryDrive) =>
    [...store.catalogue.sealedGenerations(drive.drive.id)].filter((path) => path.startsWith('images/'));

  it('is remembered, once, and what waits for a backup goes on waiting', async () => {
    const { drive, store, place, index, sealIndexed, facts } = box();
    await place('b1', named('a.jpg'));
    await index('images/a.jpg');
    const written = await sealIndexed('images');
    expect(generations(store, drive)).toEqual(written);
    expect([...store.catalogue.unsealed(drive.drive.id, 99)].map(({ to }) => to)).toEqual(['Photos/a.jpg']);
    await sealIndexed('images');
    expect(facts()).toHaveLength(1);
  });

  it('is not in the way of the seals of Photos, and outlives those that read all of the drive', async () => {
    const { drive, store, place, index, sealIndexed, sealFor, sealFull, facts } = box();
    await index('images/a.jpg');
    const written = await sealIndexed('images');
    await place('b1', named('a.jpg'));
    await sealFor('b1');
    await place('b2', named('b.jpg'));
    await sealFor('b2');
    expect(facts().map(({ fact }) => fact.extent)).toEqual(['added', 'added', 'added']);
    await sealFull(new RereadLog(null));
    expect(generations(store, drive)).toEqual(written);
  });
});
