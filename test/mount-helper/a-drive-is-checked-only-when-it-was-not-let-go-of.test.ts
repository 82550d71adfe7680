/** What the helper makes of the checkers' own words, on images that are damaged byte by byte. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { debugfs, ExfatImage, edit, extImage, FatImage, hasTool, setExtState } from './images.ts';
import { copyScript, evaluate } from './script.ts';
import { tempFolders } from './temp.ts';
import { alsoFree, gone, INCOMING, otherSize, tornFile, without } from './torn-exfat.ts';

const folder = tempFolders();

const MISSING = ['mkfs.fat', 'fsck.fat', 'mkfs.exfat', 'fsck.exfat', 'mkfs.ext4', 'e2fsck', 'debugfs'].filter(
  (tool) => !hasTool(tool),
);
if (MISSING.length > 0) console.info(`checks of drives are not tested: no ${MISSING.join(', ')}`);

type Verdict = 'not asked' | 'mounted' | string;

/** Runs `is_dirty` and `check_drive` of the script on an image. */
async function verdict(fs: string, make: (image: string) => void, checker?: string): Promise<Verdict> {
  const dir = await folder();
  const image = join(dir, 'image');
  make(image);
  const tools = join(dir, 'tools');
  mkdirSync(tools);
  if (checker !== undefined)
    writeFileSync(join(tools, 'fsck.fat'), `#!/bin/sh\n${checker}\n`, { mode: 0o755 });
  const script = copyScript({ dir, tools, constants: { CHECK_S: checker === undefined ? '30' : '0.2' } });
  const output = evaluate(
    script,
    `FS=${fs}; NODE=${image}; is_dirty && asked=yes || asked=no; check_drive; echo "$asked"`,
  );
  if (output === 'no\n') return 'not asked';
  return output === 'yes\n' ? 'mounted' : output.trimEnd();
}

const fat =
  (bits: 16 | 32, change: (image: FatImage) => void = () => undefined) =>
  (path: string) => {
    const image = new FatImage(path, bits);
    image.soil();
    change(image);
    image.save();
  };

const exfat =
  (change: (image: ExfatImage) => void = () => undefined) =>
  (path: string) => {
    const image = new ExfatImage(path);
    image.soil();
    change(image);
    image.save();
  };

const torn = (...args: Parameters<typeof tornFile>) => exfat(tornFile(...args));

const ext = (kind: 'ext2' | 'ext4', state: number, order?: string) => (path: string) => {
  extImage(path, kind);
  if (order !== undefined) debugfs(path, order);
  setExtState(path, state);
};

const REPAIR_FAT = 'no needs-repair sudo fsck.fat -a /dev/sda1';
const REPAIR_EXFAT = 'no needs-repair sudo fsck.exfat -p /dev/sda1';
const REPAIR_EXT = 'no needs-repair sudo e2fsck -fy /dev/sda1';

type Row = readonly [what: string, fs: string, make: (path: string) => void, expected: Verdict];

const LET_GO_OF: readonly Row[] = [
  ['FAT16', 'vfat', (path) => void new FatImage(path, 16), 'not asked'],
  ['FAT32', 'vfat', (path) => void new FatImage(path, 32), 'not asked'],
  ['FAT32 with the flag of FAT16 set', 'vfat', fatFlag(32, 0x25), 'not asked'],
  ['FAT16 with the flag of FAT32 set', 'vfat', fatFlag(16, 0x41), 'not asked'],
  ['exFAT', 'exfat', (path) => void new ExfatImage(path), 'not asked'],
  ['ext4 with a journal to replay', 'ext4', ext('ext4', 0), 'not asked'],
  ['damage that nobody has noticed', 'ext4', ext('ext4', 1, 'clri folder/first'), 'not asked'],
];

function fatFlag(bits: 16 | 32, at: number) {
  return (path: string): void => {
    const image = new FatImage(path, bits);
    image.bytes[at] = 1;
    image.save();
  };
}

