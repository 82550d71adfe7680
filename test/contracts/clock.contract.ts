import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../services/ports.ts';

export interface ClockSubject {
  readonly clock: Clock;
  /** Lets at least so much time pass: a fake moves its hands, the real one waits. */
  pass(ms: number): Promise<void>;
  cleanUp(): Promise<void>;
}

/** What every `Clock` must do. Delays are a few milliseconds, because the real one really waits. */
export function clockContract(name: string, setUp: () => Promise<ClockSubject>): void {
  describe(`Clock: ${name}`, () => {
    let subject: ClockSubject;
    beforeEach(async () => {
      subject = await setUp();
    });
    afterEach(() => subject.cleanUp());

    it('stamps ISO 8601 UTC, the trust in it, the time since boot and the boot', () => {
      const { at, clock, monoMs, bootId } = subject.clock.stamp();
      expect(at).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
      expect(['synced', 'unsynced']).toContain(clock);
      expect(monoMs).toBeGreaterThanOrEqual(0);
      expect(bootId).not.toBe('');
    });

    it('keeps its boot', () => {
      expect(subject.clock.stamp().bootId).toBe(subject.clock.stamp().bootId);
    });

    it('counts on with the time that passes and never back', async () => {
      const before = subject.clock.monoMs();
      await subject.pass(5);
      const after = subject.clock.stamp().monoMs;
      expect(after - before).toBeGreaterThanOrEqual(5);
      expect(subject.clock.monoMs()).toBeGreaterThanOrEqual(after);
    });

    it('runs a timer once, and not before its time', async () => {
      const armedAt = subject.clock.monoMs();
      const ranAfter: number[] = [];
      subject.clock.setTimer(6, () => ranAfter.push(subject.clock.monoMs() - armedAt));
      await subject.pass(60);
      expect(ranAfter).toHaveLength(1);
      expect(ranAfter[0]).toBeGreaterThanOrEqual(6);
    });

    it('never runs a timer inside the call that arms it', async () => {
      let ran = false;
      subject.clock.setTimer(0, () => {
        ran = true;
      });
      expect(ran).toBe(false);
      await subject.pass(50);
      expect(ran).toBe(true);
    });

    it('does not run a disarmed timer, disarmed twice', async () => {
      let ran = false;
      const disarm = subject.clock.setTimer(2, () => {
        ran = true;
      });
      disarm();
      disarm();
      await subject.pass(50);
      expect(ran).toBe(false);
    });

    it('takes disarming after the run for nothing', async () => {
      let runs = 0;
      const disarm = subject.clock.setTimer(1, () => {
        runs += 1;
      });
      await subject.pass(50);
      disarm();
      expect(runs).toBe(1);
    });
  });
}
