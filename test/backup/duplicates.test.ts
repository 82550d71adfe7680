import { expect, test } from 'vitest';
import { driveId, relativePath } from '../../machines/ids.ts';
import { type DuplicateContext, findTogether, type ReadMember } from '../../services/backup/duplicates.ts';
import type { Source } from '../../services/backup/source.ts';
import type { DriveStore } from '../../services/media-ports.ts';
import type { Catalogue, Copy } from '../../services/ports.ts';

const copy = (to: string, sizeBytes: number): Copy => ({
  driveId: driveId('d'),
  to: relativePath(to),
  sizeBytes,
  xxh64: `hash of ${sizeBytes}`,
  toMtimeMs: 0,
  state: 'verified',
  verifiedFrom: 'medium',
  backupId: null,
});

const member = (path: string, sizeBytes: number): ReadMember => ({
  file: { kind: 'file', path: relativePath(path), sizeBytes, mtimeMs: 0 },
  content: {
    sizeBytes,
    mtimeMs: 0,
    file: `1:${path}`,
    xxh64: `hash of ${sizeBytes}`,
    headXxh64: '',
    beginsBlank: false,
  },
});

/** Every copy lies as recorded; `asked` are the sizes that were searched for, `looked` the paths looked at. */
function drive(copies: readonly Copy[]) {
  const asked: number[] = [];
  const looked: string[] = [];
  const catalogue: Partial<Catalogue> = {
    findContent: (_, sizeBytes) => {
      asked.push(sizeBytes);
      return copies.filter((each) => each.sizeBytes === sizeBytes);
    },
    copyAt: (_, to) => copies.find((each) => each.to === to) ?? null,
  };
  const store: Partial<DriveStore> = {
    drive: { id: driveId('d'), fsType: 'ext4' } as DriveStore['drive'],
    rules: { maxFileBytes: null, restrictedNames: false, verifiedFrom: 'medium' },
    stat: async (path) => {
      looked.push(path);
      const found = copies.find(({ to }) => to === path);
      return found === undefined ? null : { sizeBytes: found.sizeBytes, mtimeMs: 0, file: `2:${path}` };
    },
  };
  const context: DuplicateContext = {
    catalogue: catalogue as Catalogue,
    store: store as DriveStore,
    source: { check: () => undefined } as Source,
    claim: () => true,
    onReadBack: () => undefined,
    onLost: async () => undefined,
  };
  return { context, asked, looked };
}

const tos = (found: Awaited<ReturnType<typeof findTogether>>) => found?.map(({ to }) => to) ?? null;

test('the rest of a shot is looked for under its own names first: its sidecar may lie anywhere', async () => {
  const shot = [member('DCIM/IMG_1.CR2', 900), member('DCIM/IMG_1.CR2.xmp', 5)];
  const { context, asked } = drive([
    copy('Photos/a/IMG_7.xmp', 5),
    copy('Photos/a/IMG_1_2.CR2', 900),
    copy('Photos/a/IMG_1_2.CR2.xmp', 5),
  ]);
  expect(tos(await findTogether(shot, null, context))).toEqual([
    'Photos/a/IMG_1_2.CR2',
    'Photos/a/IMG_1_2.CR2.xmp',
  ]);
  expect(asked).toEqual([900]);
});

test('then under any other name, in the same folder', async () => {
  const shot = [member('IMG_1.JPG', 900), member('IMG_1.xmp', 5)];
  const { context } = drive([
    copy('Photos/b/x.xmp', 5),
    copy('Photos/a/renamed.JPG', 900),
    copy('Photos/a/other.xmp', 5),
  ]);
  expect(tos(await findTogether(shot, null, context))).toEqual([
    'Photos/a/renamed.JPG',
    'Photos/a/other.xmp',
  ]);
});

test('folder after folder, until one has all of it', async () => {
  const shot = [member('IMG_1.xmp', 5), member('IMG_1.JPG', 900)];
  const { context } = drive([
    copy('Photos/a/IMG_1.JPG', 900),
    copy('Photos/b/IMG_1.JPG', 900),
    copy('Photos/b/IMG_1.xmp', 5),
    copy('Photos/c/IMG_1.xmp', 5),
  ]);
  expect(tos(await findTogether(shot, null, context))).toEqual(['Photos/b/IMG_1.xmp', 'Photos/b/IMG_1.JPG']);
});

test('a manifest may claim files at the top of the drive', async () => {
  const shot = [member('IMG_1.JPG', 900), member('IMG_1.xmp', 5)];
  const { context } = drive([copy('IMG_1.JPG', 900), copy('IMG_1.xmp', 5)]);
  expect(tos(await findTogether(shot, null, context))).toEqual(['IMG_1.JPG', 'IMG_1.xmp']);
});

test('chapters of a video that have other names are looked for in a folder of 10,000 names at most', async () => {
  const [first, second] = [member('GX010001.MP4', 900), member('GX020001.MP4', 800)];
  const { context } = drive([copy('Photos/a/pimg_000001.mp4', 900), copy('Photos/a/pimg_000002.mp4', 800)]);
  const film = { others: [second.file], folder: relativePath('Photos/b') };
  const among = async (more: number) => {
    const names = ['pimg_000002.mp4', ...Array.from({ length: more }, (_, n) => `${n}.JPG`)];
    const statAll: DriveStore['statAll'] = async (paths) =>
      paths.map((path) => ({ sizeBytes: 800, mtimeMs: 0, file: `2:${path}` }));
    const store = { ...context.store, list: async () => names, statAll } as DriveStore;
    return tos(await findTogether([first], null, { ...context, store }, film));
  };
  expect(await among(9_999)).toEqual(['Photos/a/pimg_000001.mp4']);
  expect(await among(10_000)).toBeNull();
});

test('in one folder, name after name, as far as the catalogue knows any', async () => {
  const shot = [member('IMG_1.JPG', 900)];
  const only = relativePath('Photos/a');
  const copies = [
    copy('Photos/a/IMG_1.JPG', 1),
    copy('Photos/a/IMG_1_2.JPG', 2),
    copy('Photos/a/IMG_1_3.JPG', 900),
  ];
  expect(tos(await findTogether(shot, only, drive(copies).context))).toEqual(['Photos/a/IMG_1_3.JPG']);
  expect(await findTogether(shot, only, drive(copies.slice(0, 2)).context)).toBeNull();
});

test('at most 64 places are tried', async () => {
  const shot = [member('IMG_1.JPG', 900), member('IMG_1.xmp', 5)];
  const many = Array.from({ length: 65 }, (_, n) => copy(`Photos/${n}/IMG_1.JPG`, 900));
  const inLast = drive([...many, copy('Photos/64/IMG_1.xmp', 5)]);
  expect(await findTogether(shot, null, inLast.context)).toBeNull();
  const inLastButOne = drive([...many, copy('Photos/63/IMG_1.xmp', 5)]);
  expect(tos(await findTogether(shot, null, inLastButOne.context))).toEqual([
    'Photos/63/IMG_1.JPG',
    'Photos/63/IMG_1.xmp',
  ]);
  expect(inLastButOne.looked).toHaveLength(2);
});

test('nothing read is nowhere', async () => {
  expect(await findTogether([], null, drive([]).context)).toBeNull();
});
