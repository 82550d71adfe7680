import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { type Activity, LED_SIGNALS, type LedSignal } from './signals.ts';

/** A chart as data: all that a drawing needs, nothing of XState. */
export interface Diagram {
  /** The machine's id; also the id of the root state. */
  readonly id: string;
  /** In document order: a parent before its children. */
  readonly states: readonly DiagramState[];
  /** In document order; of one state and event the first whose guard holds is taken. */
  readonly transitions: readonly DiagramTransition[];
}

export interface DiagramState {
  /** Path from the root with dots: `appliance.life.ready.clear`. */
  readonly id: string;
  readonly name: string;
  readonly parent: string | null;
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'final';
  /** Entered when its parent is entered without saying which child. */
  readonly initial: boolean;
  /** The light of this state, its own or that of the nearest parent that has one; null where the state has no light. */
  readonly signal: LedSignal | null;
  /** The copy that amber goes on showing beside an error. */
  readonly activity: Activity;
  /** Names of what is done on entering. */
  readonly entry: readonly string[];
}

export interface DiagramTransition {
  readonly from: string;
  /** Null: the state is kept and only `actions` are done. */
  readonly to: string | null;
  /** Name of the fact; null for a transition that is taken as soon as its guard holds, and for a delay. */
  readonly event: string | null;
  readonly guard: string | null;
  readonly actions: readonly string[];
  /** `event [guard] / actions`, as far as there are any. */
  readonly label: string;
  readonly after: { readonly delay: string; readonly ms: number | null } | null;
}

type Definition =
  ReturnType<AnyStateNode['transitions']['get']> extends (infer Item)[] | undefined ? Item : never;

/** Reads a chart; pure, and the same text in and out of every run. */
export function diagram(machine: AnyStateMachine): Diagram {
  const nodes = withDescendants(machine.root);
  const states: DiagramState[] = [];
  for (const node of nodes) states.push(stateOf(node, states));
  return { id: machine.id, states, transitions: nodes.flatMap(transitionsOf) };
}

function withDescendants(node: AnyStateNode): readonly AnyStateNode[] {
  return [node, ...Object.values(node.states).flatMap(withDescendants)];
}

function stateOf(node: AnyStateNode, above: readonly DiagramState[]): DiagramState {
  const parent = above.find((state) => state.id === node.parent?.id);
  return {
    id: node.id,
    name: node.key,
    parent: parent?.id ?? null,
    kind: kindOf(node),
    initial: node.parent?.type === 'compound' && node.parent.initial.target[0] === node,
    signal: tagged(node, 'led:', LED_SIGNALS) ?? parent?.signal ?? null,
    activity: tagged(node, 'amber:', ['copying', 'verifying'] as const) ?? parent?.activity ?? null,
    entry: namesOf(node.entry),
  };
}

function kindOf({ id, type }: AnyStateNode): DiagramState['kind'] {
  // A chart that goes back to where it was cannot be read off its light; there is no picture for it either.
  if (type === 'history') throw new RangeError(`${id}: history states cannot be drawn`);
  return type;
}

function tagged<Word extends string>(
  node: AnyStateNode,
  prefix: string,
  words: readonly Word[],
): Word | null {
  return words.find((word) => node.tags.includes(prefix + word)) ?? null;
}

function transitionsOf(node: AnyStateNode): readonly DiagramTransition[] {
  const always = (node.always ?? []).map((definition) => transitionOf(definition, null, null));
  const delayed = node.after.map((definition) => {
    const { delay } = definition;
    return transitionOf(definition, null, { delay: nameOf(delay), ms: delayMs(node, delay) });
  });
  const facts = [...node.transitions]
    .filter(([event]) => !event.startsWith('xstate.'))
    .flatMap(([event, definitions]) =>
      definitions.map((definition) => transitionOf(definition, event, null)),
    );
  return [...always, ...facts, ...delayed];
}

function transitionOf(
  definition: Definition,
  event: string | null,
  after: DiagramTransition['after'],
): DiagramTransition {
  const guard = definition.guard === undefined ? null : nameOf(definition.guard);
  const actions = namesOf(definition.actions);
  const words = [
    after === null ? event : `after ${after.delay}`,
    guard === null ? null : `[${guard}]`,
    actions.length === 0 ? null : `/ ${actions.join(', ')}`,
  ];
  return {
    from: definition.source.id,
    to: definition.target?.[0]?.id ?? null,
    event,
    guard,
    actions,
    label: words.filter((word) => word !== null).join(' '),
    after,
  };
}

/** A delay is a number, or the name of one in the machine's `delays`; one that depends on the context has no fixed length. */
function delayMs(node: AnyStateNode, delay: unknown): number | null {
  const value = typeof delay === 'string' ? node.machine.implementations.delays[delay] : delay;
  return typeof value === 'number' ? value : null;
}

/** XState adds actions of its own (it arms and cancels timers): those are drawn as delays. */
function namesOf(actions: readonly unknown[]): readonly string[] {
  return actions.map(nameOf).filter((name) => !name.startsWith('xstate.'));
}

function nameOf(thing: unknown): string {
  if (typeof thing === 'string' || typeof thing === 'number') return String(thing);
  return (thing as { readonly type?: string }).type ?? 'unnamed';
}
