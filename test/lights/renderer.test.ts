import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { type LedPattern, type ThreeLeds, threeLeds } from '../../machines/signals.ts';
import { rhythmOf } from '../../services/lights/pattern.ts';
import { type LedColor, LedRenderer } from '../../services/lights/renderer.ts';
import { seeded } from './seeded.ts';

interface Edge {
  readonly atMs: number;
  readonly led: LedColor;
  readonly on: boolean;
  readonly latenessMs: number;
}

const DARK: ThreeLeds = { red: 'off', amber: 'off', green: 'off' };
const amber = (pattern: LedPattern): ThreeLeds => ({ ...DARK, amber: pattern });

/** Times are counted from the first `show`. */
function bench(lateMs?: () => number) {
  const clock = new VirtualClock(lateMs === undefined ? {} : { lateMs });
  const startMs = clock.monoMs();
  const edges: Edge[] = [];
  const renderer = new LedRenderer(
    {
      set: (led, on) => {
        edges.push({ atMs: clock.monoMs() - startMs, led, on, latenessMs: clock.latenessMs });
      },
    },
    clock,
  );
  const of = (led: LedColor) => edges.filter((edge) => edge.led === led);
  const timesOf = (led: LedColor) =>
    of(led).map(({ atMs, on }) => `${Math.round(atMs)} ${on ? 'on' : 'off'}`);
  return { clock, renderer, edges, of, timesOf };
}

describe('patterns become levels', () => {
  it('sets all three LEDs at the first light, because nobody knows what they showed before', () => {
    const { renderer, edges } = bench();
    renderer.show(DARK);
    expect(edges.map(({ led, on }) => [led, on])).toEqual([
      ['green', false],
      ['amber', false],
      ['red', false],
    ]);
  });

  it('blinks at the times of the pattern', () => {
    const { clock, renderer, timesOf } = bench();
    renderer.show(amber('blink 100/1900'));
    clock.advance(4100);
    expect(timesOf('amber')).toEqual(['0 on', '100 off', '2000 on', '2100 off', '4000 on', '4100 off']);
  });

  it('shows a code and a running copy at once, each in its own rhythm', () => {
    const { clock, renderer, timesOf } = bench();
    renderer.show(threeLeds({ signal: 'error', code: 2, activity: 'copying' }));
    clock.advance(2300);
    expect(timesOf('red')).toEqual(['0 on', '200 off', '400 on', '600 off', '2000 on', '2200 off']);
    expect(timesOf('amber')).toEqual(['0 on', '400 off', '800 on', '1200 off', '1600 on', '2000 off']);
    expect(timesOf('green')).toEqual(['0 off']);
  });

  it('a steady light needs no timer and no second call', () => {
    const { clock, renderer, edges } = bench();
    renderer.show({ ...DARK, green: 'on' });
    expect(clock.armed).toBe(0);
    clock.advance(600_000);
    expect(edges).toHaveLength(3);
  });

  it('green goes out before red comes on', () => {
    const { renderer, edges } = bench();
    renderer.show({ ...DARK, green: 'on' });
    edges.length = 0;
    renderer.show({ ...DARK, red: 'code 4' });
    expect(edges.map(({ led, on }) => [led, on])).toEqual([
      ['green', false],
      ['red', true],
    ]);
  });
});

describe('showing again', () => {
  it('an unchanged pattern keeps its phase', () => {
    const { clock, renderer, timesOf } = bench();
    renderer.show(amber('pulse 400/400'));
    clock.advance(300);
    renderer.show(amber('pulse 400/400'));
    clock.advance(700);
    expect(timesOf('amber')).toEqual(['0 on', '400 off', '800 on']);
  });

  it('amber keeps its phase when only red changes', () => {
    const { clock, renderer, timesOf } = bench();
    renderer.show(threeLeds({ signal: 'copying', code: null, activity: 'copying' }));
    clock.advance(300);
    renderer.show(threeLeds({ signal: 'error', code: 5, activity: 'copying' }));
    clock.advance(600);
    expect(timesOf('amber')).toEqual(['0 on', '400 off', '800 on']);
  });

  it('another pattern begins at once, and the old one leaves no timer', () => {
    const { clock, renderer, timesOf } = bench();
    renderer.show(amber('blink 100/1900'));
    clock.advance(150);
    renderer.show(amber('blink 100/100'));
    clock.advance(220);
    expect(timesOf('amber')).toEqual(['0 on', '100 off', '150 on', '250 off', '350 on']);
    expect(clock.armed).toBe(1);
  });
});

