import { describe, expect, test } from 'vitest';
import { CONFIG_KEYS, ConfigSchema, describeKey } from '../../services/config/schema.ts';

const accepts = (key: string, value: unknown) => ConfigSchema.safeParse({ [key]: value }).success;
const messagesOf = (key: string, value: unknown) =>
  ConfigSchema.safeParse({ [key]: value }).error?.issues.map(({ message }) => message) ?? [];
const many = (count: number) => Array.from({ length: count }, (_, index) => `/card-${index}`);

/** The contract, section 3, written down a second time. */
const DEFAULTS = {
  auto: 'dcim',
  cards: [],
  card_max: 4e12,
  drives: [],
  copies: 'all',
  inbox: true,
  layout: 'dated',
  template: '',
  day_starts: '00:00',
  hash: 'xxh64',
  verify: 'medium',
  reserve: 1e9,
  roots: ['/media', '/run/media'],
  board: 'auto',
  pins: {},
  leds: {},
  port: null,
  mdns: true,
  tls: 'off',
  power_off_after: 'never',
};

test('an empty configuration is every default', () => {
  expect(ConfigSchema.parse({})).toEqual(DEFAULTS);
  expect([...CONFIG_KEYS].sort()).toEqual(Object.keys(DEFAULTS).sort());
});

test('an unknown key is refused', () => {
  expect(accepts('colour', 'red')).toBe(false);
});

const GOOD: readonly [key: string, written: unknown, read: unknown][] = [
  ...['dcim', 'any', 'known', 'off'].map((word): [string, string, string] => ['auto', word, word]),
  ['cards', ['SD32GB-03', 'AAAA-0001'], ['SD32GB-03', 'AAAA-0001']],
  ['cards', many(64), many(64)],
  ['card_max', '512GB', 512e9],
  ['card_max', 1024, 1024],
  ['card_max', 0, 0],
  ['drives', ['PDRIVE128GB'], ['PDRIVE128GB']],
  ['copies', 'all', 'all'],
  ['inbox', true, true],
  ['inbox', false, false],
  ['mdns', true, true],
  ['mdns', false, false],
  ['copies', 1, 1],
  ['copies', 8, 8],
  ...['dated', 'mirror', 'numbered', 'custom'].map((word): [string, string, string] => [
    'layout',
    word,
    word,
  ]),
  ['template', '', ''],
  ['template', '{year}/{date}/{camera}/{name}.{ext}', '{year}/{date}/{camera}/{name}.{ext}'],
  ['day_starts', '00:00', '00:00'],
  ['day_starts', '03:00', '03:00'],
  ['day_starts', '23:59', '23:59'],
  ['hash', 'xxh64', 'xxh64'],
  ['hash', 'xxh3', 'xxh3'],
  ['hash', 'xxh128', 'xxh128'],
  ['hash', 'md5', 'md5'],
  ['hash', 'sha1', 'sha1'],
  ['hash', 'c4', 'c4'],
  ['verify', 'medium', 'medium'],
  ['reserve', '2GiB', 2 * 1024 ** 3],
  ['roots', ['/mnt'], ['/mnt']],
  ['board', 'sim', 'sim'],
  ['board', 'none', 'none'],
  ['board', 'leds', 'leds'],
  ['board', 'gpio', 'gpio'],
  ['pins', {}, {}],
  [
    'pins',
    { red: 0, amber: 27, green: false, button: 'button@b' },
    { red: 0, amber: 27, green: false, button: 'button@b' },
  ],
  ['pins', { active_low: true, button_active_low: false }, { active_low: true, button_active_low: false }],
  ['pins', { red: false, amber: false }, { red: false, amber: false }],
  ['leds', { red: 'a:red', green: 'b-2.x+y_z' }, { red: 'a:red', green: 'b-2.x+y_z' }],
  ['leds', { one: 'ACT' }, { one: 'ACT' }],
  ['leds', {}, {}],
  ['port', 1024, 1024],
  ['port', 65_535, 65_535],
  ['port', null, null],
  ['tls', 'off', 'off'],
  ['tls', 'self-signed', 'self-signed'],
  ['tls', { cert: '/a.pem', key: '/b.pem' }, { cert: '/a.pem', key: '/b.pem' }],
  ['power_off_after', 'never', 'never'],
  ['power_off_after', 'card-removed', 'card-removed'],
  ['power_off_after', '1min', 60_000],
  ['power_off_after', '2h', 7_200_000],
];

