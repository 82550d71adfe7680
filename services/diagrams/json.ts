import type { Diagram } from '../../machines/diagram.ts';

/**
 * The whole chart for programs, in the shape of `Diagram`: states by id, transitions by the state they leave. Transitions
 * of one state keep the chart's order, because of one fact the first whose guard holds is taken.
 */
export function jsonOf({ id, states, transitions }: Diagram): string {
  const sorted = {
    id,
    states: states.toSorted((a, b) => order(a.id, b.id)),
    transitions: transitions.toSorted((a, b) => order(a.from, b.from)),
  };
  return `${JSON.stringify(sorted, null, 2)}\n`;
}

/** By code unit: the locale of the machine that generates must not matter. */
function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
