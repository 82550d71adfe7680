import { describe, expect, test } from 'vitest';
import {
  type BoardAsked,
  type BoardFound,
  chooseBoard,
  NOTHING_FOUND,
  needsMachine,
} from '../../services/board/choice.ts';
import { lightsFile } from '../../services/board/lights-file.ts';
import { boardLines } from '../../services/board/lines.ts';

const SERVICE: BoardAsked = { board: 'auto', leds: {}, pinsWritten: false, service: true, terminal: false };
const OURS = { red: 'imagetank:red', amber: 'imagetank:amber', green: 'imagetank:green' };
const CHIP = { label: 'pinctrl-rp1', offset: (line: number) => line + 100 };
const ALL: BoardFound = { ours: OURS, own: 'ACT', missing: [], chip: CHIP };

const choose = (asked: Partial<BoardAsked>, found: Partial<BoardFound> = {}) =>
  chooseBoard({ ...SERVICE, ...asked }, { ...NOTHING_FOUND, ...found });

describe('auto', () => {
  test.each<[string, Partial<BoardAsked>, Partial<BoardFound>, object]>([
    ['in a terminal', { service: false, terminal: true }, ALL, { kind: 'sim' }],
    ['in a pipe', { service: false }, ALL, { kind: 'none' }],
    ['the service, even with a terminal', { terminal: true }, ALL, { kind: 'leds', leds: OURS }],
    ['named LEDs first', { leds: { one: 'X' } }, ALL, { kind: 'leds', leds: { one: 'X' } }],
    ['named LEDs that are missing', { leds: { one: 'X' } }, { ...ALL, missing: ['X'] }, { leds: OURS }],
    [
      'lines that are written down',
      { pinsWritten: true },
      { ...ALL, ours: null },
      { kind: 'gpio', chip: CHIP },
    ],
    ['no line that nobody wrote down', {}, { ...ALL, ours: null }, { kind: 'leds', leds: { one: 'ACT' } }],
    ['lines without a chip', { pinsWritten: true }, { own: 'ACT' }, { kind: 'leds', leds: { one: 'ACT' } }],
    ['nothing', {}, {}, { kind: 'none', why: 'no LED was found' }],
    [
      'and why not',
      { pinsWritten: true },
      { chip: { none: 'no chip' } },
      { why: 'no LED was found, no chip' },
    ],
  ])('%s', (_, asked, found, expected) => {
    expect(choose(asked, found)).toMatchObject(expected);
  });
});

describe('by name', () => {
  test.each<[string, Partial<BoardAsked>, Partial<BoardFound>, object]>([
    ['sim in the service', { board: 'sim' }, ALL, { kind: 'sim', why: 'as configured' }],
    ['none', { board: 'none' }, ALL, { kind: 'none', why: 'as configured' }],
    ['leds: ours', { board: 'leds' }, ALL, { kind: 'leds', leds: OURS }],
    ['leds: the own one', { board: 'leds' }, { own: 'PWR' }, { kind: 'leds', leds: { one: 'PWR' } }],
    ['leds: named ones', { board: 'leds', leds: { green: 'g' } }, ALL, { leds: { green: 'g' } }],
    ['gpio', { board: 'gpio' }, ALL, { kind: 'gpio', chip: CHIP }],
    ['gpio in a terminal', { board: 'gpio', service: false, terminal: true }, ALL, { kind: 'gpio' }],
  ])('%s', (_, asked, found, expected) => {
    expect(choose(asked, found)).toMatchObject(expected);
  });

  test.each<[string, Partial<BoardAsked>, Partial<BoardFound>, RegExp, RegExp]>([
    ['leds', { board: 'leds' }, {}, /no LED/, /overlay/],
    ['a named LED', { board: 'leds', leds: { green: 'g' } }, { ...ALL, missing: ['g'] }, /no LED g/, /ls/],
    ['gpio', { board: 'gpio' }, { chip: { none: 'no chip' } }, /^no chip$/, /apt install gpiod/],
  ])('%s that is not there is an error with the way out', (_, asked, found, why, fix) => {
    expect(choose(asked, found)).toEqual({
      kind: 'missing',
      why: expect.stringMatching(why),
      fix: expect.stringMatching(fix),
    });
  });
});

test('only real boards cost a look at the machine', () => {
  const asks = (asked: Partial<BoardAsked>) => needsMachine({ ...SERVICE, ...asked });
  expect([
    asks({}),
    asks({ board: 'leds', service: false }),
    asks({ board: 'gpio', service: false }),
  ]).toEqual([true, true, true]);
  expect([asks({ service: false }), asks({ board: 'sim' }), asks({ board: 'none' })]).toEqual([
    false,
    false,
    false,
  ]);
});

describe('lines', () => {
  const PIBRELLA = { red: 27, amber: 17, green: 4, button: 11, buzzer: 18 };
  const HIGH = { activeLow: false, buttonActiveLow: false };
  const NONE = { red: null, amber: null, green: null, button: null, buzzer: null };

  test.each([
    [{}, { ...PIBRELLA, ...HIGH }],
    [{ active_low: true }, { ...PIBRELLA, activeLow: true, buttonActiveLow: false }],
    [{ button_active_low: true }, { ...PIBRELLA, activeLow: false, buttonActiveLow: true }],
    [{ buzzer: false as const }, { ...PIBRELLA, ...HIGH, buzzer: null }],
    [
      { red: 5, green: 6 },
      { ...NONE, ...HIGH, red: 5, green: 6 },
    ],
    [{ button: 'my button' }, { ...NONE, ...HIGH, button: 'my button' }],
    [
      { green: 0, button: false as const },
      { ...NONE, ...HIGH, green: 0 },
    ],
  ])('%j: with one named, nothing else is touched', (pins, lines) => {
    expect(boardLines(pins)).toEqual(lines);
  });
});

describe('what imagetank-lights is told', () => {
  const why = '';
  test('the LEDs', () => {
    expect(lightsFile({ kind: 'leds', leds: { red: 'r', green: 'g' }, why }, boardLines({}))).toBe(
      'board=leds\nred=r\ngreen=g\n',
    );
    expect(lightsFile({ kind: 'leds', leds: { one: 'ACT' }, why }, boardLines({}))).toBe(
      'board=leds\none=ACT\n',
    );
  });

  test('the chip by its label and the lines by their offsets', () => {
    const lines = boardLines({ red: 27, green: 0, active_low: true });
    expect(lightsFile({ kind: 'gpio', chip: CHIP, why }, lines)).toBe(
      'board=gpio\nchip=pinctrl-rp1\nactive_low=1\nred_line=127\ngreen_line=100\n',
    );
  });

  test('that there is nothing', () => {
    expect(lightsFile({ kind: 'none', why }, boardLines({}))).toBe('board=none\n');
  });
});
