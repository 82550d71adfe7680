import { describe, expect, test } from 'vitest';
import { environmentLayer, flagLayer } from '../../services/config/environment.ts';
import { configError, type Layer, mergeLayers } from '../../services/config/layers.ts';
import { legacyLayer } from '../../services/config/legacy.ts';
import { CONFIG_KEYS } from '../../services/config/schema.ts';
import type { UserError } from '../../services/errors.ts';

const layer = (source: string, values: Layer['values']): Layer => ({
  source,
  values,
  where: (key) => `${source}:${key}`,
});

function merged(...layers: readonly Layer[]) {
  const result = mergeLayers(layers);
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  return result;
}

function problemsOf(...layers: readonly Layer[]) {
  const result = mergeLayers(layers);
  if (!('problems' in result)) throw new Error('no problem was found');
  return result.problems;
}

describe('layers', () => {
  test('none is every default, and says so', () => {
    const { config, sources } = merged();
    expect(config.auto).toBe('dcim');
    expect(sources).toEqual(Object.fromEntries(CONFIG_KEYS.map((key) => [key, 'default'])));
  });

  test('a later one wins, key by key, and each value knows who set it', () => {
    const { config, sources } = merged(
      layer('etc', { auto: 'off', copies: 2, roots: ['/a', '/b'] }),
      layer('boot', { auto: 'any', roots: ['/c'] }),
      layer('flags', { board: 'sim' }),
    );
    expect(config).toMatchObject({ auto: 'any', copies: 2, roots: ['/c'], board: 'sim' });
    expect(sources).toMatchObject({
      auto: 'boot:auto',
      copies: 'etc:copies',
      roots: 'boot:roots',
      board: 'flags:board',
      layout: 'default',
    });
  });

  test('a bad value is a problem, also when a later layer overrides it', () => {
    expect(problemsOf(layer('etc', { copies: 0 }), layer('boot', { copies: 1 }))).toEqual([
      {
        what: 'bad value copies = 0',
        where: 'etc:copies',
        hint: 'accepted: "all" (attached when the backup starts) or a number from 1 to 8',
      },
    ]);
  });

  test('a template says what is wrong with it, and what is accepted', () => {
    expect(problemsOf(layer('etc', { template: '{yaer}/{name}.{ext}' }))).toEqual([
      {
        what: 'bad value template = "{yaer}/{name}.{ext}", unknown field {yaer}',
        where: 'etc:template',
        hint: expect.stringContaining(
          '{year} {month} {day} {date} {time} {camera} {serial} {card} {name} {ext} {seq}',
        ),
      },
    ]);
  });

  test('custom without a template is refused where the layout is set', () => {
    expect(problemsOf(layer('etc', { auto: 'off' }), layer('env', { layout: 'custom' }))).toEqual([
      {
        what: 'layout = "custom" without a template',
        where: 'env:layout',
        hint: expect.stringContaining('template = "'),
      },
    ]);
  });

  test('a template that no layout uses is refused where it is set', () => {
    const template = '{name}.{ext}';
    for (const layout of ['dated', 'mirror', 'numbered']) {
      expect(problemsOf(layer('etc', { template }), layer('env', { layout }))).toEqual([
        {
          what: `template with layout = "${layout}", which does not use it`,
          where: 'etc:template',
          hint: 'set layout = "custom", or take the template out',
        },
      ]);
    }
    expect(problemsOf(layer('etc', { template }))).toHaveLength(1);
  });

  test('layout and template may come from different places', () => {
    const merged = mergeLayers([
      layer('etc', { layout: 'mirror' }),
      layer('boot', { template: '{name}.{ext}' }),
      layer('env', { layout: 'custom' }),
    ]);
    expect(merged).toMatchObject({ config: { layout: 'custom', template: '{name}.{ext}' } });
  });

  test('an unknown key has the nearest known one as its hint, or all of them', () => {
    expect(problemsOf(layer('etc', { autp: 'off', zzzzzz: 1 }))).toEqual([
      { what: 'unknown key "autp"', where: 'etc:autp', hint: 'did you mean "auto"?' },
      { what: 'unknown key "zzzzzz"', where: 'etc:zzzzzz', hint: `known keys: ${CONFIG_KEYS.join(', ')}` },
    ]);
  });

  test('every problem of every layer is listed, one a key', () => {
    const found = problemsOf(
      layer('etc', { roots: ['a', 'b'], pins: { red: 28, amber: 17 }, port: 80 }),
      layer('boot', { auto: 'sometimes' }),
    );
    expect(found.map(({ where }) => where).sort()).toEqual([
      'boot:auto',
      'etc:pins',
      'etc:port',
      'etc:roots',
    ]);
  });
});

describe('the problems as one error', () => {
  const problem = { what: 'bad value copies = 0', where: 'etc:3', hint: 'accepted: more' };
  test('is 78 with what, where and what to do', () => {
    expect(configError([problem])).toMatchObject({
      exitCode: 78,
      message: 'bad value copies = 0, etc:3',
      hint: 'accepted: more',
    } satisfies Partial<UserError>);
  });

  test('counts the others', () => {
    expect(configError([problem, problem, problem]).message).toContain('(2 more: imagetank config check)');
  });

  test('there is no error without a problem', () => {
    expect(() => configError([])).toThrow(RangeError);
  });
});

