import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LED_SIGNALS, type LedPattern, oneLed, threeLeds } from '../../machines/signals.ts';
import {
  levelAt,
  MAX_BLINKS,
  MAX_SEGMENT_MS,
  MIN_SEGMENT_MS,
  rhythmOf,
} from '../../services/lights/pattern.ts';

const on = (lengthMs: number) => ({ lit: true, lengthMs });
const off = (lengthMs: number) => ({ lit: false, lengthMs });
const DARK = rhythmOf('off');

describe('a pattern becomes a rhythm', () => {
  it.each(['blink 100/1900', 'pulse 100/1900'] as const)('%s: lit, then dark, over and over', (pattern) => {
    expect(rhythmOf(pattern)).toEqual({ segments: [on(100), off(1900)], periodMs: 2000 });
  });

  it('code 3 blinks three times 200/200, then pauses 1200', () => {
    expect(rhythmOf('code 3')).toEqual({
      segments: [on(200), off(200), on(200), off(200), on(200), off(1400)],
      periodMs: 3 * 400 + 1200,
    });
  });

  it.each([2, 3, 4, 5, 6, 7, 8, 9])('code %i is lit that many times a period', (blinks) => {
    const { segments, periodMs } = rhythmOf(`code ${blinks}`);
    expect(segments.filter(({ lit }) => lit)).toHaveLength(blinks);
    expect(periodMs).toBe(blinks * 400 + 1200);
  });

  it('steady patterns have no edge', () => {
    expect(levelAt(rhythmOf('on'), 1e9)).toEqual({ lit: true, untilEdgeMs: null });
    expect(levelAt(rhythmOf('off'), 1e9)).toEqual({ lit: false, untilEdgeMs: null });
  });

  it.each([
    'blink 0/0',
    `blink ${MIN_SEGMENT_MS - 1}/200`,
    `blink 200/${MIN_SEGMENT_MS - 1}`,
    `blink ${MAX_SEGMENT_MS + 1}/200`,
    `pulse 200/${MAX_SEGMENT_MS + 1}`,
    'blink -5/200',
    'blink 1e3/200',
    'blink 20.5/200',
    'blink 200/200/200',
    'code 0',
    `code ${MAX_BLINKS + 1}`,
    'code -1',
    'code 1.5',
    'ON',
    ' on',
    '',
  ])('%j is no word of the contract: dark', (text) => {
    expect(rhythmOf(text as LedPattern)).toEqual(DARK);
  });

  it('the limits themselves are patterns', () => {
    expect(rhythmOf(`blink ${MIN_SEGMENT_MS}/${MAX_SEGMENT_MS}`).segments).toEqual([
      on(MIN_SEGMENT_MS),
      off(MAX_SEGMENT_MS),
    ]);
    expect(rhythmOf(`code ${MAX_BLINKS}`).segments).toHaveLength(2 * MAX_BLINKS);
  });

  it('understands every pattern of the light table: only `off` is dark', () => {
    const lights = (pattern: LedPattern) => rhythmOf(pattern).segments.some(({ lit }) => lit);
    for (const signal of LED_SIGNALS) {
      const light = { signal, code: null, activity: null };
      const patterns = [...Object.values(threeLeds(light)), oneLed(light)];
      expect(patterns.some(lights), signal).toBe(signal !== 'off');
      for (const pattern of patterns) expect(lights(pattern), pattern).toBe(pattern !== 'off');
    }
  });

  it('never throws, has a positive period, and alternates, whatever the text', () => {
    const word = fc.constantFrom('on', 'off', 'blink', 'pulse', 'code', 'glow');
    const text = fc.oneof(
      fc.string(),
      fc.tuple(word, fc.integer(), fc.integer()).map(([w, a, b]) => `${w} ${a}/${b}`),
      fc.tuple(word, fc.integer({ min: -2, max: 30 })).map(([w, n]) => `${w} ${n}`),
    );
    fc.assert(
      fc.property(text, fc.double({ min: 0, max: 1e12, noNaN: true }), (pattern, sinceMs) => {
        const rhythm = rhythmOf(pattern as LedPattern);
        expect(rhythm.periodMs).toBeGreaterThan(0);
        expect(rhythm.segments.reduce((sum, { lengthMs }) => sum + lengthMs, 0)).toBe(rhythm.periodMs);
        for (const [index, { lit }] of rhythm.segments.entries())
          expect(lit).toBe(rhythm.segments.length === 1 ? lit : index % 2 === 0);
        const { untilEdgeMs } = levelAt(rhythm, sinceMs);
        expect(untilEdgeMs === null || (untilEdgeMs > 0 && untilEdgeMs <= rhythm.periodMs)).toBe(true);
      }),
    );
  });
});

describe('the level of a moment', () => {
  const rhythm = rhythmOf('code 2');

  it.each([
    [0, true, 200],
    [199.5, true, 0.5],
    [200, false, 200],
    [400, true, 200],
    [600, false, 1400],
    [1999, false, 1],
    [2000, true, 200],
    [1_000_000 * 2000 + 450, true, 150],
  ])('%d ms after the start', (sinceMs, lit, untilEdgeMs) => {
    expect(levelAt(rhythm, sinceMs)).toEqual({ lit, untilEdgeMs });
  });

  it('a moment that is no number is dark and ends nothing', () => {
    expect(levelAt(rhythm, Number.NaN)).toEqual({ lit: false, untilEdgeMs: null });
  });
});
