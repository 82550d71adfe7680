import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { loadConfig, readConfig } from '../../adapters/config/load.ts';
import { readSettings, settingsFile, writeSettings } from '../../adapters/config/settings-file.ts';
import { Settings, type SettingsParts } from '../../services/config/settings.ts';
import { told, useCleaner, whyRoot } from '../fs/folders.ts';

const clean = useCleaner();
let state: string;
let file: string;
let etc: string;
beforeEach(async () => {
  state = await clean.folder();
  file = settingsFile(state);
  etc = join(state, 'etc.toml');
});

const put = (text: string) => writeFileSync(file, text);
const request = (env: Record<string, string> = {}) => ({
  ...{ file: null, env, flags: {} },
  files: [etc],
  settings: readSettings(file),
});
const load = (env?: Record<string, string>) => loadConfig(request(env));

describe('the layer', () => {
  test('lies above the files and below the environment, key by key', () => {
    writeFileSync(etc, 'layout = "mirror"\ncopies = 2\nauto = "any"\n');
    put('{"layout": "numbered", "copies": 3}');
    const { config, sources, unused } = load({ IMAGETANK_COPIES: '4' });
    expect(config).toMatchObject({ layout: 'numbered', copies: 4, auto: 'any' });
    expect(sources).toMatchObject({
      layout: file,
      copies: 'environment IMAGETANK_COPIES',
      auto: `${etc}:3`,
      drives: 'default',
    });
    expect(unused).toEqual([]);
  });

  test('that is not there changes nothing', () => {
    expect(load()).toEqual({ ...loadConfig({ file: null, env: {}, flags: {}, files: [etc] }), unused: [] });
  });
});

describe('a file that cannot be used never keeps the box from starting, and never asks for fewer copies', () => {
  test.each([
    ['no JSON', '{"copies": 2', 8, 'damaged settings'],
    ['no object', '[1]', 8, 'no JSON object'],
    ['too large', JSON.stringify({ x: 'y'.repeat(65_536) }), 8, 'more than 65536 bytes'],
    ['a key that is no setting', '{"port": 8080, "copies": 3}', 3, '"port" is no setting'],
    ['a key that nobody knows', '{"laiout": "dated"}', 1, '"laiout" is no setting'],
    ['a bad value beside good ones', '{"layout": "tidy", "copies": 3}', 3, 'bad value layout'],
    ['bad copies', '{"copies": 0}', 8, 'bad value copies'],
    ['a layout without its template', '{"layout": "custom"}', 1, 'without a template'],
  ])('%s', (_what, text, copies, what) => {
    writeFileSync(etc, 'copies = 1\n');
    put(text);
    const { config, unused } = load();
    expect(config).toMatchObject({ copies, layout: 'dated', port: null });
    expect(unused.map((one) => one.what).join()).toContain(what);
    expect(unused[0]?.hint).not.toBe('');
    // `config check` tells all of it.
    expect(readConfig(request())).toEqual({ problems: unused });
  });

  test.skipIf(told('settings that may not be read', whyRoot))('what may not be read', () => {
    put('{}');
    chmodSync(file, 0);
    expect(load()).toMatchObject({ config: { copies: 8 }, unused: [{ where: file }] });
  });

  test('a folder in its place', () => {
    mkdirSync(file);
    expect(load()).toMatchObject({ config: { copies: 8 } });
  });

  test('what is wrong elsewhere is refused as ever, with settings or without', () => {
    writeFileSync(etc, 'copies = 0\n');
    for (const text of ['{"layout": "mirror"}', '{']) {
      put(text);
      expect(load).toThrow(expect.objectContaining({ exitCode: 78, message: expect.stringContaining(etc) }));
    }
  });
});

describe('the file', () => {
  test('is written whole, over what a crash left, for nobody else to read', async () => {
    writeFileSync(`${file}.new`, 'half');
    await writeSettings(file, { layout: 'mirror' });
    await writeSettings(file, { copies: 2 });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ copies: 2 });
    expect(readdirSync(state)).toEqual(['settings.json']);
    expect(statSync(file).mode & 0o007).toBe(0);
  });

  test('that cannot be written leaves the old one', async () => {
    put('{"copies": 2}');
    mkdirSync(`${file}.new`);
    await expect(writeSettings(file, { copies: 3 })).rejects.toThrow(
      expect.objectContaining({ code: 'cannot-save', exitCode: 73 }),
    );
    expect(readSettings(file)).toEqual({ file, values: { copies: 2 } });
  });
});

function settings(parts: Partial<SettingsParts> = {}, env: Record<string, string> = {}): Settings {
  return new Settings({
    running: load(env),
    evaluate: (values) => readConfig({ ...request(env), settings: { file, values } }),
    read: () => readSettings(file),
    write: (values) => writeSettings(file, values),
    restart: async () => undefined,
    isBusy: () => false,
    info: () => undefined,
    ...parts,
  });
}

