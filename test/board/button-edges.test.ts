import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { ButtonEdges, QUIET_MS } from '../../services/board/button-edges.ts';

function bench() {
  const clock = new VirtualClock();
  const startMs = clock.monoMs();
  const edges = new ButtonEdges(clock);
  const told: string[] = [];
  edges.edge$.subscribe({
    next: (edge) => told.push(`${Math.round(clock.monoMs() - startMs)} ${edge}`),
    complete: () => told.push('end'),
  });
  /** Levels at times since the start. */
  const play = (...levels: readonly (readonly [atMs: number, pressed: boolean])[]) => {
    for (const [atMs, pressed] of levels) {
      clock.advance(startMs + atMs - clock.monoMs());
      edges.level(pressed, atMs);
    }
  };
  return { clock, edges, told, play };
}

describe('a button', () => {
  test('that bounces is pressed once and released once', () => {
    const { clock, told, play } = bench();
    play([0, true], [3, false], [5, true], [9, false], [12, true], [500, false], [502, true], [507, false]);
    clock.advance(1000);
    expect(told).toEqual([`${12 + QUIET_MS} pressed`, `${507 + QUIET_MS} released`]);
  });

  test('a spike on its line is nothing', () => {
    const { clock, told, play } = bench();
    play([0, true], [QUIET_MS - 1, false]);
    clock.advance(1000);
    expect(told).toEqual([]);
  });

  test('a gap in a press is nothing: a held button stays held', () => {
    const { clock, told, play } = bench();
    play([0, true], [100, false], [100 + QUIET_MS - 1, true]);
    clock.advance(5000);
    expect(told).toEqual([`${QUIET_MS} pressed`]);
  });

  test('released while it was not pressed is nothing: it was held while the daemon started', () => {
    const { clock, told, play } = bench();
    play([0, false], [100, false]);
    clock.advance(1000);
    expect(told).toEqual([]);
  });

  test('the same level again does not make it wait longer than the quiet after it', () => {
    const { clock, told, play } = bench();
    play([0, true], [10, true]);
    clock.advance(QUIET_MS);
    expect(told).toEqual([`${10 + QUIET_MS} pressed`]);
  });

  test('that cannot be seen any more is let go at once: it must not become a held one', () => {
    const { clock, edges, told, play } = bench();
    play([0, true]);
    clock.advance(100);
    edges.lost();
    clock.advance(10_000);
    expect(told).toEqual([`${QUIET_MS} pressed`, '100 released']);
    edges.lost();
    play([20_000, false]);
    clock.advance(1000);
    expect(told).toHaveLength(2);
  });

  test('lost before its press was quiet was never pressed', () => {
    const { clock, edges, told, play } = bench();
    play([0, true]);
    edges.lost();
    clock.advance(10_000);
    expect(told).toEqual([]);
  });

  /** The daemon was busy: it hears of all of it at one moment. */
  const late = (...levels: readonly (readonly [atMs: number, pressed: boolean])[]) => {
    const { clock, edges, told } = bench();
    clock.advance(1000);
    for (const [atMs, pressed] of levels) edges.level(pressed, atMs);
    clock.advance(1000);
    return told;
  };

  test('that was pressed and let go while the daemon was busy was pressed', () => {
    const told = late([100, true], [100 + QUIET_MS, false]);
    expect(told).toEqual(['1000 pressed', `${1000 + QUIET_MS} released`]);
  });

  test('that was pressed three times while the daemon was busy was pressed three times', () => {
    const told = late([100, true], [200, false], [300, true], [400, false], [500, true], [600, false]);
    expect(told.map((text) => text.split(' ')[1]).join()).toBe(Array(3).fill('pressed,released').join());
  });

  test('whose line had a spike while the daemon was busy was not', () => {
    expect(late([100, true], [100 + QUIET_MS - 1, false], [300, true], [301, false])).toEqual([]);
  });

  test('that cannot be seen any more forgets what was not told', () => {
    const { clock, edges, told } = bench();
    edges.level(true, 0);
    edges.lost();
    edges.level(false, 500);
    clock.advance(1000);
    expect(told).toEqual([]);
  });

  test('ends with its board', () => {
    const { clock, edges, told, play } = bench();
    play([0, true]);
    edges.end();
    clock.advance(1000);
    expect([told, clock.armed]).toEqual([['end'], 0]);
  });

  test('property: pressed and released take turns, beginning with pressed, whatever the contacts do', () => {
    const step = fc.tuple(fc.integer({ min: 0, max: 80 }), fc.constantFrom('up', 'down', 'lost'));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { clock, edges, told } = bench();
        for (const [ms, what] of steps) {
          clock.advance(ms);
          if (what === 'lost') edges.lost();
          else edges.level(what === 'down', clock.monoMs());
        }
        clock.advance(1000);
        told.forEach((text, index) => {
          expect(text.endsWith(index % 2 === 0 ? 'pressed' : 'released')).toBe(true);
        });
      }),
    );
  });
});
