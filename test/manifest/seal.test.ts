import { describe, expect, it } from 'vitest';
import { DriveError } from '../../services/errors.ts';
import { c4OfText } from '../../services/manifest/c4.ts';
import { openHistory } from '../../services/manifest/history.ts';
import { MAX_ITEMS_A_GENERATION } from '../../services/manifest/history-writer.ts';
import { type ListedFile, readChain, readGeneration } from '../../services/manifest/mhl-reader.ts';
import { chainText } from '../../services/manifest/mhl-writer.ts';
import { type SealOrder, sealBackup } from '../../services/manifest/seal.ts';
import type { Copy } from '../../services/ports.ts';
import { copyOf, MemoryDrive, PowerCut, rel } from './memory-drive.ts';
import { assertSchema, hasXmllint } from './xmllint.ts';

const A = 'Photos/2026/2026-11-21/IMG_0001.CR3';
const B = 'Photos/2026/2026-11-21/IMG_0002.CR3';
const NOTE = 'Other/SD32GB-03/notes.txt';
const CHAIN = 'Photos/ascmhl/ascmhl_chain.xml';

function driveWith(...paths: string[]): MemoryDrive {
  const drive = new MemoryDrive();
  for (const path of paths) drive.put(path, `content of ${path}`);
  return drive;
}

function orderFor(drive: MemoryDrive, paths: readonly string[], changes: Partial<SealOrder> = {}): SealOrder {
  return {
    store: drive,
    copies: () => paths.map((path) => copyOf(drive, path)),
    original: () => null,
    journalLines: ['{"seq":1}', '{"seq":2}'],
    head: { seq: 2, hash: 'f'.repeat(64) },
    backupId: '20261121-57',
    at: '2026-11-21T04:10:37.123Z',
    hostname: 'tank',
    version: '0.1.0',
    ...changes,
  };
}

const filesIn = (drive: MemoryDrive, path: string): ListedFile[] =>
  [...readGeneration([drive.text(path)])].filter((item) => item.kind === 'file');

/** Every path with how often any generation of the chain lists it. */
function listed(drive: MemoryDrive, root: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { name } of readChain(drive.text(`${root}/ascmhl/ascmhl_chain.xml`))) {
    for (const { path } of filesIn(drive, `${root}/ascmhl/${name}`)) counts[path] = (counts[path] ?? 0) + 1;
  }
  return counts;
}

/** The chain names every generation on the drive once, with the right C4. */
function assertChain(drive: MemoryDrive, root: string): void {
  const chain = readChain(drive.text(`${root}/ascmhl/ascmhl_chain.xml`));
  const generations = drive.paths(`${root}/ascmhl`).filter((path) => path.endsWith('.mhl'));
  expect(chain.map(({ name }) => `${root}/ascmhl/${name}`)).toEqual(generations);
  for (const { name, c4 } of chain) expect(c4OfText(drive.text(`${root}/ascmhl/${name}`))).toBe(c4);
}

