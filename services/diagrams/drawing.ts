import type { Diagram, DiagramState, DiagramTransition } from '../../machines/diagram.ts';
import { type LitLed, litLeds } from '../lights/words.ts';

/** Nested boxes and the arrows between them, in document order, in words for people. */
export interface Area {
  readonly id: string;
  readonly boxes: readonly Box[];
  /** Text of a source that stands for several of the boxes, if there is one; its id is `anyId(id)`. */
  readonly any: string | null;
  /** Those for which this is the innermost area that holds both ends. */
  readonly arrows: readonly Arrow[];
}

/** What is drawn of a diagram; the root state itself is the paper. */
export interface Drawing extends Area {
  readonly caption: string;
}

export interface Box extends Area {
  readonly name: string;
  readonly initial: boolean;
  readonly final: boolean;
  readonly light: BoxLight | null;
  /** Done on entering. */
  readonly entry: readonly string[];
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
const SAME_WAY = 2;

export const anyId = (id: string) => `${id}.any`;

/**
 * Leaves out what would make a mesh: facts that change memory only, and ways back to the first state of the same region
 * (a restart of the daemon leads there from everywhere). The JSON form has them all; the caption says so.
 */
export function drawingOf(diagram: Diagram, caption: string): Drawing {
  const moves = diagram.transitions.flatMap((transition) => moveOf(diagram, transition));
  return { ...areaOf(diagram, merge(gather(diagram, moves)), diagram.id), caption };
}

function areaOf(diagram: Diagram, arrows: readonly Arrow[], id: string): Area {
  const states = diagram.states.filter(({ parent }) => parent === id);
  const within = (area: string) => (arrow: Arrow) =>
    arrow.from.startsWith(`${area}.`) && arrow.to.startsWith(`${area}.`);
  const here = arrows.filter(within(id));
  return {
    id,
    boxes: states.map((state) => ({ ...lookOf(state), ...areaOf(diagram, here, state.id) })),
    any: here.some(({ from }) => from === anyId(id)) ? anyOf(states) : null,
    arrows: here.filter((arrow) => !states.some((state) => within(state.id)(arrow))),
  };
}

function anyOf(states: readonly DiagramState[]): string {
  return states.some(({ kind }) => kind === 'final') ? 'any state before the end' : 'any other state';
}

export function allBoxes({ boxes }: Area): readonly Box[] {
  return boxes.flatMap((box) => [box, ...allBoxes(box)]);
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

function lookOf({ name, initial, kind, entry, signal, activity }: DiagramState): Omit<Box, keyof Area> {
  const light = signal === null ? null : { signal, lit: litLeds({ signal, activity }) };
  return { name, initial, final: kind === 'final', light, entry: entry.map(plain) };
}

function lineOf({ event, guard, actions, after }: DiagramTransition): string {
  const when =
    after === null ? event : `after ${after.ms === null ? plain(after.delay) : `${after.ms / 1000} s`}`;
  const words = [
    when,
    guard === null ? null : `[${plain(guard)}]`,
    actions.length === 0 ? null : `/ ${actions.map(plain).join(', ')}`,
  ];
  return words.filter((word) => word !== null).join(' ');
}

/** `startQueued` → `start queued`. Facts and commands (`drives.release`) keep their names: those are looked for in the journal and in the code. */
function plain(name: string): string {
  if (name.includes('.')) return name;
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}
