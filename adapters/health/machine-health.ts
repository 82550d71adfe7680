import { statfs } from 'node:fs/promises';
import type { AskedDisk, HealthSource, Reading } from '../../services/health/ports.ts';
import { deviceOfFolder, diskOfDevice, diskOfNode } from './disks.ts';
import { findSensors, readSensors, type Sensors } from './sensors.ts';
import { parseSmart, smartctlArguments } from './smart.ts';
import { parseThrottled, powerOf, throttlingOf } from './throttled.ts';
import { type RunTool, Tools } from './tools.ts';

export interface MachineHealthOptions {
  /** Whose disk is watched. */
  readonly stateDir: string;
  /** One line for the log; said once. */
  readonly onUnavailable: (text: string) => void;
  /** Default `/sys`. */
  readonly sys?: string;
  readonly tools?: { readonly run: RunTool; stop(): Promise<void> };
  /** Degrees Celsius where `/sys` has no thermal zone; null when that cannot be told either. Default: systeminformation. */
  readonly otherTemperature?: () => Promise<number | null>;
}

/** Health of this machine: of a Raspberry Pi all of it, of others what they tell. */
export function createMachineHealth(options: MachineHealthOptions): HealthSource {
  const { stateDir, sys = '/sys', tools = new Tools(), otherTemperature = askLibrary } = options;
  let sensors: Sensors | null = null;
  let toldAboutSmart = false;
  // What was not there the first time is not asked for every 30 s: each time costs a process.
  let hasLibrary = true;
  let hasFirmware = true;

  const slowTemperature = async (): Promise<readonly Reading[]> => {
    if (sensors?.zones.length !== 0 || !hasLibrary) return [];
    const celsius = await otherTemperature();
    hasLibrary = celsius !== null;
    return celsius === null ? [] : [{ check: 'temperature', celsius }];
  };

  /** Two readings in one process, for kernels that show neither in `/sys`. */
  const askFirmware = async (): Promise<readonly Reading[]> => {
    if (sensors === null || sensors.throttled !== null || !hasFirmware) return [];
    const word = parseThrottled((await tools.run('vcgencmd', ['get_throttled'])) ?? '');
    hasFirmware = word !== null;
    if (word === null) return [];
    return sensors.alarm === null ? [powerOf(word), throttlingOf(word)] : [throttlingOf(word)];
  };

  const askDisk = async ({ subject, node }: AskedDisk): Promise<readonly Reading[]> => {
    const disk = await diskOfNode(sys, node);
    const output = await tools.run('smartctl', smartctlArguments(disk));
    const found = output === null ? null : parseSmart(output);
    if (found !== null) return [{ check: 'disk', subject, ...found }];
    // Not installed is a choice; installed and refused is worth a word.
    const why = output === null ? null : whyNot(output);
    if (why === null || toldAboutSmart) return [];
    toldAboutSmart = true;
    options.onUnavailable(`${subject}: no SMART verdict: ${why}`);
    return [];
  };

  return {
    quick: () => {
      sensors ??= findSensors(sys);
      return readSensors(sensors);
    },
    slow: async () => {
      // Modules of the kernel may come after the daemon.
      if (sensors === null || sensors.alarm === null) sensors = findSensors(sys);
      const parts = await Promise.all([memory(), room(stateDir), slowTemperature(), askFirmware()]);
      return parts.flat();
    },
    disks: async (disks) => {
      const readings: Reading[] = [];
      // One after the other: several disks may hang behind one bridge.
      for (const disk of disks) readings.push(...(await askDisk(disk)));
      return readings;
    },
    stateDisk: async () => {
      const device = await deviceOfFolder(stateDir);
      const node = device === null ? null : await diskOfDevice(sys, device);
      return node === null ? null : { subject: node, node };
    },
    stop: () => tools.stop(),
  };
}

/** What smartctl said of it, cut to a line; null for a disk that only sleeps. */
function whyNot(output: string): string | null {
  const text = /"string"\s*:\s*"([^"]{1,200})/.exec(output)?.[1] ?? 'the disk has none';
  return /standby|sleep/i.test(text) ? null : text;
}

async function memory(): Promise<readonly Reading[]> {
  return [{ check: 'memory', rssBytes: process.memoryUsage.rss() }];
}

async function room(stateDir: string): Promise<readonly Reading[]> {
  try {
    const { bavail, bsize } = await statfs(stateDir);
    return [{ check: 'state-disk', freeBytes: bavail * bsize }];
  } catch {
    return [];
  }
}

async function askLibrary(): Promise<number | null> {
  try {
    // Loaded only where it is needed, which is not on a Pi: it takes a tenth of a second and runs shells.
    const { default: information } = await import('systeminformation');
    const { main } = await information.cpuTemperature();
    return Number.isFinite(main) ? main : null;
  } catch {
    return null;
  }
}
