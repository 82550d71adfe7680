import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deviceOfFolder, diskOfDevice, diskOfNode } from '../../adapters/health/disks.ts';
import { createMachineHealth } from '../../adapters/health/machine-health.ts';
import type { HealthSource, Reading } from '../../services/health/ports.ts';
import { healthSourceContract } from '../contracts/health-source.contract.ts';
import { BOARDS, FakeSys } from './boards.ts';
import { ScriptedSource } from './scripted-source.ts';

healthSourceContract('this machine’s', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'imagetank-health-'));
  const source = createMachineHealth({ stateDir, onUnavailable: () => undefined });
  return {
    source,
    mute: { subject: 'none', node: '/dev/imagetank-none' },
    cleanUp: async () => {
      await source.stop();
      await rm(stateDir, { recursive: true });
    },
  };
});

healthSourceContract('the scripted one', async () => {
  const source = new ScriptedSource();
  source.quickly = [{ check: 'temperature', celsius: 50 }];
  source.slowly = [{ check: 'memory', rssBytes: 1 }];
  return { source, mute: { subject: 'none', node: '/dev/none' }, cleanUp: async () => undefined };
});

describe('the health of a machine', () => {
  let sys: FakeSys;
  let calls: string[];
  let answers: Map<string, string>;
  let warnings: string[];
  let celsius: number | null;
  let asked: number;

  beforeEach(() => {
    sys = new FakeSys(BOARDS['Pi 4']);
    calls = [];
    answers = new Map();
    warnings = [];
    celsius = null;
    asked = 0;
  });
  afterEach(() => sys.remove());

  const made = (stateDir = sys.path): HealthSource =>
    createMachineHealth({
      stateDir,
      sys: sys.path,
      onUnavailable: (text) => warnings.push(text),
      tools: {
        run: async (file, args) => {
          calls.push([file, ...args].join(' '));
          return answers.get(file) ?? null;
        },
        stop: async () => void calls.push('stop'),
      },
      otherTemperature: async () => {
        asked += 1;
        return celsius;
      },
    });
  const checks = (readings: readonly Reading[]) => readings.map(({ check }) => check);

  test('on a Pi needs no process and no library', async () => {
    const source = made();
    expect(checks(source.quick())).toEqual(['temperature', 'power', 'throttling']);
    expect(checks(await source.slow())).toEqual(['memory', 'state-disk']);
    expect({ calls, asked }).toEqual({ calls: [], asked: 0 });
  });

  test('asks vcgencmd where the kernel does not show the firmware’s word', async () => {
    sys.remove('devices');
    answers.set('vcgencmd', 'throttled=0x50005\n');
    const source = made();
    source.quick();
    expect(await source.slow()).toContainEqual({ check: 'throttling', brakes: ['throttled'] });
    expect(checks(await source.slow())).not.toContain('power');
    expect(calls).toEqual(['vcgencmd get_throttled', 'vcgencmd get_throttled']);
  });

  test('takes power from it too where there is no driver of the voltage', async () => {
    sys.remove('devices');
    sys.remove('class/hwmon');
    answers.set('vcgencmd', 'throttled=0x50005\n');
    const source = made();
    source.quick();
    expect(await source.slow()).toContainEqual({ check: 'power', low: true, wasLow: true });
  });

  test('does not ask for vcgencmd or the library again where there is none', async () => {
    sys.remove('devices');
    sys.remove('class');
    const source = made();
    source.quick();
    for (let round = 0; round < 3; round += 1) {
      expect(checks(await source.slow())).toEqual(['memory', 'state-disk']);
    }
    expect({ calls, asked }).toEqual({ calls: ['vcgencmd get_throttled'], asked: 1 });
  });

  test('takes the temperature from the library where there is no thermal zone', async () => {
    sys.remove('class/thermal');
    celsius = 44.5;
    const source = made();
    source.quick();
    expect(await source.slow()).toContainEqual({ check: 'temperature', celsius: 44.5 });
    expect(await source.slow()).toContainEqual({ check: 'temperature', celsius: 44.5 });
  });

  test('finds a driver that the kernel loads later', async () => {
    sys.remove('class/hwmon');
    const source = made();
    expect(source.quick()).toContainEqual({ check: 'power', low: false, wasLow: false });
    sys.write('class/hwmon/hwmon7/name', 'rpi_volt\n');
    sys.write('class/hwmon/hwmon7/in0_lcrit_alarm', '1\n');
    await source.slow();
    expect(source.quick()).toContainEqual({ check: 'power', low: true, wasLow: false });
  });

  test('does not know the room on a disk that is not there', async () => {
    const source = made(join(sys.path, 'none'));
    expect(checks(await source.slow())).toEqual(['memory']);
    expect(await source.stateDisk()).toBeNull();
  });

  describe('of a disk', () => {
    const D = { subject: 'TANK (/dev/sda1)', node: '/dev/sda1' };
    beforeEach(() => {
      sys.link('class/block/sda', '../../devices/pci/host0/block/sda');
      sys.link('class/block/sda1', '../../devices/pci/host0/block/sda/sda1');
    });

    test('is asked of the whole disk', async () => {
      answers.set('smartctl', '{"smart_status":{"passed":false}}');
      expect(await made().disks([D])).toEqual([
        { check: 'disk', subject: 'TANK (/dev/sda1)', verdict: 'failing', detail: '' },
      ]);
      expect(calls).toHaveLength(1);
      expect(calls[0]).toMatch(/^smartctl .* -- \/dev\/sda$/);
    });

    test('that a user may not ask is told once', async () => {
      answers.set('smartctl', '{"smartctl":{"messages":[{"string":"open failed: Permission denied"}]}}');
      const source = made();
      expect(await source.disks([D, D])).toEqual([]);
      await source.disks([D]);
      expect(warnings).toEqual(['TANK (/dev/sda1): no SMART verdict: open failed: Permission denied']);
    });

    test('that sleeps, or a missing smartctl, is told to nobody', async () => {
      const source = made();
      expect(await source.disks([D])).toEqual([]);
      answers.set('smartctl', '{"smartctl":{"messages":[{"string":"Device is in STANDBY mode, exit(2)"}]}}');
      expect(await source.disks([D])).toEqual([]);
      answers.set('smartctl', '{}');
      expect(await source.disks([D])).toEqual([]);
      expect(warnings).toEqual(['TANK (/dev/sda1): no SMART verdict: the disk has none']);
    });
  });

  test('ends what it started', async () => {
    await made().stop();
    expect(calls).toEqual(['stop']);
  });
});