describe('what the page sees', () => {
  test('is what the next start will have, and that it will be another', async () => {
    const page = settings();
    expect(page.view()).toEqual({
      settings: {
        layout: 'dated',
        template: '',
        copies: 'all',
        drives: [],
        day_starts: '00:00',
        auto: 'dcim',
      },
      sources: Object.fromEntries(
        ['layout', 'template', 'copies', 'drives', 'day_starts', 'auto'].map((key) => [key, 'default']),
      ),
      ...{ locked: [], restart: 'service', pending: false },
    });
    const after = await page.change({ layout: 'numbered', drives: ['TANK'] }, 'phone');
    expect(after).toMatchObject({
      settings: { layout: 'numbered', drives: ['TANK'] },
      sources: { layout: file },
      pending: true,
    });
    // The same daemon, started anew.
    expect(settings().view()).toMatchObject({ settings: { layout: 'numbered' }, pending: false });
  });

  test('a setting that is taken back is that of the files again', async () => {
    writeFileSync(etc, 'layout = "mirror"\n');
    const page = settings();
    await page.change({ layout: 'dated', copies: 2 }, 'phone');
    expect(await page.change({ layout: null }, 'phone')).toMatchObject({
      settings: { layout: 'mirror', copies: 2 },
    });
  });

  test('what is refused changes nothing, and says what is accepted', async () => {
    const page = settings();
    await page.change({ copies: 2 }, 'phone');
    for (const change of [{ copies: 9 }, { layout: 'tidy' }, { layout: 'custom' }, { drives: 'TANK' }]) {
      const refused = expect.objectContaining({ code: 'bad-setting', exitCode: 64 });
      await expect(page.change({ day_starts: '03:00', ...change }, 'phone')).rejects.toThrow(refused);
    }
    expect(readSettings(file)).toEqual({ file, values: { copies: 2 } });
  });

  test('of two that are changed at once neither is lost, nor when the one before failed', async () => {
    const writes: (() => void)[] = [];
    const page = settings({
      write: (values) => {
        const fails = writes.length === 0;
        return new Promise<void>((resolve) => writes.push(resolve)).then(() =>
          fails ? Promise.reject(new Error('full')) : writeSettings(file, values),
        );
      },
    });
    const changes = [{ layout: 'mirror' }, { copies: 2 }, { auto: 'off' }];
    const all = Promise.allSettled(changes.map((change) => page.change(change, 'phone')));
    for (let at = 0; at < changes.length; at += 1) {
      await vi.waitUntil(() => writes.length > at);
      expect(writes).toHaveLength(at + 1);
      writes[at]?.();
    }
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(readSettings(file)).toEqual({ file, values: { copies: 2, auto: 'off' } });
  });

  test('a restart waits for a change that is being written', async () => {
    const order: string[] = [];
    const page = settings({
      write: (values) => writeSettings(file, values).then(() => void order.push('written')),
      restart: async () => void order.push('restarted'),
    });
    await Promise.all([page.change({ copies: 2 }, 'phone'), page.restart('phone')]);
    expect(order).toEqual(['written', 'restarted']);
  });

  test('what the environment sets is locked', async () => {
    const page = settings({}, { IMAGETANK_COPIES: '2' });
    expect(page.view()).toMatchObject({ locked: ['copies'], settings: { copies: 2 } });
    await expect(page.change({ copies: 1 }, 'phone')).rejects.toThrow(
      expect.objectContaining({
        code: 'locked-setting',
        message: expect.stringContaining('IMAGETANK_COPIES'),
      }),
    );
    expect(existsSync(file)).toBe(false);
  });

  describe('after damage', () => {
    test('it is what runs, and the next change mends it', async () => {
      put('{');
      const page = settings();
      expect(page.view()).toMatchObject({ settings: { copies: 8 }, pending: false });
      await page.change({ copies: 2 }, 'phone');
      expect(page.view()).toMatchObject({ settings: { copies: 2 }, pending: true });
      expect(load()).toMatchObject({ config: { copies: 2 }, unused: [] });
    });

    test.each([
      '{"copies": 3, "layo',
      '{"copies": 0}',
      '{"copies": "many"}',
    ])('a change of something else asks for no fewer copies than a box does that cannot tell: %s', async (text) => {
      put(text);
      expect((await settings().change({ day_starts: '04:00' }, 'phone')).settings).toMatchObject({
        day_starts: '04:00',
        copies: 8,
      });
      expect(load().config.copies).toBe(8);
    });

    test.each([
      '{"copies": 3',
      '[]',
      '{"copies": -1}',
    ])('that came while it ran, nor than run now: %s', async (text) => {
      put('{"copies": 3}');
      const page = settings();
      put(text);
      await page.change({ day_starts: '04:00' }, 'phone');
      expect(load()).toMatchObject({ config: { copies: 3, day_starts: '04:00' }, unused: [] });
    });

    test('nor than the owner has chosen for the next start', async () => {
      const page = settings();
      await page.change({ copies: 3 }, 'phone');
      put('{"copies": 3');
      await page.change({ auto: 'off' }, 'phone');
      expect(load().config).toMatchObject({ copies: 3, auto: 'off' });
    });

    test('the owner may take the copies back', async () => {
      writeFileSync(etc, 'copies = 2\n');
      put('{"copies": 3');
      await settings().change({ copies: null }, 'phone');
      expect(load().config.copies).toBe(2);
    });
  });

  test('who changed what is told', async () => {
    const told: string[] = [];
    await settings({ info: (text) => told.push(text) }).change({ copies: 2, auto: 'off' }, 'phone');
    expect(told).toEqual(['settings changed by phone: copies, auto']);
  });
});

describe('a restart', () => {
  test('is refused while something is under way, and where nobody would start it again', async () => {
    const began: string[] = [];
    const restart = async () => void began.push('end');
    await expect(settings({ restart, isBusy: () => true }).restart('phone')).rejects.toMatchObject({
      exitCode: 75,
    });
    const byHand = settings({ restart: null });
    await expect(byHand.restart('phone')).rejects.toMatchObject({ code: 'restart-by-hand', exitCode: 78 });
    expect(byHand.view().restart).toBe('by-hand');
    expect(began).toEqual([]);
    await settings({ restart }).restart('phone');
    expect(began).toEqual(['end']);
  });
});