describe('sealing a backup', () => {
  it('writes a generation and a chain for each root that got files', async () => {
    const drive = driveWith(A, B, NOTE);
    const seal = await sealBackup(orderFor(drive, [A, B, NOTE]));
    const generations = [
      'Photos/ascmhl/0001_Photos_2026-11-21_041037Z.mhl',
      'Other/ascmhl/0001_Other_2026-11-21_041037Z.mhl',
    ];
    expect(seal).toEqual({ generations, files: 3, settled: { generations, extent: 'all' } });
    expect(listed(drive, 'Photos')).toEqual({
      '2026/2026-11-21/IMG_0001.CR3': 1,
      '2026/2026-11-21/IMG_0002.CR3': 1,
    });
    expect(listed(drive, 'Other')).toEqual({ 'SD32GB-03/notes.txt': 1 });
    assertChain(drive, 'Photos');
    assertChain(drive, 'Other');
  });

  it('writes the generation before the chain that names it, and the journal last', async () => {
    const drive = driveWith(A);
    await sealBackup(orderFor(drive, [A]));
    expect(drive.writes).toEqual([
      'Photos/ascmhl/0001_Photos_2026-11-21_041037Z.mhl',
      CHAIN,
      '.imagetank/journal.jsonl',
    ]);
  });

  it.runIf(hasXmllint)('follows the schema', async () => {
    const drive = driveWith(A);
    const [generation = ''] = (await sealBackup(orderFor(drive, [A]))).generations;
    assertSchema(drive.text(generation), 'ASCMHL.xsd');
    assertSchema(drive.text(CHAIN), 'ASCMHLDirectory__combined.xsd');
  });

  it('appends the facts of the backup and where the journal ended', async () => {
    const drive = driveWith(A);
    await sealBackup(orderFor(drive, [A]));
    const lines = drive.text('.imagetank/journal.jsonl').trimEnd().split('\n');
    expect(lines.slice(0, 2)).toEqual(['{"seq":1}', '{"seq":2}']);
    expect(JSON.parse(lines[2] ?? '')).toEqual({
      seal: {
        v: 1,
        backupId: '20261121-57',
        at: '2026-11-21T04:10:37.123Z',
        seq: 2,
        hash: 'f'.repeat(64),
        generations: ['Photos/ascmhl/0001_Photos_2026-11-21_041037Z.mhl'],
      },
    });
  });

  it('appends a long story in batches, every line once and in order', async () => {
    const drive = driveWith(A);
    const story = 'x'.repeat(5000);
    const journalLines = Array.from({ length: 1000 }, (_, seq) => `{"seq":${seq},"story":"${story}"}`);
    await sealBackup(orderFor(drive, [A], { journalLines }));
    expect(drive.text('.imagetank/journal.jsonl').split('\n').slice(0, 1000)).toEqual(journalLines);
    expect(drive.writes.filter((path) => path === '.imagetank/journal.jsonl').length).toBeGreaterThan(3);
  });

  it('keeps the card’s own name where the drive’s had to differ', async () => {
    const drive = driveWith(A, B);
    const raw = { path: rel('DCIM/IMG_\ufffd.CR3'), pathBase64: 'RENJTS9JTUdf/y5DUjM=' };
    const control = { path: rel('DCIM/a\u0007b') };
    await sealBackup(orderFor(drive, [A, B], { original: (to) => (to === A ? raw : control) }));
    const text = drive.text('Photos/ascmhl/0001_Photos_2026-11-21_041037Z.mhl');
    const kept = [...text.matchAll(/<cardPath [^>]*>([^<]*)</g)].map(([, name = '']) => name);
    expect(kept).toEqual(['RENJTS9JTUdf/y5DUjM=', Buffer.from('DCIM/a\u0007b').toString('base64')]);
  });

  it('writes no generation for a backup that added nothing', async () => {
    const drive = driveWith(A);
    await sealBackup(orderFor(drive, [A]));
    drive.writes.length = 0;
    expect(await sealBackup(orderFor(drive, [A], { at: '2026-11-22T00:00:00Z' }))).toMatchObject({
      generations: [],
      files: 0,
    });
    expect(drive.writes).toEqual(['.imagetank/journal.jsonl']);
  });

  it('lists only what was added, under the next number', async () => {
    const drive = driveWith(A, B);
    await sealBackup(orderFor(drive, [A]));
    const seal = await sealBackup(orderFor(drive, [A, B], { at: '2026-11-22T00:00:00Z' }));
    expect(seal.generations).toEqual(['Photos/ascmhl/0002_Photos_2026-11-22_000000Z.mhl']);
    expect(filesIn(drive, seal.generations[0] ?? '')).toMatchObject([
      { path: '2026/2026-11-21/IMG_0002.CR3' },
    ]);
    assertChain(drive, 'Photos');
  });

  it('lists a path again when other content lies there now', async () => {
    const drive = driveWith(A);
    await sealBackup(orderFor(drive, [A]));
    drive.put(A, 'copied again');
    const seal = await sealBackup(orderFor(drive, [A], { at: '2026-11-22T00:00:00Z' }));
    expect(seal.files).toBe(1);
    // And not a third time.
    expect((await sealBackup(orderFor(drive, [A], { at: '2026-11-23T00:00:00Z' }))).files).toBe(0);
  });

  it('never lists what was only claimed, nor what lies outside the roots', async () => {
    const drive = driveWith(A, B, 'Elsewhere/x.jpg', 'PhotosOld/x.jpg');
    const copies = (): Copy[] => [
      copyOf(drive, A, { state: 'claimed', toMtimeMs: null, verifiedFrom: null }),
      copyOf(drive, B),
      copyOf(drive, 'Elsewhere/x.jpg'),
      copyOf(drive, 'PhotosOld/x.jpg'),
    ];
    expect((await sealBackup(orderFor(drive, [], { copies }))).files).toBe(1);
    expect(listed(drive, 'Photos')).toEqual({ '2026/2026-11-21/IMG_0002.CR3': 1 });
  });

  it('starts a further generation before a manifest grows too large to be read again', async () => {
    const drive = driveWith(A);
    const row = copyOf(drive, A);
    const copies = function* (): Generator<Copy> {
      for (let at = 0; at <= MAX_ITEMS_A_GENERATION; at += 1) yield { ...row, to: rel(`Photos/${at}`) };
    };
    const { generations, files } = await sealBackup(orderFor(drive, [], { copies }));
    expect(files).toBe(MAX_ITEMS_A_GENERATION + 1);
    expect(generations).toEqual([
      'Photos/ascmhl/0001_Photos_2026-11-21_041037Z.mhl',
      'Photos/ascmhl/0002_Photos_2026-11-21_041037Z.mhl',
    ]);
    expect(filesIn(drive, generations[1] ?? '')).toMatchObject([{ path: `${MAX_ITEMS_A_GENERATION}` }]);
    assertChain(drive, 'Photos');
    expect(drive.text(generations[0] ?? '').length).toBeLessThan(64 * 1024 * 1024);
  });

  it('lets go of the catalogue’s rows, also when the drive fails', async () => {
    const drive = driveWith(A);
    let open = 0;
    const copies = function* (): Generator<Copy> {
      open += 1;
      try {
        yield copyOf(drive, A);
        yield copyOf(drive, A);
      } finally {
        open -= 1;
      }
    };
    drive.writeNew = async (_paths, text) => {
      text[Symbol.iterator]().next();
      throw new PowerCut();
    };
    await expect(sealBackup(orderFor(drive, [], { copies }))).rejects.toThrow(PowerCut);
    expect(open).toBe(0);
  });

  it('takes the catalogue’s rows as it writes them: neither they nor the text are held as a whole', async () => {
    const drive = driveWith(A);
    const row = copyOf(drive, A);
    let taken = 0;
    const copies = function* (): Generator<Copy> {
      for (let at = 0; at < 10_000; at += 1) {
        taken += 1;
        yield { ...row, to: rel(`Photos/${at}`) };
      }
    };
    const takenAtPiece: number[] = [];
    const { writeNew } = drive;
    drive.writeNew = (paths, text) => {
      const counted = function* () {
        for (const piece of text) {
          takenAtPiece.push(taken);
          yield piece;
        }
      };
      return writeNew.call(drive, paths, counted());
    };
    await sealBackup(orderFor(drive, [], { copies }));
    expect(takenAtPiece.slice(0, 3)).toEqual([1, 256, 512]);
    expect(takenAtPiece.at(-1)).toBe(10_000);
  });

  it('gives the drive the lines of the journal a megabyte at a time', async () => {
    const drive = driveWith(A);
    const line = 'x'.repeat(300_000);
    const sizes: number[] = [];
    drive.appendOwn = async (_path, lines) => void sizes.push(lines.length);
    await sealBackup(orderFor(drive, [A], { journalLines: Array.from({ length: 10 }, () => line) }));
    expect(sizes).toEqual([4, 4, 3]);
  });
});

