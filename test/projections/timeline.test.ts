import { describe, expect, it } from 'vitest';
import { lightChanged, lightLine } from '../../services/projections/timeline.ts';
import { LightLine } from '../../services/shapes.ts';
import { copying, given, ready } from '../machines/story.ts';

const RECORD = { seq: 7, at: '2026-11-21T00:00:00.000Z', monoMs: 1.5 };
const line = (story = ready()) => lightLine(RECORD, story.state);

describe('lightLine', () => {
  it('says where in the journal, the state and what each LED shows', () => {
    expect(line()).toEqual({
      ...RECORD,
      state: 'ready',
      signal: 'ready',
      code: null,
      leds: { red: 'off', amber: 'off', green: 'on' },
    });
  });

  it('shows a copy, an error with its code, and the beginning', () => {
    expect(line(copying())).toMatchObject({ state: 'copying', signal: 'copying', leds: { green: 'off' } });
    const broken = ready().tell({ type: 'InternalErrorOccurred', reason: 'internal', detail: '' });
    expect(line(broken)).toMatchObject({ state: 'error', signal: 'error', code: 9, leds: { red: 'code 9' } });
    expect(line(given())).toMatchObject({ state: 'boot', signal: 'booting' });
  });

  it('has the shape that is documented', () => {
    for (const story of [given(), ready(), copying()])
      expect(LightLine.parse(line(story))).toEqual(line(story));
  });
});

describe('lightChanged', () => {
  const before = line();

  it('is true for the first line', () => {
    expect(lightChanged(null, before)).toBe(true);
  });

  it('is not a matter of place or time, nor of the state alone', () => {
    expect(lightChanged(before, { ...before, seq: 8, at: '2027-01-01T00:00:00.000Z', monoMs: 9 })).toBe(
      false,
    );
    expect(lightChanged(before, { ...before, state: 'copying' })).toBe(false);
  });

  it.each([
    ['signal', { signal: 'attention' as const }],
    ['code', { code: 3 }],
    ['red', { leds: { ...before.leds, red: 'on' } }],
    ['amber', { leds: { ...before.leds, amber: 'on' } }],
    ['green', { leds: { ...before.leds, green: 'off' } }],
  ])('is true when the %s differs', (_, change) => {
    expect(lightChanged(before, { ...before, ...change })).toBe(true);
  });
});
