import { beforeEach, describe, expect, test } from 'vitest';
import { AdmittedShape, DeviceShape, PairingMessageShape } from '../../services/access/shapes.ts';
import { ErrorShape } from '../../services/shapes.ts';
import { box, run, serveAgain, serveEachTest, start } from './served.ts';

serveEachTest();

let port: number;
beforeEach(async () => {
  port = await box.server.listenPort(0);
});

/** A pairing that has shown its code. */
async function begin(...args: readonly string[]) {
  const started = start('pair', ...args);
  await started.printed(args.includes('--json') ? '\n' : 'code ');
  return started;
}
const comeIn = (code: string | null, name = 'my phone') =>
  box.door.access.pair({ code, address: '10.0.0.1', name });

describe('imagetank pair', () => {
  test('shows code, QR code and addresses, and ends with 0 when somebody came in', async () => {
    const { ended } = await begin();
    await comeIn('000001');
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'waiting; Ctrl-C closes it\n' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.filter((line) => /^[ \u2580\u2584\u2588]+$/.test(line)).length).toBeGreaterThan(12);
    expect(stdout).toContain(
      'code     000 001, for 5 minutes and one device: an owner, who may do everything\n',
    );
    expect(stdout).toMatch(new RegExp(`^(open|or) .*http://[^ ]+:${port}`, 'm'));
    expect(lines.at(-1)).toBe('my phone came in: an owner, who may do everything');
    expect(box.door.access.devices).toMatchObject([{ name: 'my phone', role: 'owner' }]);
  });

  test('--viewer --name says what it will be', async () => {
    const { ended } = await begin('--viewer', '--name', 'tablet', '--quiet');
    await comeIn('000001');
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('tablet came in: a viewer, who may only read\n');
    expect(stdout).not.toContain('\u2588');
  });

  test('a name that cannot be shown is 64', async () => {
    expect(await run('pair', '--name', 'tab\u202elet')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('name: it has letters that cannot be shown'),
    });
  });

  test('--json: the code, then who came in', async () => {
    const { ended } = await begin('--json', '--viewer', '--name', 'tablet');
    await comeIn('000001', 'other');
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [first = '', last = '', ...more] = stdout.trimEnd().split('\n');
    const { open } = JSON.parse(first) as { open: Record<string, unknown> };
    expect(open).toMatchObject({ code: '000001', role: 'viewer', name: 'tablet', secondsLeft: 300 });
    expect(open['fingerprint']).toBeNull();
    expect(open['url']).toMatch(new RegExp(`^http://[^/]+:${port}/#code=000001$`));
    expect(PairingMessageShape.parse(JSON.parse(last))).toEqual({ paired: box.door.access.devices[0] });
    expect(more).toEqual([]);
  });

  test.each([
    ['the time is over', () => box.door.clock.advance(300_000), /five minutes are over/],
    [
      'five codes were wrong',
      guessFive,
      /five wrong codes closed it: somebody on this network may be guessing/,
    ],
    ['another one is opened', () => box.door.invite(), /another pairing was opened/],
  ])('is 1 in one line when %s', async (_when, act, words) => {
    const { ended } = await begin();
    await act();
    const { code, stderr } = await ended;
    expect(code).toBe(1);
    expect(stderr.split('\n')[1]).toMatch(/^imagetank: nobody came in: /);
    expect(stderr).toMatch(words);
  });

  test('Ctrl-C closes it: 1', async () => {
    const { child, ended } = await begin('--json');
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(1);
    expect(ErrorShape.parse(JSON.parse(stderr)).error.code).toBe('pairing-stopped');
    await expect.poll(() => box.server.openStreams()).toBe(0);
    expect(await comeIn('000001')).toMatchObject({ type: 'refused', why: 'not-open' });
  });

  test('a daemon that ends meanwhile is 69', async () => {
    const { ended } = await begin();
    await box.server.close();
    expect((await ended).code).toBe(69);
  });

  test.each([
    [['pair']],
    [['pair', 'token', '--name', 'x']],
  ])('%j without a port is 78, with the fix', async (args) => {
    await box.stop();
    await serveAgain();
    const { code, stderr } = await run(...args);
    expect({ code, stderr }).toEqual({
      code: 78,
      stderr: expect.stringMatching(/listens on no TCP port: set port = 8080 in .*--port 8080/),
    });
  });

  test.each([[['list']], [['revoke', 'x']]])('its options are none of pair %j: 64', async (words) => {
    const { code, stderr } = await run('pair', ...words, '--viewer');
    expect({ code, stderr }).toEqual({
      code: 64,
      stderr: `imagetank: unknown option '--viewer': see: imagetank pair ${words[0]} --help\n`,
    });
  });

  test('a word too many is 64', async () => {
    expect((await run('pair', 'nobody')).code).toBe(64);
  });
});

