import type { BoardChoice } from '../../services/board/choice.ts';
import type { Check } from './examine.ts';
import type { Probes } from './probes.ts';

const SETUP = 'sudo imagetank setup service';
const MOUNT_SOCKET = '/run/imagetank-mount.sock';
const SBIN = ['/usr/sbin', '/sbin', '/usr/bin'];
/** Debian 12 and before, Debian 13. */
const POLKIT = ['/usr/lib/polkit-1/polkitd', '/usr/libexec/polkitd'];

/** A file of the service, held against what this version writes. */
export interface FileState {
  readonly path: string;
  readonly change: 'new' | 'changed' | 'unchanged' | 'unreadable';
}

/** What formats cards and drives: the kernel's driver, the checker and its package. `must`: cameras and shops use it. */
const FILE_SYSTEMS = [
  { kernel: 'vfat', checker: 'fsck.vfat', pack: 'dosfstools', must: true },
  { kernel: 'exfat', checker: 'fsck.exfat', pack: 'exfatprogs', must: true },
  { kernel: 'ext4', checker: 'e2fsck', pack: 'e2fsprogs', must: true },
  { kernel: 'ntfs3', checker: 'ntfsfix', pack: 'ntfs-3g', must: false },
  { kernel: 'hfsplus', checker: 'fsck.hfsplus', pack: 'hfsprogs', must: false },
] as const;

/** One line where no service is installed: in the foreground nothing of it is needed. */
export async function examineService(
  probes: Probes,
  files: readonly FileState[],
  board: BoardChoice | null,
): Promise<readonly Check[]> {
  if (files.every(({ change }) => change === 'new' || change === 'unreadable')) {
    return [{ name: 'service', ok: true, found: `no service installed (${SETUP})`, fix: null }];
  }
  return [
    checkFiles(files),
    checkUser(probes),
    await checkMounting(probes),
    checkPolkit(probes),
    checkBoard(board),
    checkLeds(probes),
    checkButton(probes),
    await checkLines(probes),
    ...FILE_SYSTEMS.map((kind) => checkFileSystem(probes, kind)),
    await checkClock(probes),
  ];
}

function checkFiles(files: readonly FileState[]): Check {
  const wrong = files.filter(({ change }) => change === 'new' || change === 'changed');
  const words = wrong.map(({ path, change }) => `${path} ${change === 'new' ? 'is missing' : 'differs'}`);
  const good = `${files.length} files as this version writes them`;
  return {
    name: 'service',
    ok: wrong.length === 0,
    found: words.length === 0 ? good : words.join(', '),
    fix: SETUP,
  };
}

function checkUser(probes: Probes): Check {
  const there = /^imagetank:/m.test(probes.read('/etc/passwd') ?? '');
  return { name: 'user imagetank', ok: there, found: there ? 'there' : 'not there', fix: SETUP };
}

async function checkMounting(probes: Probes): Promise<Check> {
  const answer = await probes.socket(MOUNT_SOCKET);
  const found = {
    answers: 'answers',
    nobody: 'nobody answers',
    'not-permitted': 'for the service only',
  };
  return {
    name: 'mount helper',
    ok: answer !== 'nobody',
    found: `${found[answer]}, ${MOUNT_SOCKET}`,
    fix: 'sudo systemctl enable --now imagetank-mount.socket',
  };
}

function checkPolkit(probes: Probes): Check {
  const there = POLKIT.some((path) => probes.exists(path));
  const found = there ? 'there' : 'not there, the button cannot switch off';
  return { name: 'polkit', ok: there, found, fix: 'sudo apt install polkitd' };
}

function checkBoard(board: BoardChoice | null): Check {
  if (board === null) return { name: 'board', ok: true, found: 'unknown: see configuration', fix: null };
  const fix = board.kind === 'missing' ? board.fix : null;
  const found = board.kind === 'missing' ? board.why : `${board.kind} (${board.why})`;
  return { name: 'board', ok: fix === null, found, fix };
}

/** Not every box has lights of ours: that is no fault. */
function checkLeds(probes: Probes): Check {
  const ours = probes.list('/sys/class/leds').filter((name) => name.startsWith('imagetank'));
  const found = ours.length > 0 ? ours.join(', ') : `none of ours (${SETUP} --board pibrella)`;
  return { name: 'LEDs', ok: true, found, fix: null };
}

function checkButton(probes: Probes): Check {
  const there = (probes.read('/proc/bus/input/devices') ?? '').includes('gpio-keys');
  const found = there ? 'a kernel key' : `none of ours (${SETUP} --board pibrella)`;
  return { name: 'button', ok: true, found, fix: null };
}

async function checkLines(probes: Probes): Promise<Check> {
  const version = await probes.program('gpioset', ['--version']);
  const found = version ?? 'not there, and needed only for --board gpio (sudo apt install gpiod)';
  return { name: 'gpiod', ok: true, found, fix: null };
}

function checkFileSystem(probes: Probes, kind: (typeof FILE_SYSTEMS)[number]): Check {
  const { kernel, checker, pack, must } = kind;
  const driver = probes.kernelHas(kernel);
  const tool = SBIN.some((folder) => probes.exists(`${folder}/${checker}`));
  const lacks = [
    ...(driver ? [] : [`the kernel has no ${kernel}`]),
    ...(tool ? [] : [`no ${checker}${must ? '' : ` (sudo apt install ${pack})`}`]),
  ];
  return {
    name: kernel,
    ok: !must || lacks.length === 0,
    found: lacks.length === 0 ? `kernel and ${checker}` : lacks.join(', '),
    fix: driver ? `sudo apt install ${pack}` : 'use a kernel that has it: sudo apt full-upgrade',
  };
}

/** On the road there is no network: the journal orders by number, and corrects its times once the clock is set. */
async function checkClock(probes: Probes): Promise<Check> {
  const answer = await probes.program('timedatectl', ['show', '--property=NTPSynchronized', '--value']);
  const found =
    answer === null ? 'unknown' : answer === 'yes' ? 'synchronized' : 'not synchronized (needs a network)';
  return { name: 'clock', ok: true, found, fix: null };
}
