import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FsPictureCache } from '../../adapters/fs/picture-cache.ts';
import { MemoryPictureCache, MemoryPictureMaker } from '../../adapters/memory/memory-pictures.ts';
import { openNodeWorker } from '../../adapters/node/worker.ts';
import { createPictureMaker } from '../../adapters/sharp/picture-maker.ts';
import type { RelativePath } from '../../machines/ids.ts';
import { buildPictureWorker, Darkroom, flag } from '../sharp/kit.ts';
import { pictureCacheContract } from './picture-cache.contract.ts';
import { pictureMakerContract } from './picture-maker.contract.ts';

pictureCacheContract('in a folder', async () => {
  const root = await mkdtemp(join(tmpdir(), 'imagetank-pictures-'));
  return {
    cache: new FsPictureCache({ folder: join(root, 'pictures'), minFreeBytes: 0 }),
    write: (path) => writeFile(path, 'a picture'),
    cleanUp: () => rm(root, { recursive: true }),
  };
});
pictureCacheContract('in memory', async () => ({
  cache: new MemoryPictureCache(),
  write: async () => undefined,
  cleanUp: async () => undefined,
}));

pictureMakerContract('by sharp', async () => {
  const worker = await buildPictureWorker();
  const room = new Darkroom();
  await flag().jpeg().toFile(room.path('IMG_1.JPG'));
  writeFileSync(room.path('IMG_2.JPG'), 'no photo');
  const source = (name: string) => room.source(name);
  return {
    maker: createPictureMaker({ open: openNodeWorker, workerPath: worker.workerPath }),
    good: source('IMG_1.JPG'),
    bad: source('IMG_2.JPG'),
    into: room.into,
    isThere: () => existsSync(room.into),
    take: () => rmSync(room.into, { force: true }),
    cleanUp: async () => {
      worker.remove();
      room.clear();
    },
  };
});
pictureMakerContract('in memory', async () => {
  const source = (name: string) => ({
    ...{ root: '/d', path: name as RelativePath, name },
    ...{ sizeBytes: 7, mtimeMs: 0 },
  });
  const maker = new MemoryPictureMaker();
  // Each is finished as its name says, as soon as it is begun.
  const made = maker.made;
  made.push = (...lines: string[]) => {
    queueMicrotask(() => maker.finish(lines[0]?.includes('good') === true ? 'made' : 'failed'));
    return lines.length;
  };
  return {
    maker,
    good: source('good'),
    bad: source('bad'),
    into: '/cache/making',
    isThere: () => null,
    take: () => undefined,
    cleanUp: async () => undefined,
  };
});