describe('the environment', () => {
  test('without a variable of ours is no layer', () => {
    expect(environmentLayer({ PATH: '/bin', IMAGETANK: 'x', IMAGETANK_AUTO: undefined })).toBeNull();
  });

  test('the state folder and the samples are no keys', () => {
    expect(environmentLayer({ IMAGETANK_STATE: '/s', IMAGETANK_SAMPLES: '/x' })).toBeNull();
  });

  test('reads words, numbers and lists', () => {
    const found = environmentLayer({
      IMAGETANK_AUTO: 'any',
      IMAGETANK_COPIES: '2',
      IMAGETANK_PORT: '8080',
      IMAGETANK_ROOTS: '/a, /b,,',
      IMAGETANK_CARDS: '',
      IMAGETANK_RESERVE: '2GB',
    });
    expect(found?.source).toBe('environment');
    expect(found?.where('card_max')).toBe('environment IMAGETANK_CARD_MAX');
    expect(merged(found ?? layer('', {})).config).toMatchObject({
      auto: 'any',
      copies: 2,
      port: 8080,
      roots: ['/a', '/b'],
      cards: [],
      reserve: 2e9,
    });
  });

  test('"all" copies stays a word, and what is no number is refused as it was written', () => {
    expect(environmentLayer({ IMAGETANK_COPIES: 'all' })?.values).toEqual({ copies: 'all' });
    const found = environmentLayer({ IMAGETANK_PORT: '80a' });
    expect(problemsOf(found ?? layer('', {}))).toMatchObject([
      { what: 'bad value port = "80a"', where: 'environment IMAGETANK_PORT' },
    ]);
  });

  test('TLS is a word, or two files', () => {
    const read = (text: string) => environmentLayer({ IMAGETANK_TLS: text });
    expect(read('self-signed')?.values).toEqual({ tls: 'self-signed' });
    expect(read('/a.pem, /b.pem')?.values).toEqual({ tls: { cert: '/a.pem', key: '/b.pem' } });
    for (const bad of ['/a.pem', 'a.pem,/b.pem', '/a.pem,b.pem', 'on']) {
      const where = 'environment IMAGETANK_TLS';
      expect(problemsOf(read(bad) ?? layer('', {}))).toMatchObject([{ where }]);
    }
  });

  test.each(['inbox', 'mdns'])('%s is true or false, and any other word is refused', (key) => {
    const read = (text: string) => environmentLayer({ [`IMAGETANK_${key.toUpperCase()}`]: text });
    expect(read('true')?.values).toEqual({ [key]: true });
    expect(read('false')?.values).toEqual({ [key]: false });
    expect(problemsOf(read('no') ?? layer('', {}))).toMatchObject([{ what: `bad value ${key} = "no"` }]);
  });

  test('a variable that is no key is refused', () => {
    const found = environmentLayer({ IMAGETANK_COLOUR: 'red' });
    expect(problemsOf(found ?? layer('', {}))).toMatchObject([{ what: 'unknown key "colour"' }]);
  });
});

test('flags are a layer of what was given', () => {
  const flags = flagLayer({ board: 'none' });
  expect(flags).toMatchObject({ source: 'flags', values: { board: 'none' } });
  expect(flags.where('board')).toBe('--board');
  expect(flagLayer({}).values).toEqual({});
});

describe('backup_photos.conf of the seeds', () => {
  const read = (text: string) => {
    const found = legacyLayer('/etc/backup_photos.conf', text);
    if ('problems' in found) throw new Error(JSON.stringify(found.problems));
    return found;
  };

  test('both keys, with blanks around = and a comment', () => {
    const found = read('# photos\n\n  mount folder =  /media/pi/ \r\ndestination folder=PDRIVE128GB\n');
    expect(found.values).toEqual({ roots: ['/media/pi'], drives: ['PDRIVE128GB'] });
    expect(found.where('roots')).toBe('/etc/backup_photos.conf:3');
    expect(found.where('drives')).toBe('/etc/backup_photos.conf:4');
    expect(found.where('auto')).toBe('/etc/backup_photos.conf:1');
  });

  test('a destination that is a path means the volume of that name', () => {
    expect(read('destination folder = /media/pi/PDRIVE128GB/').values).toEqual({ drives: ['PDRIVE128GB'] });
  });

  test('the root of everything keeps its slash', () => {
    expect(read('mount folder=/').values).toEqual({ roots: ['/'] });
  });

  test.each([
    'mount folder=',
    'colour=red',
    'mount folder /media',
  ])('%j is a problem with its line', (line) => {
    expect(legacyLayer('f.conf', `mount folder=/media\n${line}\n`)).toMatchObject({
      problems: [{ what: expect.stringContaining(JSON.stringify(line)), where: 'f.conf:2' }],
    });
  });
});
