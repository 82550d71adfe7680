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
  port: async () => 'taken',
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
  network: Partial<Circumstances['network']> = {},
): Promise<readonly Check[]> {
  const stateDir = '/var/lib/imagetank';
  const socketPath = '/run/imagetank/imagetank.sock';
  return examine(
    { ...HEALTHY, ...probes },
    {
      ...{ config, places: { stateDir, socketPath, listenPath: socketPath }, service, board: null },
      network: { tlsFlaw: null, closed: null, ...network },
    },
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

test('the tools that make pictures are looked for where somebody can come in to see them', async () => {
  const missing: Partial<Probes> = { exists: (path) => !path.startsWith('/usr/bin/') };
  const names = ['ffmpegthumbnailer', 'heif-thumbnailer'];
  const tools = async (probes: Partial<Probes>, config: Layer['values']) =>
    (await look(probes, configOf(config))).filter(({ name }) => names.includes(name));
  expect(await tools(missing, {})).toEqual([]);
  expect((await tools({}, { port: 8080 })).map(({ ok }) => ok)).toEqual([true, true]);
  expect(await tools(missing, { port: 8080 })).toEqual([
    {
      name: 'ffmpegthumbnailer',
      ok: false,
      found: 'ffmpegthumbnailer is missing: the page has no pictures of films',
      fix: 'sudo apt install ffmpegthumbnailer',
    },
    {
      name: 'heif-thumbnailer',
      ok: false,
      found: 'heif-thumbnailer is missing: the page has no pictures of HEIC photos',
      fix: 'sudo apt install heif-thumbnailer',
    },
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

describe('TLS', () => {
  const tlsOf = async (probes: Partial<Probes>, tls: unknown) =>
    (await look(probes, configOf({ tls }))).filter(({ name }) => name === 'tls');
  const files = { cert: '/etc/tls/cert.pem', key: '/etc/tls/key.pem' };

  test('by the box itself needs openssl', async () => {
    expect(await tlsOf({}, 'self-signed')).toMatchObject([{ ok: true, found: 'openssl 2.39' }]);
    expect(await tlsOf({ program: async () => null }, 'self-signed')).toMatchObject([
      { ok: false, found: expect.stringContaining('openssl is missing'), fix: 'sudo apt install openssl' },
    ]);
  });

  test('with files needs both', async () => {
    expect(await tlsOf({ program: async () => null }, files)).toMatchObject([{ ok: true }]);
    for (const gone of Object.values(files)) {
      const found = await tlsOf({ exists: (path) => path !== gone }, files);
      expect(found).toMatchObject([{ ok: false, found: expect.stringContaining(gone) }]);
    }
  });

  test('with files that the daemon will not take', async () => {
    const tlsFlaw = { what: 'tls: it is not the key', hint: 'name the two files' };
    const checks = await look({}, configOf({ tls: files }), NO_SERVICE, { tlsFlaw });
    expect(checks).toContainEqual({ name: 'tls', ok: false, found: tlsFlaw.what, fix: tlsFlaw.hint });
  });

  test('that is off needs nothing', async () => {
    expect(await tlsOf({ program: async () => null }, 'off')).toEqual([]);
  });
});

describe('the port', () => {
  const portOf = async (
    probes: Partial<Probes>,
    network: Partial<Circumstances['network']> = {},
    values: Layer['values'] = { port: 8080 },
  ) => (await look(probes, configOf(values), NO_SERVICE, network)).filter(({ name }) => name === 'port');

  test('is nobody’s business where there is none', async () => {
    expect(await portOf({ socket: async () => 'nobody' }, {}, {})).toEqual([]);
  });

  test('is the daemon’s while it runs', async () => {
    expect(await portOf({})).toEqual([{ name: 'port', ok: true, found: '8080, the daemon runs', fix: null }]);
  });

  test('that the daemon could not open is told with its words', async () => {
    const closed = 'the network is closed: something listens already';
    expect(await portOf({}, { closed })).toMatchObject([{ ok: false, found: closed }]);
  });

  test.each([
    ['free', true, '8080', null],
    ['taken', false, 'another program listens at 8080', expect.stringContaining('another port')],
    ['not-permitted', false, 'nobody may listen at 8080', expect.stringContaining('another port')],
  ] as const)('%s, before the daemon runs', async (answer, ok, found, fix) => {
    const checks = await portOf({ socket: async () => 'nobody', port: async () => answer });
    expect(checks).toEqual([{ name: 'port', ok, found, fix }]);
  });
});

describe('multicast DNS', () => {
  const LINE =
    '  421: 00000000:14E9 00000000:0000 07 00000000:00000000 00:00000000 00000000   104        0 1 2';
  const mdnsOf = async (values: Layer['values'], probes: Partial<Probes> = {}) =>
    (await look({ read: () => null, exists: () => false, ...probes }, configOf(values))).filter(
      ({ name }) => name === 'mdns',
    );

  test('is nobody’s business without a port', async () => {
    expect(await mdnsOf({})).toEqual([]);
  });

  test.each([
    [{}, 'on, imagetank.local'],
    [{ mdns: false }, 'off: the box is found by its address only'],
  ])('is told, never a fault: %j', async (values, found) => {
    expect(await mdnsOf({ port: 8080, ...values })).toEqual([{ name: 'mdns', ok: true, found, fix: null }]);
  });

  test.each([
    [LINE, true],
    [LINE.replace('00000000:14E9 00000000:0000', '00000000:0035 00000000:14E9'), false],
    [LINE.replace('14E9', '14EA'), false],
    ['', false],
  ])('tells who listens at its port: %s', async (text, isTold) => {
    const read = (path: string) => (path === '/proc/net/udp' ? `  sl  local_address\n${text}\n` : null);
    const [check] = await mdnsOf({ port: 8080 }, { read });
    expect(check?.found.includes('UDP port 5353')).toBe(isTold);
  });

  test('tells of avahi', async () => {
    const [check] = await mdnsOf({ port: 8080 }, { exists: (path) => path === '/run/avahi-daemon/socket' });
    expect(check?.found).toBe('on, imagetank.local; avahi tells the name of the machine');
  });
});
