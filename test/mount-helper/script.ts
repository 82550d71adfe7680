/**
 * The helper script on a machine of our own. Where it looks is fixed by constants at its top, so that nobody who asks can
 * choose them: the tests run a copy in which these lines, and the path of its tools, are replaced. All else is the script.
 */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';

export const SCRIPT = 'adapters/systemd/imagetank-mount';

/** Limits of a test; everything else is as in production unless a test says so. */
const CONSTANTS = {
  OWNER: userInfo().username,
  READ_S: '1',
  LOCK_S: '10',
  CHECK_S: '10',
  SYNC_S: '10',
  BUSY_TRIES: '3',
  BUSY_PAUSE_S: '0.01',
};

export interface CopyOptions {
  /** Holds `sys`, `dev`, `media`, … and the copy itself. */
  readonly dir: string;
  readonly constants?: Readonly<Record<string, string>>;
  /** Tools that stand in for the machine's. */
  readonly tools?: string;
}

/** Writes the copy and returns its path. Fails when a constant is not there exactly once. */
export function copyScript({ dir, constants = {}, tools }: CopyOptions): string {
  const values = {
    SYS: join(dir, 'sys'),
    FSTAB: join(dir, 'fstab'),
    MEDIA: join(dir, 'media'),
    RUN_MEDIA: join(dir, 'run-media'),
    RUN: join(dir, 'run'),
    ...CONSTANTS,
    ...(tools === undefined ? {} : { PATH: `${tools}:/usr/sbin:/usr/bin:/sbin:/bin` }),
    ...constants,
  };
  let text = readFileSync(SCRIPT, 'utf8');
  for (const [name, value] of Object.entries(values)) {
    const line = new RegExp(`^${name}=.*$`, 'gm');
    if (text.match(line)?.length !== 1) throw new Error(`${SCRIPT} has not one line ${name}=`);
    text = text.replace(line, () => `${name}=${value}`);
  }
  const path = join(dir, 'imagetank-mount');
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  for (const folder of ['sys/class/block', 'sys/dev/block', 'media', 'run-media']) {
    mkdirSync(join(dir, folder), { recursive: true });
  }
  writeFileSync(join(dir, 'fstab'), '');
  return path;
}

/** One request, as the socket unit makes it: a line on standard input, an answer on standard output. */
export function request(command: readonly string[], input: string | Buffer): Promise<string> {
  const [file = '', ...args] = command;
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stdin.on('error', () => undefined);
  // Left open, as the daemon leaves its connection.
  child.stdin.write(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      child.stdin.destroy();
      resolve(Buffer.concat(output).toString('utf8'));
    });
  });
}

/** Runs functions of the copy without a request: `code` after everything but its last line, which is the call of `main`. */
export function evaluate(script: string, code: string): string {
  const functions = readFileSync(script, 'utf8').replace(/\nmain\n$/, '\n');
  const setUp = 'NAME=sda1; OWNER_UID=990; OWNER_GID=991; exec 3>&1; exec 2>/dev/null';
  const { stdout, status } = spawnSync('sh', ['-c', `${functions}\n${setUp}\n${code}`], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout : `${stdout}[exit ${status}]`;
}

export interface FakeDisk {
  /** Kernel name of the volume, and of its disk where that is another. */
  readonly name: string;
  readonly disk?: string;
  /** `8:1` */
  readonly number: string;
  /** Where the disk hangs. Default a USB port. */
  readonly bus?: string;
  readonly diskseq?: string | null;
  readonly removable?: boolean;
  readonly readOnly?: boolean;
  /** `SD` or `MMC` in a slot for cards. */
  readonly type?: string;
  /** False: no hardware behind it, as with loop devices. */
  readonly hardware?: boolean;
  readonly holders?: readonly string[];
  readonly slaves?: readonly string[];
}

const USB = 'devices/pci0000:00/usb1/1-1/1-1:1.0/host0/target0:0:0/0:0:0:0';

/** Shows a disk and one volume on it below a folder that stands for `/sys`. */
export function plug(dir: string, disk: FakeDisk): void {
  const { name, bus = USB, diskseq = '17', removable = false, readOnly = false, hardware = true } = disk;
  const sys = join(dir, 'sys');
  const diskName = disk.disk ?? name;
  const diskDir = join(sys, bus, 'block', diskName);
  const volumeDir = diskName === name ? diskDir : join(diskDir, name);
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${text}\n`);
  };
  if (diskseq !== null) put(join(diskDir, 'diskseq'), diskseq);
  put(join(diskDir, 'removable'), removable ? '1' : '0');
  if (hardware) put(join(diskDir, 'device/type'), disk.type ?? '0');
  if (volumeDir !== diskDir) put(join(volumeDir, 'partition'), '1');
  put(join(volumeDir, 'dev'), disk.number);
  put(join(volumeDir, 'ro'), readOnly ? '1' : '0');
  for (const holder of disk.holders ?? []) put(join(volumeDir, 'holders', holder), '');
  for (const slave of disk.slaves ?? []) {
    mkdirSync(join(volumeDir, 'slaves'), { recursive: true });
    symlinkSync(join(sys, 'class/block', slave), join(volumeDir, 'slaves', slave));
  }
  const links: readonly (readonly [string, string])[] = [
    [join(sys, 'class/block', name), volumeDir],
    [join(sys, 'dev/block', disk.number), volumeDir],
    ...(diskName === name ? [] : [[join(sys, 'class/block', diskName), diskDir] as const]),
  ];
  for (const [link, to] of links) spawnSync('ln', ['-sfn', to, link]);
}

/** The kernel takes the volume away. */
export function unplug(dir: string, { name, number }: Pick<FakeDisk, 'name' | 'number'>): void {
  spawnSync('rm', ['-f', join(dir, 'sys/class/block', name), join(dir, 'sys/dev/block', number)]);
}