describe('the disk', () => {
  let sys: FakeSys;
  beforeEach(() => {
    sys = new FakeSys();
  });
  afterEach(() => sys.remove());

  test.each([
    ['8:1', '../../devices/pci0000:00/host0/block/sda/sda1', '/dev/sda'],
    ['8:0', '../../devices/pci0000:00/host0/block/sda', '/dev/sda'],
    ['179:2', '../../devices/platform/soc/mmc0/block/mmcblk0/mmcblk0p2', '/dev/mmcblk0'],
    ['259:3', '../../devices/pci/nvme/nvme0/nvme0n1/nvme0n1p2', '/dev/nvme0n1'],
    ['254:0', '../../devices/virtual/block/dm-0', '/dev/dm-0'],
  ])('of the device %s is found by its place in /sys', async (device, target, disk) => {
    sys.link(`dev/block/${device}`, target);
    expect(await diskOfDevice(sys.path, device)).toBe(disk);
  });

  test('of tmpfs and the like is none', async () => {
    expect(await diskOfDevice(sys.path, '0:25')).toBeNull();
  });

  test('of a node that the kernel does not show is the node', async () => {
    expect(await diskOfNode(sys.path, '/dev/sdq1')).toBe('/dev/sdq1');
  });

  test('of a folder has the number that the kernel gives in its mount table', async () => {
    const { readFile } = await import('node:fs/promises');
    const table = await readFile('/proc/self/mountinfo', 'utf8');
    const proc = table.split('\n').find((line) => line.split(' ')[4] === '/proc');
    expect(await deviceOfFolder('/proc')).toBe(proc?.split(' ')[2]);
    expect(await deviceOfFolder('/no/such/folder')).toBeNull();
  });
});
