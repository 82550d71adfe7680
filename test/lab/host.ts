/** What the lab finds on this machine, and what it misses. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian's kernels of this kind are what the guest runs; the headers say which version. */
const HEADERS_PACKAGE = /^linux-headers-(\d+\.\d+)\S*-amd64$/;

/** A program, and the package that has it. */
const NEEDED = [
  ['qemu-system-x86_64', 'qemu-system-x86'],
  ['mmdebstrap', 'mmdebstrap'],
  ['mke2fs', 'e2fsprogs'],
  ['mkfs.fat', 'dosfstools'],
  ['mcopy', 'mtools'],
  ['busybox', 'busybox-static'],
  ['cpio', 'cpio'],
  ['zstd', 'zstd'],
  ['xz', 'xz-utils'],
  ['depmod', 'kmod'],
  ['make', 'make'],
  ['gcc', 'gcc'],
  ['setpriv', 'util-linux'],
] as const;

export interface Kernel {
  /** As `uname -r` says it. */
  readonly release: string;
  /** Of Debian's package. */
  readonly packageVersion: string;
  /** `6.1` */
  readonly series: string;
}

export interface Host {
  readonly kernel: Kernel;
  /** Debian's code name, of this machine and so of the guest. */
  readonly suite: string;
  readonly qemuVersion: string;
  readonly nodePath: string;
}

export type Look = { readonly host: Host } | { readonly missing: string };

export function lookAtHost(): Look {
  if (process.platform !== 'linux' || process.arch !== 'x64') return { missing: 'Linux on x64' };
  if (!existsSync('/etc/debian_version')) return { missing: 'Debian' };
  const kernel = newestHeaders();
  const packages: string[] = NEEDED.filter(([program]) => find(program) === null).map(([, name]) => name);
  if (kernel === null) packages.push('linux-headers-amd64');
  if (packages.length > 0) return { missing: `apt-get install ${packages.join(' ')}` };
  if (process.getuid?.() !== 0)
    return { missing: 'root (the guest is installed with the rights of its owner)' };
  return {
    host: {
      kernel: kernel as Kernel,
      suite: /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '',
      qemuVersion:
        execFileSync('qemu-system-x86_64', ['--version'], { encoding: 'utf8' }).split('\n')[0] ?? '',
      nodePath: realpathSync(process.execPath),
    },
  };
}

function find(program: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, program)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function newestHeaders(): Kernel | null {
  try {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
    const format = '${db:Status-Abbrev} ${Package} ${Version}\\n';
    const args = ['-W', '-f', format, 'linux-headers-*-amd64'];
    return newestKernel(execFileSync('dpkg-query', args, { encoding: 'utf8', stdio: 'pipe' }));
  } catch {
    return null;
  }
}

/** From lines `ii  linux-headers-6.1.0-56-amd64 6.1.192-2`; null when none is installed. */
export function newestKernel(dpkgLines: string): Kernel | null {
  const kernels = dpkgLines.split('\n').flatMap((line): Kernel[] => {
    const [status, name = '', packageVersion = ''] = line.trim().split(/\s+/);
    const series = HEADERS_PACKAGE.exec(name)?.[1];
    if (status !== 'ii' || series === undefined) return [];
    return [{ release: name.slice('linux-headers-'.length), packageVersion, series }];
  });
  const byVersion = new Intl.Collator('en', { numeric: true });
  return kernels.sort((a, b) => byVersion.compare(b.packageVersion, a.packageVersion))[0] ?? null;
}