test.each(GOOD)('%s = %j is accepted', (key, written, read) => {
  expect(ConfigSchema.parse({ [key]: written })).toMatchObject({ [key]: read });
});

const BAD: readonly [key: string, value: unknown][] = [
  ['tls', 'on'],
  ['tls', true],
  ['tls', { cert: '/a.pem' }],
  ['tls', { cert: 'a.pem', key: '/b.pem' }],
  ['tls', { cert: '/a.pem', key: 'b.pem' }],
  ['tls', { cert: '/a.pem', key: '/b.pem', chain: '/c.pem' }],
  ['tls', { cert: '/a.pem', key: `/${'b'.repeat(4096)}` }],
  ['auto', 'DCIM'],
  ['auto', true],
  ['cards', 'SD32GB-03'],
  ['cards', ['']],
  ['cards', many(65)],
  ['card_max', 'big'],
  ['card_max', -1],
  ['card_max', 1.5],
  ['card_max', '10s'],
  ['drives', [1]],
  ['drives', many(65)],
  ['copies', 0],
  ['copies', 9],
  ['copies', 1.5],
  ['copies', 'two'],
  ['layout', 'flat'],
  ['template', '../{name}.{ext}'],
  ['template', 1],
  ['day_starts', '3:00'],
  ['day_starts', '03:0'],
  ['day_starts', '24:00'],
  ['day_starts', '03:60'],
  ['day_starts', '03:00:00'],
  ['day_starts', 3],
  ['day_starts', '3h'],
  ['hash', 'crc32'],
  ['verify', 'no'],
  ['reserve', ''],
  ['reserve', '1 potato'],
  ['roots', []],
  ['roots', ['media']],
  ['roots', many(65)],
  ['board', 'pibrella'],
  ['pins', []],
  ['pins', { red: 28 }],
  ['pins', { red: -1 }],
  ['pins', { red: 1.5 }],
  ['pins', { red: '27' }],
  ['pins', { red: true }],
  ['pins', { blue: 5 }],
  ['pins', { red: 5, green: 5 }],
  ['pins', { button: 5, buzzer: 5 }],
  ['pins', { button: '' }],
  ['pins', { button: 'x'.repeat(65) }],
  ['pins', { button: 'two\nlines' }],
  ['pins', { active_low: 'yes' }],
  ['leds', 'ACT'],
  ['leds', { one: '' }],
  ['leds', { one: '..' }],
  ['leds', { one: '.' }],
  ['leds', { one: 'a/b' }],
  ['leds', { one: 'x'.repeat(65) }],
  ['leds', { one: 'ACT', red: 'PWR' }],
  ['leds', { red: 'ACT', green: 'ACT' }],
  ['leds', { blue: 'ACT' }],
  ['inbox', 'yes'],
  ['mdns', 'no'],
  ['inbox', 1],
  ['port', 1023],
  ['port', 65_536],
  ['port', '8080'],
  ['power_off_after', 10],
  ['power_off_after', 600_000],
  ['power_off_after', '59s'],
  ['power_off_after', '0min'],
  ['power_off_after', 'soon'],
  ['power_off_after', 'card'],
];

test.each(BAD)('%s = %j is refused', (key, value) => {
  expect(accepts(key, value)).toBe(false);
});

test('a word that is not known is told as such', () => {
  expect(messagesOf('layout', 'flat')).toEqual(['unknown value']);
});

test('a template that leads nowhere is told with what is wrong in it', () => {
  expect(messagesOf('template', '{year}/{nmae}.{ext}')).toEqual(['unknown field {nmae}']);
});

describe('documentation', () => {
  test.each(CONFIG_KEYS)('%s has a sentence, what it accepts and its default', (key) => {
    const doc = describeKey(key);
    expect(doc).toMatchObject({ key, fallback: DEFAULTS[key] });
    expect(doc.sentence).toMatch(/^[A-Z].*\.$/);
    expect(doc.accepts).not.toBe('');
  });

  test('quantities have a unit, words have none', () => {
    const units = Object.fromEntries(CONFIG_KEYS.map((key) => [key, describeKey(key).unit]));
    expect(units).toMatchObject({
      card_max: 'bytes',
      reserve: 'bytes',
      copies: 'drives',
      power_off_after: 'ms',
      auto: null,
      roots: null,
    });
  });
});
