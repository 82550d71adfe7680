import { describe, expect, test } from 'vitest';
import type { Check } from '../../adapters/doctor/examine.ts';
import type { Probes } from '../../adapters/doctor/probes.ts';
import { examineService, type FileState } from '../../adapters/doctor/service.ts';
import type { BoardChoice } from '../../services/board/choice.ts';

const UNIT = '/etc/systemd/system/imagetank.service';
const INSTALLED: readonly FileState[] = [
  { path: UNIT, change: 'unchanged' },
  { path: '/etc/polkit-1/rules.d/50-imagetank.rules', change: 'unreadable' },
];
const FILES: Readonly<Record<string, string>> = {
  '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nimagetank:x:999:999::/:/usr/sbin/nologin\n',
  '/proc/bus/input/devices': 'N: Name="button@b"\nP: Phys=gpio-keys/input0\n',
};
/** A box on which nothing is missing. */
const BOX: Partial<Probes> = {
  read: (path) => FILES[path] ?? null,
  exists: () => true,
  list: () => ['ACT', 'imagetank:red', 'imagetank:green'],
  kernelHas: () => true,
  program: async (name) => (name === 'timedatectl' ? 'yes' : `${name} v2.2`),
  socket: async () => 'answers',
};

const look = (
  change: Partial<Probes> = {},
  files: readonly FileState[] = INSTALLED,
  board: BoardChoice | null = { kind: 'leds', leds: { green: 'imagetank:green' }, why: 'our overlays' },
): Promise<readonly Check[]> => examineService({ ...BOX, ...change } as Probes, files, board);
const bad = (checks: readonly Check[]) => checks.filter(({ ok }) => !ok);

test('without a service there is one line, and it is no fault', async () => {
  const files: FileState[] = [
    { path: UNIT, change: 'new' },
    { path: '/etc/x', change: 'unreadable' },
  ];
  const checks = await look(
    { socket: async () => 'nobody', exists: () => false, kernelHas: () => false },
    files,
  );
  expect(checks).toEqual([
    { name: 'service', ok: true, found: 'no service installed (sudo imagetank setup service)', fix: null },
  ]);
});

test('a box on which nothing is missing', async () => {
  const checks = await look();
  expect(bad(checks)).toEqual([]);
  expect(checks.map(({ name, found }) => `${name}: ${found}`)).toEqual([
    'service: 2 files as this version writes them',
    'user imagetank: there',
    'mount helper: answers, /run/imagetank-mount.sock',
    'polkit: there',
    'board: leds (our overlays)',
    'LEDs: imagetank:red, imagetank:green',
    'button: a kernel key',
    'gpiod: gpioset v2.2',
    'vfat: kernel and fsck.vfat',
    'exfat: kernel and fsck.exfat',
    'ext4: kernel and e2fsck',
    'ntfs3: kernel and ntfsfix',
    'hfsplus: kernel and fsck.hfsplus',
    'clock: synchronized',
  ]);
});

describe('what is missing is named with its fix', () => {
  const without =
    (...words: readonly string[]) =>
    (path: string) =>
      !words.some((word) => path.includes(word));

  test.each<[name: string, probes: Partial<Probes>, found: RegExp, fix: RegExp]>([
    ['user imagetank', { read: () => 'ximagetank:' }, /not there/, /setup service/],
    ['user imagetank', { read: () => null }, /not there/, /setup service/],
    [
      'mount helper',
      { socket: async () => 'nobody' },
      /nobody answers/,
      /enable --now imagetank-mount\.socket/,
    ],
    ['polkit', { exists: without('polkit') }, /cannot switch off/, /apt install polkitd/],
    ['vfat', { exists: without('fsck.vfat') }, /no fsck\.vfat/, /apt install dosfstools/],
    ['exfat', { exists: without('fsck.exfat') }, /no fsck\.exfat/, /apt install exfatprogs/],
    ['exfat', { kernelHas: (kind) => kind !== 'exfat' }, /kernel has no exfat/, /full-upgrade/],
  ])('%s', async (name, probes, found, fix) => {
    expect(bad(await look(probes))).toEqual([
      { name, ok: false, found: expect.stringMatching(found), fix: expect.stringMatching(fix) },
    ]);
  });

  test('files that are gone or of another version, all of them', async () => {
    const files: FileState[] = [
      ...INSTALLED,
      { path: '/a', change: 'new' },
      { path: '/b', change: 'changed' },
    ];
    expect(bad(await look({}, files))).toEqual([
      { name: 'service', ok: false, found: '/a is missing, /b differs', fix: 'sudo imagetank setup service' },
    ]);
  });
});

describe('what is no fault of the machine', () => {
  test.each<[name: string, probes: Partial<Probes>, found: RegExp]>([
    ['mount helper', { socket: async () => 'not-permitted' }, /for the service only/],
    ['LEDs', { list: () => ['ACT', 'PWR'] }, /none of ours.*--board/],
    ['button', { read: (path) => (path === '/etc/passwd' ? 'imagetank:' : null) }, /none of ours/],
    ['gpiod', { program: async () => null }, /needed only.*apt install gpiod/],
    ['ntfs3', { exists: (path) => !path.endsWith('ntfsfix') }, /no ntfsfix \(sudo apt install ntfs-3g\)/],
    ['hfsplus', { kernelHas: (kind) => kind !== 'hfsplus' }, /kernel has no hfsplus/],
    ['clock', { program: async () => 'no' }, /not synchronized/],
    ['clock', { program: async () => null }, /unknown/],
  ])('%s', async (name, probes, found) => {
    const checks = await look(probes);
    expect(bad(checks)).toEqual([]);
    expect(checks.find((check) => check.name === name)?.found).toMatch(found);
  });
});

test('a board that is configured and not there is a fault, with what mends it', async () => {
  const missing = { kind: 'missing', why: 'no LED imagetank:green', fix: 'add the overlay' } as const;
  expect(bad(await look({}, INSTALLED, missing))).toEqual([
    { name: 'board', ok: false, found: 'no LED imagetank:green', fix: 'add the overlay' },
  ]);
  expect(bad(await look({}, INSTALLED, null))).toEqual([]);
});
