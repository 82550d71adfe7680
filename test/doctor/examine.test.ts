import { describe, expect, test } from 'vitest';
import { type Check, type Circumstances, examine } from '../../adapters/doctor/examine.ts';
import type { Probes } from '../../adapters/doctor/probes.ts';
import { type Layer, mergeLayers } from '../../services/config/layers.ts';

/** A machine on which nothing is missing. */
const HEALTHY: Probes = {
  nodeVersion: '20.19.0',
  program: async (name) => `${name} 2.39`,
  exists: () => true,
  read: () => 'imagetank:x:999:999::/:/usr/sbin/nologin\nN: Name="gpio-keys"\n',
  list: () => ['imagetank:red'],
  kernelHas: () => true,
  writable: () => true,
  freeBytes: () => 1e9,
  sqliteProblem: () => null,
  socket: async () => 'answers',
  inGroup: () => true,
  machine: async () => 'Raspberry Pi 4 Model B',
};

const NO_SERVICE = [{ path: '/etc/systemd/system/imagetank.service', change: 'new' as const }];

function configOf(values: Layer['values'] = {}): Circumstances['config'] {
  return mergeLayers([{ source: 'file', values, where: (key) => `file:${key}` }]);
}

function look(
  probes: Partial<Probes>,
  config = configOf(),
  service: Circumstances['service'] = NO_SERVICE,
): Promise<readonly Check[]> {
  const stateDir = '/var/lib/imagetank';
  const socketPath = '/run/imagetank/imagetank.sock';
  return examine(
    { ...HEALTHY, ...probes },
    { config, places: { stateDir, socketPath, listenPath: socketPath }, service, board: null },
  );
}

test('a machine on which nothing is missing', async () => {
  const checks = await look({});
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(checks.map(({ name }) => name)).toEqual([
    'machine',
    'node',
    'lsblk',
    'sync',
    'exiftool',
    'sqlite',
    'configuration',
    'root',
    'root',
    'state folder',
    'state disk',
    'group imagetank',
    'socket',
    'service',
  ]);
});

describe('what is missing is named with its fix', () => {
  test.each<[name: string, probes: Partial<Probes>, found: RegExp, fix: RegExp]>([
    ['node', { nodeVersion: '20.18.9' }, /20\.18\.9/, /Node\.js 20\.19/],
    ['node', { nodeVersion: '18.20.0' }, /18/, /20\.19/],
    [
      'lsblk',
      { program: async (name) => (name === 'lsblk' ? null : 'x') },
      /not found/,
      /apt install util-linux/,
    ],
    [
      'sync',
      { program: async (name) => (name === 'sync' ? null : 'x') },
      /not found/,
      /apt install coreutils/,
    ],
    [
      'exiftool',
      { program: async (name) => (name === 'exiftool' ? null : 'x') },
      /^exiftool is missing: HEIC, CR3 .* go by the time of the file$/,
      /apt install libimage-exiftool-perl/,
    ],
    ['sqlite', { sqliteProblem: () => 'Cannot find module' }, /Cannot find/, /npm ci/],
    ['state folder', { writable: () => false }, /\/var\/lib\/imagetank is not writable/, /--state DIR/],
    ['state disk', { freeBytes: () => 199_999_999 }, /199 MB free/, /free some space/],
    ['group imagetank', { inGroup: () => false }, /not a member/, /usermod -aG imagetank/],
    ['socket', { socket: async () => 'not-permitted' }, /not permitted, \/run/, /usermod/],
  ])('%s', async (name, probes, found, fix) => {
    const missing = (await look(probes)).filter(({ ok }) => !ok);
    expect(missing).toEqual([
      { name, ok: false, found: expect.stringMatching(found), fix: expect.stringMatching(fix) },
    ]);
  });

  test('the configuration, with its first problem', async () => {
    const missing = (await look({}, configOf({ copies: 0, port: 1 }))).filter(({ ok }) => !ok);
    expect(missing).toMatchObject([
      {
        name: 'configuration',
        found: 'bad value copies = 0, file:copies',
        fix: expect.stringMatching(/^accepted/),
      },
    ]);
  });
});

describe('what is no fault of the machine', () => {
  test.each<[name: string, probes: Partial<Probes>, found: RegExp]>([
    ['node', { nodeVersion: '22.0.0' }, /22/],
    ['machine', { machine: async () => null }, /unknown/],
    ['state disk', { freeBytes: () => null }, /unknown/],
    ['state disk', { freeBytes: () => 200e6 }, /200 MB/],
    ['group imagetank', { inGroup: () => null }, /no service installed/],
    ['socket', { socket: async () => 'nobody' }, /does not run/],
  ])('%s', async (name, probes, found) => {
    const checks = await look(probes);
    expect(checks.every(({ ok }) => ok)).toBe(true);
    expect(checks.find((check) => check.name === name)?.found).toMatch(found);
  });
});

describe('roots', () => {
  const rootsOf = (checks: readonly Check[]) =>
    checks.filter(({ name }) => name === 'root').map(({ ok, found }) => ({ ok, found }));
  const only = (...there: readonly string[]) => ({ exists: (path: string) => there.includes(path) });

  test('of the default ones a machine has one or the other', async () => {
    expect(rootsOf(await look(only('/media')))).toEqual([
      { ok: true, found: '/media' },
      { ok: true, found: '/run/media does not exist' },
    ]);
  });

  test('with none of them nothing can be found', async () => {
    const checks = await look(only());
    expect(rootsOf(checks).map(({ ok }) => ok)).toEqual([false, false]);
    expect(checks.find(({ name }) => name === 'root')?.fix).toBe('make it: sudo mkdir -p /media');
  });

  test('that somebody wrote down must be there, each of them', async () => {
    const checks = await look(only('/a'), configOf({ roots: ['/a', '/b'] }));
    expect(rootsOf(checks)).toEqual([
      { ok: true, found: '/a' },
      { ok: false, found: '/b does not exist' },
    ]);
  });

  test('are the default ones while the configuration is damaged', async () => {
    expect(rootsOf(await look({}, configOf({ copies: 0 })))).toHaveLength(2);
  });
});

test('a state folder that is not there yet is looked for upwards', async () => {
  const asked: string[] = [];
  const checks = await look({
    exists: (path) => path === '/var' || path === '/media',
    writable: (path) => {
      asked.push(path);
      return true;
    },
  });
  expect(asked).toEqual(['/var']);
  expect(checks.find(({ name }) => name === 'state folder')).toMatchObject({
    ok: true,
    found: '/var/lib/imagetank (made at the first start)',
  });
});

test('a program of which a part is missing is told, with all else', async () => {
  const checks = await look({}, configOf(), { problem: 'no imagetank.service' });
  expect(checks.filter(({ ok }) => !ok)).toEqual([
    { name: 'service', ok: false, found: 'no imagetank.service', fix: 'install imagetank again' },
  ]);
});
