import { describe, expect, it } from 'vitest';
import type { Fact } from '../../machines/facts.ts';
import type { DeviceSource } from '../../services/ports.ts';

/** One implementation with hands to put cards in and take them out. */
export interface DeviceSourceBench {
  readonly source: DeviceSource;
  /** Makes a card appear; it holds a camera's folders. */
  insert(name: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Undoes everything that `insert` left. */
  dispose(): Promise<void>;
}

/** What every source of devices promises (`DeviceSource` in services/ports.ts). */
export function deviceSourceContract(name: string, open: () => Promise<DeviceSourceBench>): void {
  const withBench = async (run: (bench: DeviceSourceBench, facts: Fact[]) => Promise<void>) => {
    const bench = await open();
    const facts: Fact[] = [];
    bench.source.facts$.subscribe((fact) => facts.push(fact));
    try {
      await run(bench, facts);
    } finally {
      await bench.source.stop();
      await bench.dispose();
    }
  };
  const labels = (facts: readonly Fact[]) =>
    facts.flatMap((fact) => (fact.type === 'CardAttached' ? fact.card.label : []));

  describe(`device source: ${name}`, () => {
    it('has reported what is attached when start resolves', () =>
      withBench(async ({ source, insert }, facts) => {
        await insert('CARD1');
        await source.start();
        expect(labels(facts)).toEqual(['CARD1']);
      }));

    it('starts where nothing is attached', () =>
      withBench(async ({ source }, facts) => {
        await source.start();
        expect(facts).toEqual([]);
      }));

    it('reports what comes and goes later, each once and with the same id', () =>
      withBench(async ({ source, insert, remove }, facts) => {
        await source.start();
        await insert('CARD1');
        await until(source, facts, 'CardAttached');
        await remove('CARD1');
        await until(source, facts, 'CardDetached');
        const attached = facts.flatMap((fact) => (fact.type === 'CardAttached' ? fact.card.id : []));
        const detached = facts.flatMap((fact) => (fact.type === 'CardDetached' ? fact.cardId : []));
        expect(attached).toHaveLength(1);
        expect(detached).toEqual(attached);
      }));

    it('settles every device that it announces', () =>
      withBench(async ({ source, insert }, facts) => {
        await insert('CARD1');
        await source.start();
        const of = (type: 'DeviceAnnounced' | 'DeviceSettled') =>
          facts.flatMap((fact) => (fact.type === type ? fact.device : []));
        expect(of('DeviceSettled')).toEqual(of('DeviceAnnounced'));
      }));

    it('reports facts that JSON keeps as they are', () =>
      withBench(async ({ source, insert }, facts) => {
        await insert('CARD1');
        await source.start();
        expect(facts.length).toBeGreaterThan(0);
        expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
      }));

    it('completes at stop, which may come early and twice', () =>
      withBench(async ({ source }) => {
        let completed = 0;
        source.facts$.subscribe({
          complete: () => {
            completed += 1;
          },
        });
        const starting = source.start();
        await source.stop();
        await starting;
        await source.stop();
        expect(completed).toBe(1);
      }));
  });
}

/** Resolves when a fact of this type is there, or comes. */
function until(source: DeviceSource, facts: readonly Fact[], type: Fact['type']): Promise<void> {
  return new Promise((resolve, reject) => {
    if (facts.some((fact) => fact.type === type)) return resolve();
    source.facts$.subscribe({
      next: (fact) => {
        if (fact.type === type) resolve();
      },
      complete: () => reject(new Error(`completed without ${type}`)),
    });
  });
}
