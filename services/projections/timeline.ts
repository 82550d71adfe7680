import { type DecisionState, lightOf, publicStateOf } from '../../machines/decide.ts';
import type { FactRecord } from '../../machines/facts.ts';
import { threeLeds } from '../../machines/signals.ts';
import type { LightLine } from '../shapes.ts';

/** The light at one moment of the journal. */
export function lightLine(
  record: Pick<FactRecord, 'seq' | 'at' | 'monoMs'>,
  state: DecisionState,
): LightLine {
  const light = lightOf(state);
  const { seq, at, monoMs } = record;
  return {
    seq,
    at,
    monoMs,
    state: publicStateOf(state),
    signal: light.signal,
    code: light.code,
    leds: threeLeds(light),
  };
}

/** True when the signal or any LED value differs: each blink of a pattern is not a change. */
export function lightChanged(before: LightLine | null, after: LightLine): boolean {
  if (before === null) return true;
  return (
    before.signal !== after.signal ||
    before.code !== after.code ||
    before.leds.red !== after.leds.red ||
    before.leds.amber !== after.leds.amber ||
    before.leds.green !== after.leds.green
  );
}