describe('with the memory of earlier seals', () => {
  const LATER = { at: '2026-11-22T00:00:00Z' };

  /** A drive with A sealed, B waiting, and what the journal remembers of it; counts the generations that are opened. */
  async function sealedOnce() {
    const drive = driveWith(A, B, NOTE);
    const { settled } = await sealBackup(orderFor(drive, [A, NOTE]));
    const opened: string[] = [];
    const { readText } = drive;
    drive.readText = (path) => {
      if (path.endsWith('.mhl')) opened.push(path);
      return readText.call(drive, path);
    };
    const generations = new Set(settled.generations);
    const unsealed = () => [copyOf(drive, B)];
    const again = (memory = { generations, unsealed }) =>
      sealBackup(orderFor(drive, [A, B, NOTE], { ...LATER, memory }));
    return { drive, opened, generations, unsealed, again };
  }

  it('opens no generation, and lists what waits', async () => {
    const { drive, opened, again } = await sealedOnce();
    const { settled, files } = await again();
    expect([files, opened]).toEqual([1, []]);
    expect(settled).toEqual({
      generations: ['Photos/ascmhl/0002_Photos_2026-11-22_000000Z.mhl'],
      extent: 'added',
    });
    expect(Object.values(listed(drive, 'Photos'))).toEqual([1, 1]);
    assertChain(drive, 'Photos');
    assertChain(drive, 'Other');
  });

  it('opens a generation that nobody remembers, and does not list its files again', async () => {
    const { drive, opened, generations, unsealed } = await sealedOnce();
    // Killed between the chain and the fact: the generation is there, the journal does not know.
    const memory = { generations, unsealed };
    await sealBackup(orderFor(drive, [A, B, NOTE], { ...LATER, memory }));
    opened.length = 0;
    const { settled, files } = await sealBackup(
      orderFor(drive, [A, B, NOTE], { at: '2026-11-23T00:00:00Z', memory }),
    );
    const second = 'Photos/ascmhl/0002_Photos_2026-11-22_000000Z.mhl';
    expect([files, opened]).toEqual([0, [second]]);
    expect(settled).toEqual({ generations: [second], extent: 'added' });
  });

  it('takes in a generation that no chain names, and does not list its files again', async () => {
    const { drive, generations, unsealed, again } = await sealedOnce();
    drive.writesLeft = 1;
    await expect(again()).rejects.toThrow(PowerCut);
    drive.writesLeft = -1;
    const { settled, files } = await again({ generations, unsealed });
    expect([files, settled.generations.length]).toEqual([0, 1]);
    assertChain(drive, 'Photos');
  });

  it('settles the generations of another tool too, and opens them once', async () => {
    const { drive, opened, generations, unsealed } = await sealedOnce();
    const foreign = 'Photos/ascmhl/0002_somebody_2026-11-21_120000Z.mhl';
    drive.put(foreign, drive.text('Photos/ascmhl/0001_Photos_2026-11-21_041037Z.mhl'));
    drive.put(
      CHAIN,
      chainText([
        ...readChain(drive.text(CHAIN)),
        { sequence: 2, name: foreign.slice('Photos/ascmhl/'.length), c4: c4OfText(drive.text(foreign)) },
      ]),
    );
    const first = await sealBackup(orderFor(drive, [A, B], { ...LATER, memory: { generations, unsealed } }));
    expect(opened).toEqual([foreign]);
    expect(first.settled.generations).toEqual([foreign, 'Photos/ascmhl/0003_Photos_2026-11-22_000000Z.mhl']);
    opened.length = 0;
    const memory = {
      generations: new Set([...generations, ...first.settled.generations]),
      unsealed: () => [],
    };
    await sealBackup(orderFor(drive, [A, B], { at: '2026-11-23T00:00:00Z', memory }));
    expect(opened).toEqual([]);
  });

  it.each([
    [
      'a generation is gone',
      (drive: MemoryDrive) => drive.files.delete('Photos/ascmhl/0001_Photos_2026-11-21_041037Z.mhl'),
    ],
    [
      'the whole history is gone',
      (drive: MemoryDrive) => drive.paths('Photos/ascmhl').map((path) => drive.files.delete(path)),
    ],
  ])('lists everything again that no manifest lists any more: %s', async (_name, harm) => {
    const { drive, again } = await sealedOnce();
    harm(drive);
    const { settled, files } = await again();
    expect(files).toBe(2);
    expect(settled.extent).toBe('all');
    expect([...settled.generations].sort()).toEqual([
      'Other/ascmhl/0001_Other_2026-11-21_041037Z.mhl',
      ...drive.paths('Photos/ascmhl').filter((path) => path.endsWith('.mhl')),
    ]);
  });

  it.each([
    ['torn', (text: string) => text.slice(0, 100)],
    ['without its entries', (text: string) => text.replace(/<hashlist [\s\S]*<\/hashlist>/, '')],
  ])('reads everything when the chain is %s, and lists nothing twice', async (_name, harm) => {
    const { drive, opened, again } = await sealedOnce();
    drive.put(CHAIN, harm(drive.text(CHAIN)));
    const { settled, files } = await again();
    expect([files, settled.extent]).toEqual([1, 'all']);
    expect(new Set(opened).size).toBe(2);
    assertChain(drive, 'Photos');
  });
});

