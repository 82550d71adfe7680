import type { HealthLevel } from '../../machines/facts.ts';
import { grade, type Limits, MEMORY, STATE_DISK, TEMPERATURE } from './grade.ts';
import type { DiskVerdict, Reading } from './ports.ts';

export interface Verdict {
  readonly level: HealthLevel;
  /** For people: `81.2 °C`. */
  readonly reading: string;
}

type Plain = Exclude<Reading, { readonly check: 'power' | 'throttling' }>;

const OF_DISK = { passed: 'good', worn: 'warning', failing: 'bad' } as const satisfies Record<
  DiskVerdict,
  HealthLevel
>;

/** What a reading means that needs no memory but the level until now. */
export function verdictOn(reading: Plain, before: HealthLevel): Verdict {
  switch (reading.check) {
    case 'temperature':
      return graded(reading.celsius, before, TEMPERATURE, `${reading.celsius.toFixed(1)} °C`);
    case 'memory':
      return graded(reading.rssBytes, before, MEMORY, `${inMb(reading.rssBytes)} MB`);
    case 'state-disk':
      return graded(-reading.freeBytes, before, STATE_DISK, `${inMb(reading.freeBytes)} MB free`);
    case 'disk': {
      const detail = reading.detail === '' ? '' : `: ${reading.detail}`;
      return { level: OF_DISK[reading.verdict], reading: `SMART ${reading.verdict}${detail}` };
    }
  }
}

const graded = (value: number, before: HealthLevel, limits: Limits, reading: string): Verdict => ({
  level: grade(value, before, limits),
  reading,
});

const inMb = (bytes: number) => Math.floor(bytes / 1e6);
