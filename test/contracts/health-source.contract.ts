import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AskedDisk, HealthSource, Reading } from '../../services/health/ports.ts';

export interface HealthSubject {
  readonly source: HealthSource;
  /** A disk that answers nothing. */
  readonly mute: AskedDisk;
  cleanUp(): Promise<void>;
}

const isNumber = (value: number) => Number.isFinite(value);

/** Every reading is one that the service can judge. */
function expectSound(reading: Reading): void {
  if (reading.check === 'temperature') expect(reading.celsius).toSatisfy(isNumber);
  if (reading.check === 'memory') expect(reading.rssBytes).toBeGreaterThan(0);
  if (reading.check === 'state-disk') expect(reading.freeBytes).toBeGreaterThanOrEqual(0);
  if (reading.check === 'power')
    expect([typeof reading.low, typeof reading.wasLow]).toEqual(['boolean', 'boolean']);
}

/** What every `HealthSource` must do: measure what it can, and never fail. */
export function healthSourceContract(name: string, setUp: () => Promise<HealthSubject>): void {
  describe(`HealthSource: ${name}`, () => {
    let subject: HealthSubject;
    beforeEach(async () => {
      subject = await setUp();
    });
    afterEach(() => subject.cleanUp());

    it('measures each thing once a look', async () => {
      for (const readings of [subject.source.quick(), await subject.source.slow()]) {
        const checks = readings.map(({ check }) => check);
        expect(new Set(checks).size).toBe(checks.length);
        for (const reading of readings) expectSound(reading);
      }
    });

    it('leaves disks to their own question, and out when they do not answer', async () => {
      const others = [...subject.source.quick(), ...(await subject.source.slow())];
      expect(others.filter(({ check }) => check === 'disk')).toEqual([]);
      expect(await subject.source.disks([subject.mute])).toEqual([]);
      expect(await subject.source.disks([])).toEqual([]);
    });

    it('names the disk of the journal, or none', async () => {
      const disk = await subject.source.stateDisk();
      if (disk !== null) expect(disk.node).toMatch(/^\/dev\//);
    });

    it('may be stopped twice, and fails in nothing afterwards', async () => {
      await subject.source.stop();
      await subject.source.stop();
      subject.source.quick();
      await subject.source.slow();
      expect(await subject.source.disks([subject.mute])).toEqual([]);
    });
  });
}