describe('a power cut while sealing', () => {
  it.each([0, 1, 2, 3, 4])('after %i writes: run again it lists every file once', async (writes) => {
    const drive = driveWith(A, B, NOTE);
    drive.writesLeft = writes;
    await expect(sealBackup(orderFor(drive, [A, B, NOTE]))).rejects.toThrow(PowerCut);
    drive.writesLeft = -1;
    await sealBackup(orderFor(drive, [A, B, NOTE], { at: '2026-11-21T05:00:00Z' }));
    expect(listed(drive, 'Photos')).toEqual({
      '2026/2026-11-21/IMG_0001.CR3': 1,
      '2026/2026-11-21/IMG_0002.CR3': 1,
    });
    expect(listed(drive, 'Other')).toEqual({ 'SD32GB-03/notes.txt': 1 });
    assertChain(drive, 'Photos');
    assertChain(drive, 'Other');
    expect(drive.text('.imagetank/journal.jsonl')).toContain('"seal"');
  });

  it('between generation and chain, at the same second: the generation is taken in, not written again', async () => {
    const drive = driveWith(A);
    drive.writesLeft = 1;
    await expect(sealBackup(orderFor(drive, [A]))).rejects.toThrow(PowerCut);
    drive.writesLeft = -1;
    expect((await sealBackup(orderFor(drive, [A]))).generations).toEqual([]);
    expect(readChain(drive.text(CHAIN))).toHaveLength(1);
    assertChain(drive, 'Photos');
  });

  it('that left files of another backup unsealed: they are in the next seal', async () => {
    const drive = driveWith(A, B);
    drive.writesLeft = 0;
    await expect(sealBackup(orderFor(drive, [A]))).rejects.toThrow(PowerCut);
    drive.writesLeft = -1;
    await sealBackup(orderFor(drive, [A, B], { backupId: '20261121-99' }));
    expect(Object.keys(listed(drive, 'Photos'))).toHaveLength(2);
  });

  it('never takes in a generation that is torn or climbs, and never uses its number', async () => {
    const drive = driveWith(A);
    drive.put(
      'Photos/ascmhl/0001_Photos_2026-11-20_000000Z.mhl',
      '<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">',
    );
    drive.put(
      'Photos/ascmhl/0002_Photos_2026-11-20_000000Z.mhl',
      '<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><hashes><hash><path>../x</path></hash></hashes></hashlist>',
    );
    const { generations } = await sealBackup(orderFor(drive, [A]));
    expect(generations).toEqual(['Photos/ascmhl/0003_Photos_2026-11-21_041037Z.mhl']);
    expect(readChain(drive.text(CHAIN)).map(({ sequence }) => sequence)).toEqual([3]);
  });
});

