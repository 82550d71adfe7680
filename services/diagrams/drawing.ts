import type { Diagram, DiagramState, DiagramTransition } from '../../machines/diagram.ts';
import { type LitLed, litLeds } from '../lights/words.ts';

/** What is drawn of a diagram: nested boxes and arrows between them, in document order, in words for people. */
export interface Drawing {
  readonly title: string;
  readonly caption: string;
  /** The root itself is the paper. */
  readonly boxes: readonly Box[];
  /** Text of the source "any other state" of the root, if there is one. */
  readonly any: string | null;
  readonly arrows: readonly Arrow[];
}

export interface Box {
  readonly id: string;
  readonly name: string;
  readonly initial: boolean;
  readonly final: boolean;
  readonly light: BoxLight | null;
  /** Done on entering. */
  readonly entry: readonly string[];
  readonly boxes: readonly Box[];
  /** Text of the source that stands for several states inside this box; its id is `anyId(id)`. */
  readonly any: string | null;
}

export interface BoxLight {
  readonly signal: string;
  readonly lit: readonly LitLed[];
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** One line each transition. */
  readonly lines: readonly string[];
}

/** This many states that go the same way for the same reason are drawn as one arrow. */
const SAME_WAY = 3;

export const anyId = (id: string) => `${id}.any`;

/**
 * Leaves out what would make a mesh: facts that change memory only, and ways back to the first state of the same region
 * (a restart of the daemon leads there from everywhere). The JSON form has them all; the caption says so.
 */
export function drawingOf(diagram: Diagram, caption: string): Drawing {
  const moves = diagram.transitions.flatMap((transition) => moveOf(diagram, transition));
  const arrows = merge(gather(diagram, moves));
  const used = new Set(arrows.map(({ from }) => from));
  const any = (id: string) => (used.has(anyId(id)) ? 'any other state' : null);
  const boxesIn = (parent: string): readonly Box[] =>
    diagram.states
      .filter((state) => state.parent === parent)
      .map((state) => ({ ...plainBox(state), boxes: boxesIn(state.id), any: any(state.id) }));
  return { title: diagram.id, caption, boxes: boxesIn(diagram.id), any: any(diagram.id), arrows };
}

/** First of the innermost states that entering this one leads to; arrows to a box must end somewhere inside it. */
export function innermost(box: Box): string {
  const first = box.boxes.find(({ initial }) => initial);
  return first === undefined ? box.id : innermost(first);
}

export function allBoxes(boxes: readonly Box[]): readonly Box[] {
  return boxes.flatMap((box) => [box, ...allBoxes(box.boxes)]);
}

interface Move {
  readonly from: string;
  readonly to: string;
  readonly line: string;
}

function moveOf({ states }: Diagram, transition: DiagramTransition): readonly Move[] {
  const { from, to } = transition;
  if (to === null) return [];
  const target = states.find(({ id }) => id === to);
  const inside = to.startsWith(`${from}.`);
  if (inside && target?.initial) return [];
  // An arrow from a box to its own inside has no place to start: no drawing program takes it.
  return [{ from: inside ? anyId(from) : from, to, line: lineOf(transition) }];
}

/** Replaces moves that all other states of a region share by one from "any other state". */
function gather(diagram: Diagram, moves: readonly Move[]): readonly Move[] {
  return moves.flatMap((move) => {
    const target = diagram.states.find(({ id }) => id === move.to);
    if (target?.parent == null) return [move];
    const others = diagram.states.filter(({ id, parent }) => parent === target.parent && id !== target.id);
    const shared = moves.filter(({ to, line }) => to === move.to && line === move.line);
    const all = others.every(({ id }) => shared.some(({ from }) => from === id));
    if (!all || others.length < SAME_WAY || !others.some(({ id }) => id === move.from)) return [move];
    return move === shared[0] ? [{ ...move, from: anyId(target.parent) }] : [];
  });
}

function merge(moves: readonly Move[]): readonly Arrow[] {
  const lines = new Map<string, Arrow>();
  for (const { from, to, line } of moves) {
    const key = JSON.stringify([from, to]);
    lines.set(key, { from, to, lines: [...(lines.get(key)?.lines ?? []), line] });
  }
  return [...lines.values()];
}

function plainBox({ id, name, initial, kind, entry, signal, activity }: DiagramState): Omit<Box, 'boxes' | 'any'> {
  const light = signal === null ? null : { signal, lit: litLeds({ signal, activity }) };
  return { id, name, initial, final: kind === 'final', light, entry: entry.map(plain) };
}

function lineOf({ event, guard, actions, after }: DiagramTransition): string {
  const when = after === null ? event : `after ${after.ms === null ? plain(after.delay) : `${after.ms / 1000} s`}`;
  const words = [
    when,
    guard === null ? null : `[${plain(guard)}]`,
    actions.length === 0 ? null : `/ ${actions.map(plain).join(', ')}`,
  ];
  return words.filter((word) => word !== null).join(' ');
}

/** `startQueued` → `start queued`. Facts keep their names: those are the ones in the journal. */
function plain(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}
