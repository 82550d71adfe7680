import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GROUPS, SPECS } from '../../bin/cli/specs.ts';
import type { RunOptions } from '../../bin/options.ts';
import { PLAIN_CHECK } from '../../services/appliance.ts';
import { ErrorShape } from '../../services/shapes.ts';
import { appliance, box, cli, run, serveEachTest } from './served.ts';

serveEachTest();

const wordsOf = (usage: string) => usage.split(' ').filter((part) => /^\w/.test(part));

describe('global options', () => {
  test.each([
    ['--json', 'drive', 'list'],
    ['drive', '--json', 'list'],
    ['drive', 'list', '--json'],
  ])('%s %s %s', async (...args) => {
    const { code, stdout } = await run(...args);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toHaveLength(1);
  });

  test('--state stands before or after, with = or a blank, and wins over the environment', async () => {
    const state = join(cli.dir, 'nowhere');
    for (const args of [
      ['--state', box.state, 'status'],
      ['status', '--state', box.state],
      [`--state=${box.state}`, 'history'],
      ['drive', '--state', box.state, 'list', '--json'],
    ]) {
      expect((await cli.run(args, { state })).code).toBe(0);
    }
    expect((await cli.run(['status'], { state })).code).toBe(69);
    expect((await cli.run(['status', '--state', ''], { state: box.state })).code).toBe(64);
  });

  const ENDS = SPECS.flatMap(({ usage, options = [] }) => {
    const words = wordsOf(usage);
    const needed = usage.split(' ').flatMap((part) => (part.startsWith('<') ? ['x'] : []));
    const first = /[<[](\w+)/.exec(usage)?.[1];
    const flags = options.flatMap(([flag]) => /^(--\S+) </.exec(flag)?.[1] ?? []);
    return [
      ...(first === undefined ? [] : [[`<${first}>`, [...words, '', ...needed.slice(1)]] as const]),
      ...flags.map((flag) => [flag, [...words, ...needed, flag, '']] as const),
    ];
  });

  test.each(ENDS)('an empty %s is refused in one line with an example: %j', async (name, args) => {
    const { code, stderr } = await run(...args);
    expect({ code, stderr }).toEqual({
      code: 64,
      stderr: expect.stringMatching(`^imagetank: ${name} is empty: for example: imagetank [^\n]+\n$`),
    });
    expect(appliance.asked).toEqual([]);
  });

  test('-- ends them: what follows is a word', async () => {
    expect((await run('backup', '--json', '--', '--wait')).code).toBe(0);
    expect((await run('check', '--', '--json')).stdout).toMatch(/^SAFE to format/);
    expect(appliance.asked).toEqual([
      ['backup', '--wait', expect.objectContaining({ wait: false })],
      ['check', '--json', PLAIN_CHECK],
    ]);
    const { code, stderr } = await run('backup', '--', 'a', '--json');
    expect({ code, stderr }).toEqual({ code: 64, stderr: expect.stringMatching(/^imagetank: /) });
  });

  test('--quiet: answers and errors, no progress and no remarks', async () => {
    const waited = await run('backup', '--wait', '--quiet');
    expect(waited).toMatchObject({ code: 0, stderr: '' });
    expect(waited.stdout).toContain('done');
    const json = await run('--quiet', 'backup', '--wait', '--json');
    expect(json.stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(await run('check', 'SD', '--quiet')).toMatchObject({
      stderr: '',
      stdout: expect.stringMatching(/^SAFE/),
    });
    for (const order of ['poweroff', 'reboot', 'ack']) {
      expect(await run(order, '--quiet')).toEqual({ code: 0, stdout: '', stderr: '' });
    }
    appliance.unknownWords.add('NOPE');
    expect((await run('check', 'NOPE', '--quiet')).stderr).toContain('NOPE');
  });

  test('a pipe gets no colours, NO_COLOR or not, also where CI asks for them', async () => {
    const { stdout } = await cli.run(['status'], { state: box.state, env: { CI: '1', NO_COLOR: '' } });
    expect(stdout).not.toContain('\u001b');
    expect((await cli.run(['status'], { state: box.state, env: { NO_COLOR: '1' } })).stdout).toBe(stdout);
  });
});

describe('help', () => {
  test.each(SPECS)('of $usage says what it does, its options and an example', async (spec) => {
    const words = wordsOf(spec.usage);
    const [after, before] = await Promise.all([run(...words, '--help'), run('--help', ...words)]);
    expect(after).toMatchObject({ code: 0, stderr: '' });
    expect(before).toEqual(after);
    const text = after.stdout.replace(/\s+/g, ' ');
    expect(text).toContain(`Usage: imagetank ${words.join(' ')}`);
    expect(text).toContain(`Example: ${spec.example} `);
    for (const [flags, sentence] of spec.options ?? []) expect(text).toContain(`${flags} ${sentence}`);
    expect(text).toContain(spec.summary);
    expect(appliance.asked).toEqual([]);
  });

  test('of the program names every command, every group and the exit codes', async () => {
    const { code, stdout } = await run('--help');
    expect(code).toBe(0);
    for (const spec of SPECS)
      expect(stdout).toMatch(new RegExp(`^  ${wordsOf(spec.usage)[0] ?? ''}\\b`, 'm'));
    expect(stdout).toContain('78 bad configuration');
    for (const [group, text] of Object.entries(GROUPS)) {
      expect((await run(...group.split(' '), '-h')).stdout).toContain(text);
    }
  });

  test('--version is that of package.json', async () => {
    expect(await run('--version')).toEqual({ code: 0, stdout: '0.1.0\n', stderr: '' });
  });

  test('every example is one that the program understands', () => {
    for (const { usage, example } of SPECS) {
      expect(example.startsWith(`imagetank ${wordsOf(usage).join(' ')}`)).toBe(true);
    }
  });
});

describe('usage errors are 64, one line with a hint', () => {
  test.each<[args: readonly string[], text: string]>([
    [[], 'which command: see: imagetank --help'],
    [['log'], 'which command: see: imagetank log --help'],
    [['bakcup'], 'did you mean backup?'],
    [['drive', 'adpot', 'X'], 'did you mean adopt?'],
    [['status', '--jsno'], 'did you mean --json?'],
    [['check'], 'see: imagetank check --help'],
    [['library', 'index'], 'see: imagetank library index --help'],
    [['library'], 'see: imagetank library --help'],
    [['check', 'a', 'b'], 'see: imagetank check --help'],
    [['backup', '--to'], 'see: imagetank backup --help'],
    [['sim', 'hold', '--ms', 'long'], '--ms long is no whole number'],
    [['run', '--port', 'http'], '--port http is no number'],
    [['replay', 'f', '--until', '0'], '--until 0 is no number above 0'],
    [['replay', 'f', '--speed', '-1'], '--speed -1 is no number above 0'],
    [['diagram', '--machine', 'x'], 'one of: appliance, backup'],
    [['diagram', '--format', 'png'], 'one of: '],
  ])('%j', async (args, text) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toMatch(/^imagetank: [^\n]+: [^\n]+\n$/);
    expect(stderr).toContain(text);
    const json = await run(...args, '--json');
    expect(json.code).toBe(64);
    expect(ErrorShape.parse(JSON.parse(json.stderr)).error.code).toBe('usage');
    expect(appliance.asked).toEqual([]);
  });
});

describe('run and demo hand over what was typed', () => {
  const options = async (...args: readonly string[]) => {
    const { stdout } = await cli.run(args, { state: box.state, cwd: cli.dir });
    return JSON.parse(stdout) as RunOptions;
  };

  test('run', async () => {
    const found = await options('run', '--board', 'sim', '--port', '8080', '--recover', '--json');
    expect(found).toMatchObject({
      terminal: false,
      recover: true,
      service: false,
      json: true,
      version: '0.1.0',
    });
    expect(found.loaded).toMatchObject({
      config: { port: 8080, board: 'sim' },
      sources: { port: '--port', board: '--board' },
    });
    expect(found.places.stateDir).toBe(box.state);
    expect(await options('run', '--quiet')).toMatchObject({ quiet: true, recover: false });
  });

  test('as the process that systemd started it is the service; in a terminal of its user it is not', async () => {
    const started = (pid: string) =>
      spawnSync(
        '/bin/sh',
        ['-c', `SYSTEMD_EXEC_PID=${pid} exec "$0" "$1" run`, process.execPath, cli.entry],
        {
          env: { PATH: process.env['PATH'], HOME: cli.dir, IMAGETANK_STATE: box.state, INVOCATION_ID: 'x' },
          encoding: 'utf8',
        },
      );
    expect(JSON.parse(started('$$').stdout)).toMatchObject({
      service: true,
      loaded: { config: { board: 'auto' } },
    });
    expect(JSON.parse(started('1').stdout)).toMatchObject({ service: false });
  });

  test('demo gives its exit code on', async () => {
    const args = ['demo', '--card', 'a', '--drive', '/b', '--keep'];
    const { code, stdout } = await cli.run(args, { cwd: cli.dir });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ card: `${cli.dir}/a`, drive: '/b', keep: true });
  });
});

describe('only what a command needs is loaded', () => {
  const HEAVY = ['zod', 'rxjs', 'fastify', 'commander', 'xstate', 'winston', 'smol-toml', 'exifr'];
  const packagesOf = (...outputs: readonly string[]) => {
    const inputs = outputs.flatMap((output) => cli.inputsOf(output));
    return HEAVY.filter((name) => inputs.some((input) => input.includes(`node_modules/${name}/`)));
  };

  test('status loads nothing heavy', () => {
    expect(packagesOf('bin/imagetank.ts', 'bin/cli/status.ts')).toEqual([]);
  });

  test('what asks the daemon loads the parser at most', () => {
    for (const name of [
      'backup',
      'history',
      'watch',
      'check',
      'verify',
      'drive',
      'button',
      'sim',
      'log-tail',
    ]) {
      expect(packagesOf('bin/imagetank.ts', 'bin/cli/program.ts', `bin/cli/${name}.ts`)).toEqual([
        'commander',
      ]);
    }
  });

  test('and the test would see it: replay validates, config reads TOML', () => {
    expect(packagesOf('bin/cli/replay.ts')).toContain('zod');
    expect(packagesOf('bin/cli/config.ts')).toEqual(['zod', 'smol-toml']);
  });
});