describe('a drive whose manifests are not in order', () => {
  it('a name that is taken by something unseen gives way to the next number', async () => {
    const drive = driveWith(A);
    const taken = 'Photos/ascmhl/0001_Photos_2026-11-21_041037Z.mhl';
    const list = drive.list.bind(drive);
    drive.list = async (folder) => (await list(folder)).filter((name) => !name.startsWith('0001_'));
    drive.put(taken, 'somebody else');
    const { generations } = await sealBackup(orderFor(drive, [A]));
    expect(generations).toEqual(['Photos/ascmhl/0002_Photos_2026-11-21_041037Z.mhl']);
    expect(drive.text(taken)).toBe('somebody else');
  });

  it('is failing when a generation vanishes between two looks', async () => {
    const drive = driveWith(A);
    drive.writesLeft = 1;
    await expect(sealBackup(orderFor(drive, [A]))).rejects.toThrow(PowerCut);
    drive.writesLeft = -1;
    const { readText } = drive;
    let reads = 0;
    drive.readText = async (path) => {
      reads += path.endsWith('.mhl') ? 1 : 0;
      return reads > 1 ? null : readText.call(drive, path);
    };
    await expect(sealBackup(orderFor(drive, [A]))).rejects.toMatchObject({ reason: 'drive-failing' });
  });

  it('gives up when every name is taken', async () => {
    const drive = driveWith(A);
    drive.writeNew = async () => null;
    await expect(sealBackup(orderFor(drive, [A]))).rejects.toMatchObject({ reason: 'drive-not-writable' });
  });

  it('lists the files of an altered generation again, and leaves the proof in the chain', async () => {
    const drive = driveWith(A, B);
    const [first = ''] = (await sealBackup(orderFor(drive, [A]))).generations;
    drive.put(first, drive.text(first).replace('tank', 'tink'));
    const seal = await sealBackup(orderFor(drive, [A, B], { at: '2026-11-22T00:00:00Z' }));
    expect(seal.files).toBe(2);
    const history = await openHistory(drive, rel('Photos'));
    for await (const _file of history.files());
    expect(history.problems).toMatchObject([{ path: first, why: 'altered' }]);
  });

  it('relies on no manifest that no chain names and that lists a path outside: its files are listed again', async () => {
    const drive = driveWith(A, B);
    const [first = ''] = (await sealBackup(orderFor(drive, [A]))).generations;
    const odd = '<hash><path>../../../etc/passwd</path></hash></hashes>';
    drive.put(first, drive.text(first).replace('</hashes>', odd));
    drive.files.delete(CHAIN);
    const seal = await sealBackup(orderFor(drive, [A, B], { at: '2026-11-22T00:00:00Z' }));
    expect(seal.files).toBe(2);
    expect(readChain(drive.text(CHAIN)).map(({ sequence }) => sequence)).toEqual([2]);
  });

  it('keeps the entry of a generation that is missing', async () => {
    const drive = driveWith(A, B);
    const [first = ''] = (await sealBackup(orderFor(drive, [A]))).generations;
    drive.files.delete(first);
    await sealBackup(orderFor(drive, [A, B], { at: '2026-11-22T00:00:00Z' }));
    expect(readChain(drive.text(CHAIN)).map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  it('makes a damaged chain anew and keeps the old one beside it', async () => {
    const drive = driveWith(A, B);
    await sealBackup(orderFor(drive, [A]));
    const torn = drive.text(CHAIN).slice(0, 100);
    drive.put(CHAIN, torn);
    const seal = await sealBackup(orderFor(drive, [A, B], { at: '2026-11-22T00:00:00Z' }));
    expect(seal.files).toBe(1);
    assertChain(drive, 'Photos');
    const kept = drive.paths('Photos/ascmhl').filter((path) => path.endsWith('.txt'));
    expect(kept.map((path) => drive.text(path))).toEqual([torn]);
  });

  it.each([
    /\.mhl$/,
    /chain\.xml$/,
  ])('does not trust a manifest that reads back differently: %s', async (which) => {
    const drive = driveWith(A);
    drive.afterWrite = (path) => {
      if (which.test(path)) drive.put(path, `${drive.text(path)} `);
    };
    const error = await sealBackup(orderFor(drive, [A])).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DriveError);
    expect(error).toMatchObject({ reason: 'drive-failing' });
    expect(drive.writes).not.toContain('.imagetank/journal.jsonl');
  });
});