describe('stopping', () => {
  it('puts all LEDs out, disarms every timer, and nothing lights again', () => {
    const { clock, renderer, edges } = bench();
    renderer.show({ red: 'code 9', amber: 'blink 100/100', green: 'on' });
    edges.length = 0;
    renderer.stop();
    expect(edges.map(({ led, on }) => [led, on])).toEqual([
      ['green', false],
      ['amber', false],
      ['red', false],
    ]);
    expect(clock.armed).toBe(0);
    renderer.show({ ...DARK, green: 'on' });
    renderer.stop();
    clock.advance(10_000);
    expect(edges).toHaveLength(3);
  });

  it('before the first light puts them out all the same', () => {
    const { renderer, edges } = bench();
    renderer.stop();
    expect(edges.map(({ on }) => on)).toEqual([false, false, false]);
  });
});

/** Where the edges of a pattern ought to be, ms after its start. */
function idealEdges(pattern: LedPattern, untilMs: number): number[] {
  const { segments } = rhythmOf(pattern);
  const times: number[] = [];
  for (let atMs = 0, index = 0; atMs <= untilMs; index++) {
    times.push(atMs);
    atMs += segments[index % segments.length]!.lengthMs;
  }
  return times;
}

describe('under load', () => {
  const TEN_MINUTES = 600_000;

  it.each([
    'blink 100/100',
    'pulse 400/400',
    'code 7',
    'blink 100/1900',
  ] as const)('%s: each edge is as late as its own timer and no more, after ten minutes too', (pattern) => {
    const random = seeded(7);
    const { clock, renderer, of } = bench(() => random() * 80);
    renderer.show(amber(pattern));
    clock.advance(TEN_MINUTES + 80);
    const ideal = idealEdges(pattern, TEN_MINUTES);
    const seen = of('amber').slice(0, ideal.length);
    expect(seen).toHaveLength(ideal.length);
    for (const [index, { atMs, latenessMs, on }] of seen.entries()) {
      expect(on).toBe(index % 2 === 0);
      expect(atMs - ideal[index]!).toBeGreaterThanOrEqual(-1e-6);
      expect(atMs - ideal[index]!).toBeLessThanOrEqual(latenessMs + 1e-6);
    }
  });

  it('lateness beyond a whole period skips what was missed and shows the present', () => {
    const { clock, renderer, of, timesOf } = bench();
    renderer.show(amber('blink 100/100'));
    clock.advance(100);
    clock.stall(1020);
    expect(of('amber')).toHaveLength(2);
    clock.advance(280);
    expect(timesOf('amber')).toEqual(['0 on', '100 off', '1200 on', '1300 off', '1400 on']);
  });

  it('a stall across one edge is caught up, and the next edge is on time again', () => {
    const { clock, renderer, timesOf } = bench();
    renderer.show(amber('blink 100/100'));
    clock.stall(160);
    clock.advance(140);
    expect(timesOf('amber')).toEqual(['0 on', '160 off', '200 on', '300 off']);
  });

  it('with timers late by up to three periods the level is that of the moment, and every call is a change', () => {
    const random = seeded(11);
    const { clock, renderer, of } = bench(() => random() * 600);
    renderer.show(amber('blink 100/100'));
    clock.advance(TEN_MINUTES);
    const edges = of('amber');
    expect(edges.length).toBeGreaterThan(500);
    for (const [index, { atMs, on }] of edges.entries()) {
      expect(on).toBe(Math.floor((atMs + 0.5) / 100) % 2 === 0);
      if (index > 0) expect(on).not.toBe(edges[index - 1]!.on);
    }
  });

  it('a timer that fires a little early does not make the loop spin', () => {
    const { clock, renderer, of } = bench(() => -0.4);
    renderer.show(amber('blink 100/100'));
    clock.advance(10_000);
    expect(clock.fired).toBe(100);
    expect(of('amber')).toHaveLength(101);
  });
});
