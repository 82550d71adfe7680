import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { run } from '../process.ts';
import { BOARD_MODULES } from './board.ts';
import { moduleFiles } from './kernel.ts';
import { BOOT_MODULES, LOADED } from './modules.ts';

/** Sparse: only what is in it takes room on the host. */
const ROOT_SIZE = '700M';
const UNITS = 'etc/systemd/system';

/** Slow when emulated, or without a meaning in a machine that is thrown away. */
const MASKED = [
  ...['getty.target', 'serial-getty@ttyS0.service', 'apt-daily.timer', 'apt-daily-upgrade.timer'],
  ...['dpkg-db-backup.timer', 'e2scrub_all.timer', 'e2scrub_reap.service', 'fstrim.timer'],
  ...['systemd-update-utmp.service', 'systemd-pstore.service', 'systemd-random-seed.service'],
  ...['systemd-firstboot.service', 'systemd-timesyncd.service', 'systemd-journal-flush.service'],
] as const;

export interface GuestParts {
  readonly release: string;
  /** Folders of the stages before. */
  readonly base: string;
  readonly kernel: string;
  readonly board: string;
  /** Files of the repository that go into the guest. */
  readonly files: string;
  /** The agent, bundled into one file. */
  readonly agent: string;
}

/** Leaves `root.img` and `initrd.img`. */
export async function makeGuest(parts: GuestParts, dir: string): Promise<void> {
  const root = join(dir, 'root');
  // Hard links: nothing below may be written in place, only replaced.
  await run('cp', ['-al', join(parts.base, 'root'), root]);
  await addModules(parts, root);
  addFiles(parts, root);
  addSettings(root);
  const options = ['-O', '^has_journal', '-E', 'lazy_itable_init=1', '-m', '0'];
  await run('mke2fs', ['-q', '-t', 'ext4', ...options, '-d', root, join(dir, 'root.img'), ROOT_SIZE]);
  await makeInitramfs(parts, root, dir);
  rmSync(root, { recursive: true });
}

async function addModules({ kernel, board, release }: GuestParts, root: string): Promise<void> {
  cpSync(join(kernel, 'lib', 'modules'), join(root, 'usr', 'lib', 'modules'), { recursive: true });
  const extra = join(root, 'usr', 'lib', 'modules', release, 'extra');
  mkdirSync(extra);
  for (const module of BOARD_MODULES) cpSync(join(board, module), join(extra, module));
  await run('depmod', ['-b', root, release]);
}

function addFiles({ files, agent }: GuestParts, root: string): void {
  const place = join(root, 'usr', 'lib', 'lab');
  mkdirSync(place);
  cpSync(agent, join(place, 'agent.mjs'));
  cpSync(join(files, 'gpio-chip.sh'), join(place, 'gpio-chip.sh'));
  const atEnd = join(root, 'usr', 'lib', 'systemd', 'system-shutdown', 'lab-lights');
  cpSync(join(files, 'lights-at-end.sh'), atEnd);
  chmodSync(atEnd, 0o755);
  const unit = 'lab-agent.service';
  cpSync(join(files, unit), join(root, UNITS, unit));
  mkdirSync(join(root, UNITS, 'basic.target.wants'), { recursive: true });
  symlinkSync(`../${unit}`, join(root, UNITS, 'basic.target.wants', unit));
}

function addSettings(root: string): void {
  for (const unit of MASKED) link('/dev/null', join(root, UNITS, unit));
  link('/lib/systemd/system/multi-user.target', join(root, UNITS, 'default.target'));
  replace(join(root, 'etc', 'machine-id'), `${'0123456789abcdef'.repeat(2)}\n`);
  replace(join(root, 'etc', 'hostname'), 'lab\n');
  replace(join(root, 'etc', 'hosts'), '127.0.0.1 localhost lab\n');
  replace(join(root, 'etc', 'fstab'), '');
  // Built into a Pi's kernel; Debian's loads them for nobody.
  replace(join(root, 'etc', 'modules-load.d', 'lab.conf'), `${LOADED.join('\n')}\n`);
  // The snapshot is restored at another time of day than it was taken.
  replace(
    join(root, 'etc', 'systemd', 'journald.conf'),
    '[Journal]\nStorage=volatile\nForwardToConsole=no\n',
  );
}

function replace(path: string, text: string): void {
  rmSync(path, { force: true });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function link(target: string, path: string): void {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}

async function makeInitramfs({ files, release }: GuestParts, root: string, dir: string): Promise<void> {
  const tree = join(dir, 'initramfs');
  for (const folder of ['bin', 'dev', 'proc', 'sys', 'newroot', 'lib/modules']) {
    mkdirSync(join(tree, folder), { recursive: true });
  }
  const order: string[] = [];
  for (const file of await moduleFiles(root, release, BOOT_MODULES)) {
    cpSync(file, join(tree, 'lib', 'modules', basename(file)));
    order.push(basename(file));
  }
  writeFileSync(join(tree, 'order'), `${order.join('\n')}\n`);
  cpSync((await run('which', ['busybox'])).trim(), join(tree, 'bin', 'busybox'));
  cpSync(join(files, 'initramfs-init'), join(tree, 'init'));
  chmodSync(join(tree, 'init'), 0o755);
  const names = readdirSync(tree, { recursive: true, encoding: 'utf8' }).sort();
  await run('cpio', ['-o', '-H', 'newc', '--quiet', '-R', '0:0'], {
    cwd: tree,
    input: ['.', ...names].join('\n'),
    outputFile: join(dir, 'initrd.img'),
  });
  rmSync(tree, { recursive: true });
}
