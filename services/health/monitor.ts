import { Observable } from 'rxjs';
import type { FactOf, HealthCheck, HealthLevel } from '../../machines/facts.ts';
import type { Clock } from '../ports.ts';
import type { AskedDisk, HealthSource, Reading } from './ports.ts';
import { PowerJudge } from './power.ts';
import { ThrottlingJudge } from './throttling.ts';
import { type Verdict, verdictOn } from './verdict.ts';

/** Longer than the two seconds in which the kernel asks the firmware: two samples never show one and the same dip. */
const QUICK_EVERY_MS = 3000;
/** `dependencies.md`: slow polls are 30 s apart or more. */
const SLOW_EVERY_MS = 30_000;
/** The start of the daemon is busy enough: on a Pi Zero every process counts. */
const SLOW_AFTER_MS = 10_000;
/** A disk's verdict changes in weeks; asking costs a process and may take seconds. */
const DISK_EVERY_MS = 30 * 60_000;

type HealthChanged = FactOf<'HealthChanged'>;

/** How one check stands. */
export interface Standing extends Verdict {
  readonly check: HealthCheck;
  readonly subject: string | null;
  /** When this level began, ISO 8601 UTC. */
  readonly since: string;
}

export interface MonitorParts {
  readonly source: HealthSource;
  readonly clock: Clock;
  /** Adopted drives that are attached, as far as they stand on a disk. */
  readonly drives: () => readonly AskedDisk[];
}

const keyOf = (check: HealthCheck, subject: string | null) => `${check} ${subject ?? ''}`;

/**
 * Watches the machine itself. Every check counts as good until it was seen otherwise, after each start anew: a healthy
 * machine writes nothing to the journal, and what is still wrong after a restart is told again.
 */
export class HealthMonitor {
  /** One fact for each level that changes. Measuring begins with the subscription and ends with it; subscribe once. */
  readonly facts$: Observable<HealthChanged>;
  readonly #parts: MonitorParts;
  readonly #power = new PowerJudge();
  readonly #throttling = new ThrottlingJudge();
  readonly #standings = new Map<string, Standing>();
  /** When each disk was last asked, by subject. */
  readonly #asked = new Map<string, number>();

  constructor(parts: MonitorParts) {
    this.#parts = parts;
    this.facts$ = new Observable((subscriber) => {
      const tell = (fact: HealthChanged) => subscriber.next(fact);
      const loops = [
        this.#repeat(0, QUICK_EVERY_MS, async () => this.#take(this.#parts.source.quick(), tell)),
        this.#repeat(SLOW_AFTER_MS, SLOW_EVERY_MS, async (isOver) => {
          const readings = await this.#parts.source.slow();
          if (!isOver()) this.#take(readings, tell);
          await this.#askDisks(isOver, tell);
        }),
      ];
      return () => {
        for (const end of loops) end();
      };
    });
  }

  /** Everything that was measured since the start, in the order in which it was first seen. */
  get standings(): readonly Standing[] {
    return [...this.#standings.values()];
  }

  /** Again so long after each end: work that takes its time never runs twice at once. */
  #repeat(firstMs: number, everyMs: number, work: (isOver: () => boolean) => Promise<void>): () => void {
    let over = false;
    const round = () => {
      // A source that breaks its word and throws leaves its checks unknown; the others go on.
      void work(() => over)
        .catch(() => undefined)
        .then(() => {
          if (!over) disarm = this.#parts.clock.setTimer(everyMs, round);
        });
    };
    let disarm = this.#parts.clock.setTimer(firstMs, round);
    return () => {
      over = true;
      disarm();
    };
  }

  #take(readings: readonly Reading[], tell: (fact: HealthChanged) => void): void {
    for (const reading of readings) {
      const subject = reading.check === 'disk' ? reading.subject : null;
      const before = this.#standings.get(keyOf(reading.check, subject));
      const verdict = this.#judge(reading, before?.level ?? 'good');
      this.#settle({ check: reading.check, subject, ...verdict }, before, tell);
    }
  }

  #judge(reading: Reading, before: HealthLevel): Verdict {
    const nowMs = this.#parts.clock.monoMs();
    if (reading.check === 'power') return this.#power.judge(reading, nowMs);
    if (reading.check === 'throttling') return this.#throttling.judge(reading.brakes, nowMs);
    return verdictOn(reading, before);
  }

  #settle(
    next: Omit<Standing, 'since'>,
    before: Standing | undefined,
    tell: (fact: HealthChanged) => void,
  ): void {
    const { check, subject, level, reading } = next;
    const since = before?.level === level ? before.since : this.#parts.clock.stamp().at;
    this.#standings.set(keyOf(check, subject), { ...next, since });
    if (level !== (before?.level ?? 'good')) tell({ type: 'HealthChanged', check, subject, level, reading });
  }

  async #askDisks(isOver: () => boolean, tell: (fact: HealthChanged) => void): Promise<void> {
    const own = await this.#parts.source.stateDisk();
    const disks = [...this.#parts.drives(), ...(own === null ? [] : [own])];
    this.#forgetOthers(disks, tell);
    const nowMs = this.#parts.clock.monoMs();
    const due = disks.filter(({ subject }) => {
      const askedMs = this.#asked.get(subject);
      return askedMs === undefined || nowMs - askedMs >= DISK_EVERY_MS;
    });
    if (due.length === 0 || isOver()) return;
    for (const { subject } of due) this.#asked.set(subject, nowMs);
    const readings = await this.#parts.source.disks(due);
    if (!isOver()) this.#take(readings, tell);
  }

  /** A disk that was pulled is no problem any more; one that comes back is asked anew. */
  #forgetOthers(disks: readonly AskedDisk[], tell: (fact: HealthChanged) => void): void {
    const attached = new Set(disks.map((disk) => disk.subject));
    for (const subject of this.#asked.keys()) if (!attached.has(subject)) this.#asked.delete(subject);
    for (const [key, { check, subject, level }] of this.#standings) {
      if (check !== 'disk' || subject === null || attached.has(subject)) continue;
      this.#standings.delete(key);
      const reading = 'no longer attached';
      if (level !== 'good') tell({ type: 'HealthChanged', check, subject, level: 'good', reading });
    }
  }
}
