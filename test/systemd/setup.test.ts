import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BuiltCli } from '../cli/built-cli.ts';
import { copyTemplates } from './kit.ts';

const cli = new BuiltCli();
let root: string;
beforeAll(async () => {
  await cli.build();
  // As in the package: beside the folder of the program.
  copyTemplates(join(cli.dir, 'adapters/systemd'));
});
afterAll(() => cli.remove());
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'imagetank-root-'));
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const PATHS = ['--node', '/usr/bin/node', '--program', '/opt/imagetank/.build/imagetank.js'];
const below = () =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length));
const setup = (...args: readonly string[]) => cli.run(['setup', 'service', ...args]);

describe('--dry-run', () => {
  test('prints every file and every command, and writes nothing', async () => {
    const { code, stdout, stderr } = await setup(
      '--dry-run',
      '--root',
      root,
      '--board',
      'leds',
      ...PATHS,
    ).then(async (refused) => {
      expect(refused.code).toBe(73);
      mkdirSync(join(root, 'boot/firmware'), { recursive: true });
      writeFileSync(join(root, 'boot/firmware/config.txt'), 'x=1\n');
      return setup('--dry-run', '--root', root, '--board', 'leds', ...PATHS);
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const text of [
      '/etc/systemd/system/imagetank.service',
      'ExecStart="/usr/bin/node"',
      '/usr/local/lib/imagetank/imagetank-mount (mode 0755)',
      'polkit.addRule',
      'x=1\n# imagetank begin',
      `would run: systemd-sysusers --root=${root} imagetank.conf`,
    ]) {
      expect(stdout).toContain(text);
    }
    expect(below().toSorted()).toEqual(['/boot/firmware/config.txt', '/etc/group']);
  });

  test('needs no root, and as JSON carries the text of each file', async () => {
    const { code, stdout } = await setup('--dry-run', '--json');
    expect(code).toBe(0);
    const answer = JSON.parse(stdout) as {
      dryRun: boolean;
      files: { path: string; text: string }[];
      commands: string[][];
    };
    expect(answer.dryRun).toBe(true);
    const unit = answer.files.find(({ path }) => path === '/etc/systemd/system/imagetank.service');
    expect(unit?.text).toContain(`ExecStart="${process.execPath}"`);
    expect(answer.commands).toContainEqual(['systemctl', 'daemon-reload']);
  });
});

describe('what is refused', () => {
  test.each([
    [['--board', 'hat'], 64, 'use --board pibrella or --board leds'],
    [['--root', '/no/such/image'], 66, 'name the folder'],
    [['--dry-run', '--program', '/opt/$x/y.js'], 73, 'move it'],
  ])('%j: %i', async (args, expected, hint) => {
    const { code, stderr } = await setup(...args);
    expect(code).toBe(expected);
    expect(stderr).toContain(hint);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  /** Node as another user: the build lies in a folder that only its owner may enter. */
  const asNobody = process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).error === undefined;
  const ordinary = process.getuid?.() !== 0;
  if (!asNobody && !ordinary) console.log('setup without root is not tried: setpriv is not installed');
  test.skipIf(!asNobody && !ordinary)('without root: 77, with the one line that mends it', () => {
    const copy = mkdtempSync(join(tmpdir(), 'imagetank-nobody-'));
    cpSync(cli.dir, copy, { recursive: true, verbatimSymlinks: true });
    spawnSync('chmod', ['-R', 'a+rX', copy]);
    const command = [process.execPath, join(copy, 'build/imagetank.js'), 'setup', 'service'];
    const drop = asNobody ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : ['env'];
    const { status, stdout, stderr } = spawnSync(drop[0] ?? '', [...drop.slice(1), ...command], {
      encoding: 'utf8',
    });
    rmSync(copy, { recursive: true, force: true });
    expect({ status, stdout }).toEqual({ status: 77, stdout: '' });
    expect(stderr).toBe('imagetank: only root may set up a service: sudo imagetank setup service\n');
  });
});

const systemd = spawnSync('systemctl', ['--version']).error === undefined;
if (!systemd) console.log('no image is set up: systemd is not installed');
describe.skipIf(!systemd)('in an image', () => {
  const install = (...args: readonly string[]) => setup('--root', root, ...PATHS, ...args);

  test('files, the user, and what starts at boot; a second time nothing changed', async () => {
    const first = await install();
    expect(first.code).toBe(0);
    expect(first.stdout).toContain('new        /etc/systemd/system/imagetank.service');
    expect(below()).toContain('/etc/systemd/system/multi-user.target.wants/imagetank.service');
    expect(below()).toContain('/etc/systemd/system/sockets.target.wants/imagetank.socket');
    expect(below()).toContain('/etc/systemd/system/sockets.target.wants/imagetank-mount.socket');
    expect(readFileSync(join(root, 'etc/passwd'), 'utf8')).toMatch(
      /^imagetank:.*:\/var\/lib\/imagetank:.*nologin$/m,
    );
    expect(readFileSync(join(root, 'etc/group'), 'utf8')).toMatch(/^imagetank:/m);
    const second = await install();
    expect(second.code).toBe(0);
    expect(second.stdout).toContain('nothing changed');
    expect(second.stdout).not.toMatch(/^(new|changed) /m);
  });

  test('says as JSON what changed', async () => {
    await install();
    writeFileSync(join(root, 'etc/tmpfiles.d/imagetank.conf'), 'mine');
    const { stdout } = await install('--json');
    const answer = JSON.parse(stdout) as {
      changed: boolean;
      files: { path: string; change: string; kept: string }[];
    };
    expect(answer.changed).toBe(true);
    const changed = answer.files.filter(({ change }) => change !== 'unchanged');
    expect(changed).toEqual([
      expect.objectContaining({ path: '/etc/tmpfiles.d/imagetank.conf', change: 'changed' }),
    ]);
    expect(readFileSync(join(root, changed[0]?.kept ?? ''), 'utf8')).toBe('mine');
  });

  test('--remove takes it out again, and leaves the user', async () => {
    await install();
    const { code, stdout } = await install('--remove');
    expect(code).toBe(0);
    expect(stdout).toContain('removed    /etc/systemd/system/imagetank.service');
    expect(below().filter((path) => path.includes('imagetank'))).toEqual([]);
    expect(readFileSync(join(root, 'etc/passwd'), 'utf8')).toContain('imagetank');
    expect((await install('--remove')).stdout).toBe('nothing to remove\n');
  });
});
