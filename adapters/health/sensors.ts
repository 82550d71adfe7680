import { join } from 'node:path';
import type { Reading } from '../../services/health/ports.ts';
import { filesBelow, namesIn, readSmall } from './sys-files.ts';
import { parseThrottled, powerOf, throttlingOf } from './throttled.ts';

/** `cpu-thermal` on every Pi of today, `bcm2835_thermal` before; others name them `soc…`, `package…`, `x86_pkg_temp`. */
const PROCESSOR = /cpu|soc|pkg|package|bcm2835/i;
/** A sensor that is not there often reads as the end of its scale. */
const MIN_CELSIUS = -40;
const MAX_CELSIUS = 150;

/** Where the machine's sensors are, found once; null where there is none. */
export interface Sensors {
  readonly zones: readonly string[];
  /** Under-voltage alarm of the driver raspberrypi-hwmon, readable by all; the kernel asks the firmware every 2 s. */
  readonly alarm: string | null;
  /** Firmware's word; reading it makes the kernel warn once a boot that hwmon is the newer way, which knows no throttling. */
  readonly throttled: string | null;
}

/** `soc` up to the Pi 4, `soc@107c000000` on the Pi 5. */
const SOC = /^soc(@[0-9a-f]+)?$/;

export function findSensors(sys: string): Sensors {
  const hwmons = join(sys, 'class/hwmon');
  const voltage = namesIn(hwmons).find((name) => readSmall(join(hwmons, name, 'name')) === 'rpi_volt');
  const platform = join(sys, 'devices/platform');
  const socs = namesIn(platform).filter((name) => SOC.test(name));
  const words = socs.flatMap((soc) => filesBelow(join(platform, soc), /firmware/, 'get_throttled'));
  const alarm = voltage === undefined ? null : join(hwmons, voltage, 'in0_lcrit_alarm');
  return { zones: processorZones(join(sys, 'class/thermal')), alarm, throttled: words[0] ?? null };
}

function processorZones(folder: string): readonly string[] {
  const zones = filesBelow(folder, /^thermal_zone\d+$/, 'temp');
  const named = zones.filter((path) => PROCESSOR.test(readSmall(join(path, '../type')) ?? ''));
  return named.length > 0 ? named : zones.slice(0, 1);
}

export function readSensors({ zones, alarm, throttled }: Sensors): readonly Reading[] {
  const text = throttled === null ? null : readSmall(throttled);
  const word = text === null ? null : parseThrottled(text);
  const power = powerReading(alarm === null ? null : readSmall(alarm), word);
  const celsius = hottest(zones);
  return [
    ...(celsius === null ? [] : [{ check: 'temperature', celsius } as const]),
    ...(power === null ? [] : [power]),
    ...(word === null ? [] : [throttlingOf(word)]),
  ];
}

/** Low when either says so: each of the two alone may be missing. */
function powerReading(alarm: string | null, word: number | null): Reading | null {
  const byWord = word === null ? null : powerOf(word);
  if (alarm !== '0' && alarm !== '1') return byWord;
  const low = alarm === '1' || byWord?.low === true;
  return { check: 'power', low, wasLow: byWord?.wasLow === true };
}

/** Thousandths of a degree (Documentation/driver-api/thermal/sysfs-api.rst). */
function hottest(zones: readonly string[]): number | null {
  const values = zones
    .map((path) => readSmall(path))
    .filter((text) => text !== null && /^-?\d+$/.test(text))
    .map((text) => Number(text) / 1000)
    .filter((celsius) => celsius > MIN_CELSIUS && celsius < MAX_CELSIUS);
  return values.length === 0 ? null : Math.max(...values);
}
