import { type Decision, type DecisionState, decide, initialState, lightOf } from '../../machines/decide.ts';
import type { FactOf, FactRecord } from '../../machines/facts.ts';

/** Error 9 on the lights. */
export type Trouble = FactOf<'InternalErrorOccurred'>;

/** A state that has no light, or two, counts as a failed decision: the lights would stay as they are. */
export function soundly(state: DecisionState, record: FactRecord): Decision {
  const decision = decide(state, record);
  lightOf(decision.state);
  return decision;
}

/** A chart that cannot even take its own failure shows `booting`: anything but green. */
export function troubled(state: DecisionState, fact: Trouble, at: string): DecisionState {
  try {
    return decide(state, { seq: 0, at, fact }).state;
  } catch {
    return initialState();
  }
}
