import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../host.ts';
import { makeBase, PACKAGES } from './base.ts';
import { BOARD_MODULES, buildBoard, fetchSources } from './board.ts';
import type { Cache } from './cache.ts';
import { makeGuest } from './guest.ts';
import { makeKernel } from './kernel.ts';
import { keyOf, keyOfFiles, keyOfFolder } from './key.ts';

/** What a guest is started from. */
export interface Parts {
  readonly vmlinux: string;
  readonly initrd: string;
  readonly root: string;
  /** Of these very files, with this QEMU: what was saved of a running guest is good for them only. */
  readonly id: string;
}

export interface Places {
  /** The repository. */
  readonly project: string;
  /** The agent, bundled. */
  readonly agent: string;
}

/** Builds what is not in the cache yet: kernel, board modules and Debian at the same time, then the images. */
export async function buildParts(cache: Cache, host: Host, { project, agent }: Places): Promise<Parts> {
  const scripts = (...names: string[]): string =>
    keyOfFiles(names.map((name) => join(project, 'test', 'lab', 'build', `${name}.ts`)));
  const files = join(project, 'test', 'lab', 'guest');
  const version = JSON.stringify(host.kernel);
  const kernelKey = keyOf([version, scripts('kernel', 'modules')]);
  const sourcesKey = keyOf([version, scripts('board')]);
  const boardKey = keyOf([sourcesKey, keyOfFolder(join(files, 'board')), BOARD_MODULES.join()]);
  const baseKey = keyOf([host.suite, process.version, PACKAGES.join(), scripts('base')]);
  const [kernel, base, board] = await Promise.all([
    cache.stage('kernel', kernelKey, (dir) => makeKernel(host.kernel, dir)),
    cache.stage('base', baseKey, (dir) => makeBase(host, dir)),
    cache
      .stage('sources', sourcesKey, (dir) => fetchSources(host.kernel, dir))
      .then((sources) =>
        cache.stage('board', boardKey, (dir) => buildBoard(host.kernel, sources.dir, files, dir)),
      ),
  ]);
  const key = keyOf([kernelKey, baseKey, boardKey, guestFilesKey(files, agent), scripts('guest', 'modules')]);
  const guest = await cache.stage('guest', key, async (dir) => {
    await makeGuest(
      {
        release: host.kernel.release,
        base: base.dir,
        kernel: kernel.dir,
        board: board.dir,
        files,
        agent,
      },
      dir,
    );
    copyFileSync(join(kernel.dir, 'vmlinux'), join(dir, 'vmlinux'));
  });
  return {
    vmlinux: join(guest.dir, 'vmlinux'),
    initrd: join(guest.dir, 'initrd.img'),
    root: join(guest.dir, 'root.img'),
    id: keyOf([guest.id, host.qemuVersion]),
  };
}

const guestFilesKey = (files: string, agent: string): string =>
  keyOfFiles([
    agent,
    ...['gpio-chip.sh', 'initramfs-init', 'lab-agent.service', 'lights-at-end.sh'].map((name) =>
      join(files, name),
    ),
  ]);
