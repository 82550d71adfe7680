import type { Command } from '../machines/commands.ts';
import { type DecisionState, decide, initialState } from '../machines/decide.ts';
import type { FactRecord } from '../machines/facts.ts';
import { lightChanged, lightLine } from './projections/timeline.ts';
import type { LightLine } from './shapes.ts';

/** One record folded: what it decided, and the new light if it changed. Commands are given, never executed. */
export interface ReplayStep {
  readonly record: FactRecord;
  readonly state: DecisionState;
  readonly commands: readonly Command[];
  readonly light: LightLine | null;
}

/** Folds recorded facts as the running daemon did. The first step always has a light. */
export function* replay(records: Iterable<FactRecord>): Generator<ReplayStep> {
  let state = initialState();
  let last: LightLine | null = null;
  for (const record of records) {
    const decision = decide(state, record);
    state = decision.state;
    const line = lightLine(record, state);
    const light = lightChanged(last, line) ? line : null;
    last = line;
    yield { record, state, commands: decision.commands, light };
  }
}

/** The trace of a recording: a line when the signal or a LED value changes. */
export function* lightTrace(records: Iterable<FactRecord>): Generator<LightLine> {
  for (const { light } of replay(records)) if (light !== null) yield light;
}
