import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../host.ts';
import { run } from '../process.ts';

/** What the guest has beside Debian's required packages. */
export const PACKAGES = [
  ...['systemd-sysv', 'dbus', 'polkitd', 'udev', 'kmod', 'mount', 'util-linux', 'procps'],
  ...['gpiod', 'usbutils', 'libusb-1.0-0', 'libstdc++6', 'libatomic1'],
  ...['dosfstools', 'exfatprogs', 'e2fsprogs', 'btrfs-progs', 'ntfs-3g', 'fdisk'],
] as const;

/** The suite as this machine's apt has it, with updates and security: the lab knows no mirror of its own. */
const SOURCES_FORMAT = '$(ORIGIN) deb $(REPO_URI) $(RELEASE) $(COMPONENT)';

/** Leaves `root`, Debian as debootstrap makes it with this machine's node in it. */
export async function makeBase(host: Host, dir: string): Promise<void> {
  const root = join(dir, 'root');
  const targets = await run('apt-get', ['indextargets', '--format', SOURCES_FORMAT, 'Created-By: Packages']);
  const sources = sourcesOf(targets, host.suite);
  if (sources.length === 0) throw new Error(`apt knows no Debian ${host.suite}: run apt-get update`);
  const options = [
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=APT::Install-Recommends "false"',
    '--aptopt=Acquire::Check-Valid-Until "false"',
    ...['doc', 'man', 'locale', 'info'].map((folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`),
  ];
  await run(
    'unshare',
    [
      // Mounts and processes of its own: nothing of it is left in this system, not even when it is killed.
      ...['--mount', '--pid', '--fork', '--kill-child=KILL', '--mount-proc', 'mmdebstrap'],
      ...['--quiet', '--variant=minbase', '--mode=root', '--format=directory'],
      ...[`--include=${PACKAGES.join(',')}`, ...options, host.suite, root, '-'],
    ],
    { input: `${sources.join('\n')}\n` },
  );
  cpSync(host.nodePath, join(root, 'usr', 'bin', 'node'));
}

/** Lines for sources.list of Debian's main part, from `apt-get indextargets` lines that begin with the origin. */
export function sourcesOf(targets: string, suite: string): string[] {
  const lines = targets.split('\n').flatMap((line) => {
    const [origin, kind, uri, release = '', component] = line.split(' ');
    const ours = origin === 'Debian' && component === 'main';
    return ours && (release === suite || release.startsWith(`${suite}-`))
      ? [[kind, uri, release, component].join(' ')]
      : [];
  });
  return [...new Set(lines)];
}