async function guessFive(): Promise<void> {
  for (let host = 0; host < 5; host++) {
    await box.door.access.pair({ code: '999999', address: `10.0.0.${host}`, name: null });
  }
}

describe('imagetank pair list', () => {
  test('names who may come in', async () => {
    expect(await run('pair', 'list')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'nobody may come in: imagetank pair\n',
    });
    await box.door.access.admit({ role: 'owner', name: 'my phone' });
    await box.door.access.admit({ role: 'viewer', name: 'tab' });
    expect((await run('pair', 'list')).stdout).toBe(
      'my phone  owner   since 2026-11-21 00:00  not seen  id-1\ntab       viewer  since 2026-11-21 00:00  not seen  id-2\n',
    );
    box.door.clock.advance(90_000);
    box.door.access.sightings.saw('id-1', '192.168.1.7');
    expect((await run('pair', 'list')).stdout).toMatch(
      /seen 2026-11-21 00:01 \(IPv4\) {2}id-1\n.*not seen .*id-2/,
    );
    const { stdout } = await run('pair', 'list', '--json');
    expect(DeviceShape.array().parse(JSON.parse(stdout))).toEqual(box.door.access.devices);
  });
});

describe('imagetank pair revoke', () => {
  test('takes a name or an id, and nothing else', async () => {
    await box.door.access.admit({ role: 'owner', name: 'my phone' });
    await box.door.access.admit({ role: 'viewer', name: 'tab' });
    expect(await run('pair', 'revoke', 'my phone')).toEqual({
      code: 0,
      stdout: 'revoked my phone\n',
      stderr: '',
    });
    expect(box.door.access.devices.map(({ name }) => name)).toEqual(['tab']);
    const { stdout } = await run('pair', 'revoke', 'id-2', '--json');
    expect(DeviceShape.parse(JSON.parse(stdout))).toMatchObject({ id: 'id-2', name: 'tab' });
    expect(box.door.access.devices).toEqual([]);
    expect(await run('pair', 'revoke', 'tab')).toMatchObject({
      code: 66,
      stderr: expect.stringContaining('tab'),
    });
  });
});

describe('imagetank pair token', () => {
  test('prints the token alone, and how to use it for people', async () => {
    const { code, stdout, stderr } = await run('pair', 'token', '--name', 'shortcut', '--viewer');
    expect(code).toBe(0);
    expect(box.door.access.holderOf(stdout.trimEnd())).toMatchObject({ name: 'shortcut', role: 'viewer' });
    expect(stderr).toContain('curl -H "authorization: Bearer TOKEN"');
    expect(stderr).not.toContain(stdout.trimEnd());
  });

  test('--json', async () => {
    const { stdout } = await run('pair', 'token', '--json', '--name=shortcut');
    const { token, urls, device } = JSON.parse(stdout) as Record<string, unknown>;
    expect(box.door.access.holderOf(String(token))).toEqual(device);
    expect(AdmittedShape.shape.device.parse(device)).toMatchObject({ role: 'owner' });
    expect(urls).toContainEqual(expect.stringMatching(`:${port}$`));
  });

  test('without a name is 64', async () => {
    expect(await run('pair', 'token')).toMatchObject({ code: 64, stderr: expect.stringContaining('--name') });
    expect(box.door.access.devices).toEqual([]);
  });
});