const POWER_CUT: readonly Row[] = [
  ['FAT16', 'vfat', fat(16), 'mounted'],
  ['FAT32, which differs from its backup boot sector then', 'vfat', fat(32), 'mounted'],
  [
    'FAT, lost clusters',
    'vfat',
    fat(16, (image) => void image.bytes.fill(0xe5, image.entry(1), image.entry(1) + 1)),
    'mounted',
  ],
  [
    'FAT, one table written and the other not',
    'vfat',
    fat(16, (image) => image.link(15, image.end, [1])),
    'mounted',
  ],
  [
    'FAT, a file longer than its clusters',
    'vfat',
    fat(16, (image) => image.bytes.writeUInt32LE(90_000, image.entry(0) + 28)),
    'mounted',
  ],
  [
    'FAT, a file shorter than its clusters',
    'vfat',
    fat(16, (image) => image.bytes.writeUInt32LE(9, image.entry(0) + 28)),
    'mounted',
  ],
  ['FAT, the first half of a long name', 'vfat', fat(16, halfLongName(0x41)), 'mounted'],
  ['FAT, the last half of a long name', 'vfat', fat(16, halfLongName(0x01)), 'mounted'],
  [
    'FAT, a wrong count of free clusters',
    'vfat',
    fat(32, (image) => image.bytes.writeUInt32LE(5, 512 + 488)),
    'mounted',
  ],
  ['exFAT', 'exfat', exfat(), 'mounted'],
  ['exFAT, lost clusters', 'exfat', exfat((image) => image.take(200, true)), 'mounted'],
  ['exFAT, a file longer than its clusters', 'exfat', exfat((image) => resized(image, 900_000)), 'mounted'],
  ['exFAT, a file shorter than its clusters', 'exfat', exfat((image) => resized(image, 4000)), 'mounted'],
  ['exFAT, a file that came whole', 'exfat', torn(INCOMING, () => undefined), 'mounted'],
  ['exFAT, a file that came half: its size', 'exfat', torn(INCOMING, otherSize), 'mounted'],
  ['exFAT, a file that came half: no name', 'exfat', torn(INCOMING, without(2)), 'mounted'],
  ['exFAT, a file that came half: only its begin', 'exfat', torn(INCOMING, without(1, 2)), 'mounted'],
  ['exFAT, a file that is half moved away', 'exfat', torn(INCOMING, gone(0)), 'mounted'],
  ['exFAT, a folder that came half', 'exfat', torn(['.imagetank', 'incoming', 'b1'], otherSize), 'mounted'],
  ['ext2', 'ext4', ext('ext2', 0), 'mounted'],
  ['ext2, lost blocks', 'ext4', ext('ext2', 0, 'setb 5000 20'), 'mounted'],
  ['ext4 with noted errors that are mended', 'ext4', ext('ext4', 3), 'mounted'],
];

/** `order`: its place in the name, and 0x40 for the part that comes first on the drive. */
function halfLongName(order: number) {
  return (image: FatImage): void => {
    const at = image.entry(2);
    image.bytes[at] = order;
    image.bytes.write('a', at + 1, 'latin1');
    image.bytes[at + 11] = 0x0f;
  };
}

function resized(image: ExfatImage, sizeBytes: number): void {
  image.bytes.writeBigUInt64LE(BigInt(Math.min(sizeBytes, 16_000)), image.entry(0) + 40);
  image.bytes.writeBigUInt64LE(BigInt(sizeBytes), image.entry(0) + 56);
  image.seal(0);
}

const DAMAGED: readonly Row[] = [
  ['exFAT, a torn file among photos', 'exfat', torn(['Photos', '2026'], otherSize), REPAIR_EXFAT],
  ['exFAT, a torn file beside incoming', 'exfat', torn(['.imagetank'], otherSize), REPAIR_EXFAT],
  ['exFAT, a torn file in another incoming', 'exfat', torn(['incoming'], otherSize), REPAIR_EXFAT],
  ['exFAT, a torn file and other damage', 'exfat', torn(INCOMING, alsoFree), REPAIR_EXFAT],
  ['FAT, two files in the same clusters', 'vfat', fat(16, (image) => image.link(32, 12)), REPAIR_FAT],
  ['FAT32, two files in the same clusters', 'vfat', fat(32, (image) => image.link(32, 12)), REPAIR_FAT],
  ['FAT, a file in clusters that count as free', 'vfat', fat(16, (image) => image.link(12, 0)), REPAIR_FAT],
  [
    'FAT, a long name over the wrong short one',
    'vfat',
    fat(16, (image) => longNameBefore(image, 0x41)),
    REPAIR_FAT,
  ],
  [
    'FAT, a long name that ends too early',
    'vfat',
    fat(16, (image) => longNameBefore(image, 0x42)),
    REPAIR_FAT,
  ],
  ['FAT, a chain that runs in a circle', 'vfat', fat(16, (image) => image.link(15, 11)), REPAIR_FAT],
  [
    'FAT, a folder of garbage',
    'vfat',
    fat(16, (image) => void image.bytes.fill(0x21, image.entry(2), image.entry(6))),
    REPAIR_FAT,
  ],
  ['exFAT, two files in the same clusters', 'exfat', exfat((image) => image.link(31, 21)), REPAIR_EXFAT],
  [
    'exFAT, a file in clusters that count as free',
    'exfat',
    exfat((image) => image.take(21, false)),
    REPAIR_EXFAT,
  ],
  ['exFAT, a chain that ends nowhere', 'exfat', exfat((image) => image.link(21, 0)), REPAIR_EXFAT],
  [
    'exFAT, a bad directory entry',
    'exfat',
    exfat((image) => void image.bytes.fill(7, image.entry(0) + 20, image.entry(0) + 21)),
    REPAIR_EXFAT,
  ],
  ['exFAT, damage behind what does no harm', 'exfat', exfat(harmlessAndHarmful), REPAIR_EXFAT],
  ['exFAT, a bad boot region', 'exfat', exfat((image) => void image.bytes.fill(7, 100, 101)), REPAIR_EXFAT],
  ['ext4, a name without a file', 'ext4', ext('ext4', 3, 'clri folder/first'), REPAIR_EXT],
  ['ext4, used blocks that count as free', 'ext4', ext('ext4', 3, 'freeb 1 2000'), REPAIR_EXT],
  ['ext2, a name without a file', 'ext4', ext('ext2', 0, 'clri folder/first'), REPAIR_EXT],
];

