import { afterEach, describe, expect, test } from 'vitest';
import { findSensors, readSensors } from '../../adapters/health/sensors.ts';
import { parseThrottled, powerOf, throttlingOf } from '../../adapters/health/throttled.ts';
import { BOARDS, FakeSys } from './boards.ts';

const made: FakeSys[] = [];
const sysOf = (files: Readonly<Record<string, string>> = {}) => {
  const sys = new FakeSys(files);
  made.push(sys);
  return sys;
};
const readingsOf = (sys: FakeSys) => readSensors(findSensors(sys.path));
afterEach(() => {
  for (const sys of made.splice(0)) sys.remove();
});

const ALARM = { 'Pi 3': 'hwmon1', 'Pi 4': 'hwmon1', 'Pi 5': 'hwmon3' } as const;
const SOC = { 'Pi 3': 'soc', 'Pi 4': 'soc', 'Pi 5': 'soc@107c000000' } as const;
const NAMES = Object.keys(BOARDS) as (keyof typeof BOARDS)[];

describe.each(NAMES)('a %s', (name) => {
  const alarm = `class/hwmon/${ALARM[name]}/in0_lcrit_alarm`;
  const throttled = `devices/platform/${SOC[name]}/${SOC[name]}:firmware/get_throttled`;

  test('that is well', () => {
    const celsius = Number(BOARDS[name]['class/thermal/thermal_zone0/temp']) / 1000;
    expect(readingsOf(sysOf(BOARDS[name]))).toEqual([
      { check: 'temperature', celsius },
      { check: 'power', low: false, wasLow: false },
      { check: 'throttling', brakes: [] },
    ]);
  });

  test('with a weak supply: either file is enough', () => {
    const sys = sysOf(BOARDS[name]);
    sys.write(alarm, '1\n');
    expect(readingsOf(sys)).toContainEqual({ check: 'power', low: true, wasLow: false });
    sys.write(alarm, '0\n');
    sys.write(throttled, '50005\n');
    expect(readingsOf(sys)).toContainEqual({ check: 'power', low: true, wasLow: true });
    sys.remove(throttled);
    sys.write(alarm, '1\n');
    expect(readingsOf(sys)).toContainEqual({ check: 'power', low: true, wasLow: false });
  });

  test('that is too hot', () => {
    const sys = sysOf(BOARDS[name]);
    sys.write(throttled, 'e000e\n');
    expect(readingsOf(sys)).toContainEqual({
      check: 'throttling',
      brakes: ['frequency capped', 'throttled', 'soft temperature limit'],
    });
  });

  test('without the driver of the voltage the firmware’s word is all there is', () => {
    const sys = sysOf(BOARDS[name]);
    sys.remove('class/hwmon');
    expect(readingsOf(sys)).toContainEqual({ check: 'power', low: false, wasLow: false });
    sys.remove('devices');
    expect(readingsOf(sys).map(({ check }) => check)).toEqual(['temperature']);
  });
});

describe('unknown', () => {
  test('is everything on a machine that shows nothing', () => {
    expect(readingsOf(sysOf())).toEqual([]);
  });

  test.each(['', 'garbage', '\n', '12.5', '1000000', '-99000'])('is a temperature of %j', (text) => {
    const sys = sysOf(BOARDS['Pi 4']);
    sys.write('class/thermal/thermal_zone0/temp', text);
    expect(readingsOf(sys).map(({ check }) => check)).toEqual(['power', 'throttling']);
  });

  test.each(['', 'garbage', '2'])('is an alarm of %j: then the firmware’s word counts', (text) => {
    const sys = sysOf(BOARDS['Pi 4']);
    sys.write('class/hwmon/hwmon1/in0_lcrit_alarm', text);
    sys.write('devices/platform/soc/soc:firmware/get_throttled', '1\n');
    expect(readingsOf(sys)).toContainEqual({ check: 'power', low: true, wasLow: false });
  });

  test('is what vanishes after it was found', () => {
    const sys = sysOf(BOARDS['Pi 4']);
    const sensors = findSensors(sys.path);
    sys.remove('class');
    sys.remove('devices');
    expect(readSensors(sensors)).toEqual([]);
  });
});

describe('the temperature of other machines', () => {
  test('is that of the hottest sensor of the processor, whatever the radio says', () => {
    const sys = sysOf({
      'class/thermal/thermal_zone0/type': 'acpitz',
      'class/thermal/thermal_zone0/temp': '99000',
      'class/thermal/thermal_zone1/type': 'x86_pkg_temp',
      'class/thermal/thermal_zone1/temp': '61000',
      'class/thermal/thermal_zone2/type': 'soc-thermal',
      'class/thermal/thermal_zone2/temp': '64000',
      'class/thermal/cooling_device0/type': 'cpu',
      'class/thermal/cooling_device0/temp': '90000',
    });
    expect(readingsOf(sys)).toEqual([{ check: 'temperature', celsius: 64 }]);
  });

  test('is the first one’s where none has a known name', () => {
    const sys = sysOf({
      'class/thermal/thermal_zone0/type': 'acpitz',
      'class/thermal/thermal_zone0/temp': '27800',
      'class/thermal/thermal_zone1/type': 'iwlwifi_1',
      'class/thermal/thermal_zone1/temp': '51000',
    });
    expect(readingsOf(sys)).toEqual([{ check: 'temperature', celsius: 27.8 }]);
  });
});

describe('the firmware’s word', () => {
  test.each([
    ['0\n', 0],
    ['50005\n', 0x50005],
    ['0x50000', 0x50000],
    ['throttled=0x80008\n', 0x80008],
    ['', null],
    ['throttled=', null],
    ['VCHI initialization failed', null],
    ['123456789', null],
  ])('%j is %j', (text, word) => {
    expect(parseThrottled(text)).toBe(word);
  });

  test.each([
    [0x0, false, false, []],
    [0x1, true, false, []],
    [0x10000, false, true, []],
    [0x50005, true, true, ['throttled']],
    [0x20002, false, false, ['frequency capped']],
    [0x80008, false, false, ['soft temperature limit']],
    [0x60000, false, false, []],
  ])('%i', (word, low, wasLow, brakes) => {
    expect(powerOf(word)).toEqual({ check: 'power', low, wasLow });
    expect(throttlingOf(word)).toEqual({ check: 'throttling', brakes });
  });
});
