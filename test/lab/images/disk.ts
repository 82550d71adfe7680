import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '../process.ts';
import {
  type FileSystem,
  partitionTable,
  SECTOR_BYTES,
  START_BYTES,
  START_SECTOR,
} from './partition-table.ts';

/** When nothing else is said: a day that the `dated` layout can be asked for. */
const TAKEN = new Date('2026-11-21T10:00:00Z');

export type Files = Readonly<Record<string, Buffer>>;

export interface DiskSpec {
  readonly fileSystem: FileSystem;
  readonly label: string;
  readonly sizeMb: number;
  /** 32 bits: PARTUUID, and on vfat the volume's own id. */
  readonly signature?: number;
  readonly files?: Files;
  /** Of all files. */
  readonly modified?: Date;
}

const MEGABYTE = 1 << 20;

/** A sparse file: it takes no room until something is written. */
export function blank(path: string, bytes: number): void {
  const file = openSync(path, 'w');
  ftruncateSync(file, bytes);
  closeSync(file);
}

/** A blank disk with its partition table. */
export function partitioned(path: string, { fileSystem, sizeMb, signature = 0xcafe0001 }: DiskSpec): void {
  blank(path, sizeMb * MEGABYTE);
  const file = openSync(path, 'r+');
  writeSync(file, partitionTable(fileSystem, sizeMb * MEGABYTE, signature), 0, 512, 0);
  closeSync(file);
}

/** A disk with a file system and files, made without mounting anything: vfat and ext4 have tools for that. */
export async function makeDisk(path: string, spec: DiskSpec): Promise<void> {
  if (spec.fileSystem !== 'vfat' && spec.fileSystem !== 'ext4') {
    throw new Error(`${spec.fileSystem} can only be filled by a kernel: see guest-made.ts`);
  }
  partitioned(path, spec);
  const tree = `${path}.tree`;
  try {
    writeTree(tree, spec);
    if (spec.fileSystem === 'vfat') await makeVfat(path, spec, tree);
    else await makeExt4(path, spec, tree);
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

/** Files as they will be on the disk, in a folder. */
export function writeTree(
  tree: string,
  { files = {}, modified = TAKEN }: Pick<DiskSpec, 'files' | 'modified'>,
): void {
  mkdirSync(tree, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const path = join(tree, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    utimesSync(path, modified, modified);
  }
}

async function makeVfat(
  path: string,
  { label, sizeMb, files = {}, signature = 0xcafe0001 }: DiskSpec,
  tree: string,
): Promise<void> {
  const kibs = String((sizeMb - 1) * 1024);
  const id = signature.toString(16).padStart(8, '0');
  await run('mkfs.fat', ['-F', '32', '-n', label, '-i', id, '--offset', String(START_SECTOR), path, kibs]);
  const tops = [...new Set(Object.keys(files).map((name) => name.split('/')[0] ?? name))];
  if (tops.length === 0) return;
  // -m keeps times; FAT keeps them as local time without a zone, and the guest mounts with tz=UTC.
  const env = { MTOOLS_SKIP_CHECK: '1', TZ: 'UTC' };
  await run(
    'mcopy',
    ['-s', '-m', '-i', `${path}@@${START_BYTES}`, ...tops.map((top) => join(tree, top)), '::/'],
    {
      env,
    },
  );
}

async function makeExt4(path: string, { label, sizeMb }: DiskSpec, tree: string): Promise<void> {
  const options = ['-t', 'ext4', '-m', '0', '-L', label, '-E', `offset=${START_BYTES},root_owner=0:0`];
  await run('mke2fs', ['-q', ...options, '-d', tree, path, `${(sizeMb - 1) * 1024}k`]);
}

/** Where a file's bytes begin on a disk, in sectors, if they lie there in one piece. Throws when they do not. */
export function sectorOf(image: string, content: Buffer): number {
  const at = readFileSync(image).indexOf(content);
  if (at < 0 || at % SECTOR_BYTES !== 0) throw new Error(`the file does not lie in one piece in ${image}`);
  return at / SECTOR_BYTES;
}