/** A part of a long name, and right behind it a file of another one. */
function longNameBefore(image: FatImage, order: number): void {
  halfLongName(order)(image);
  image.addFile('THIRD   JPG', 3, 50);
}

function harmlessAndHarmful(image: ExfatImage): void {
  resized(image, 900_000);
  image.take(31, false);
}

describe.skipIf(MISSING.length > 0)('a drive', () => {
  describe('that was let go of is not checked', () => {
    it.each(LET_GO_OF)('%s', async (_, fs, make, expected) => {
      expect(await verdict(fs, make)).toBe(expected);
    });
  });

  describe('that lost power is mounted', () => {
    it.each(POWER_CUT)('%s', async (_, fs, make, expected) => {
      expect(await verdict(fs, make)).toBe(expected);
    });
  });

  describe('that is damaged is refused with the command that repairs it', () => {
    it.each(DAMAGED)('%s', async (_, fs, make, expected) => {
      expect(await verdict(fs, make)).toBe(expected);
    });
  });

  it('is not changed by its check', async () => {
    const dir = await folder();
    const image = join(dir, 'image');
    fat(16, (one) => one.link(32, 12))(image);
    let before = Buffer.alloc(0);
    edit(image, (bytes) => {
      before = Buffer.from(bytes);
    });
    evaluate(copyScript({ dir }), `FS=vfat; NODE=${image}; check_drive`);
    edit(image, (bytes) => expect(bytes.equals(before)).toBe(true));
  });
});

describe('a checker', () => {
  /** Enough of a FAT16 to be asked about. */
  const dirty = (path: string) => {
    const bytes = Buffer.alloc(4096);
    bytes[22] = 1;
    bytes[0x25] = 1;
    writeFileSync(path, bytes);
  };
  it.each([
    ['that takes too long does not keep a drive away', 'exec sleep 60', 'mounted'],
    ['that is not installed does not', 'exit 127', 'mounted'],
    ['that is killed for its memory does not', 'kill -9 $$', 'mounted'],
    ['that finds nothing is believed', 'echo anything; exit 0', 'mounted'],
    ['whose words are not known is taken seriously', 'echo "a new sort of trouble"; exit 1', REPAIR_FAT],
    [
      'that cannot read the drive is taken seriously',
      'echo "Got 0 bytes instead of 512"; exit 1',
      REPAIR_FAT,
    ],
    [
      'that says more than can be held is still heard',
      'echo "Bad"; yes "/FILE" | head -n 300000; exit 1',
      REPAIR_FAT,
    ],
  ])('%s', async (_, checker, expected) => {
    expect(await verdict('vfat', dirty, checker)).toBe(expected);
  });
});

describe('HFS+', () => {
  const volume = (attributes: number) => (path: string) => {
    const bytes = Buffer.alloc(4096);
    bytes.writeUInt32BE(attributes, 1028);
    writeFileSync(path, bytes);
  };
  it.each([
    ['let go of', 0x100, 'not asked'],
    ['not let go of', 0, 'no needs-repair sudo fsck.hfsplus -f /dev/sda1'],
    ['inconsistent', 0x900, 'no needs-repair sudo fsck.hfsplus -f /dev/sda1'],
    ['with a journal', 0x2100, 'no read-only Linux does not write HFS+ with a journal: turn it off on a Mac'],
  ])('%s', async (_, attributes, expected) => {
    expect(await verdict('hfsplus', volume(attributes))).toBe(expected);
  });
});
