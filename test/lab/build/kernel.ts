import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Kernel } from '../host.ts';
import { run } from '../process.ts';
import { filesToLoad, ROOT_MODULES } from './modules.ts';

const XZ_MAGIC = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);

/** The package of a version, in a folder, through this machine's own apt. Gives the path of the file. */
export async function download(name: string, version: string, dir: string): Promise<string> {
  await run('apt-get', ['download', '-q', `${name}=${version}`], { cwd: dir });
  const file = readdirSync(dir).find((entry) => entry.startsWith(`${name}_`) && entry.endsWith('.deb'));
  if (file === undefined) throw new Error(`apt-get download ${name} left no file`);
  return join(dir, file);
}

/** Leaves `vmlinux` and `lib/modules/RELEASE` with the modules of the list and what they need. */
export async function makeKernel(kernel: Kernel, dir: string): Promise<void> {
  const whole = join(dir, 'whole');
  mkdirSync(whole);
  const deb = await download(`linux-image-${kernel.release}`, kernel.packageVersion, dir);
  await run('dpkg-deb', ['-x', deb, whole]);
  rmSync(deb);
  await unpackImage(join(whole, 'boot', `vmlinuz-${kernel.release}`), join(dir, 'vmlinux'));
  await run('depmod', ['-b', whole, kernel.release]);
  const modules = join('lib', 'modules', kernel.release);
  for (const file of await moduleFiles(whole, kernel.release, ROOT_MODULES)) {
    const to = join(dir, relative(whole, file));
    mkdirSync(dirname(to), { recursive: true });
    cpSync(file, to);
  }
  for (const list of ['modules.order', 'modules.builtin', 'modules.builtin.modinfo']) {
    cpSync(join(whole, modules, list), join(dir, modules, list));
  }
  rmSync(whole, { recursive: true });
}

/** Uncompressed: QEMU starts it through PVH, without the decompressor, which is slow when emulated. */
async function unpackImage(bzImage: string, vmlinux: string): Promise<void> {
  const bytes = readFileSync(bzImage);
  const start = bytes.indexOf(XZ_MAGIC);
  if (start < 0) throw new Error(`${bzImage} is not compressed with xz`);
  writeFileSync(`${vmlinux}.xz`, bytes.subarray(start));
  // The kernel's own trailer follows the stream.
  await run('xz', ['-dq', '--single-stream', `${vmlinux}.xz`]);
}

/** Files below a root that loading these modules needs, in the order of loading. Throws when a module is not there. */
export async function moduleFiles(
  root: string,
  release: string,
  modules: readonly string[],
): Promise<string[]> {
  const shown: string[] = [];
  for (const module of modules) {
    shown.push(await run('modprobe', ['-S', release, '-d', root, '--show-depends', module]));
  }
  return filesToLoad(shown.join('\n'));
}
