import { describe, expect, it } from 'vitest';
import type { Diagram, DiagramState, DiagramTransition } from '../../machines/diagram.ts';
import { dotOf } from '../../services/diagrams/dot.ts';
import { allBoxes, anyId, drawingOf } from '../../services/diagrams/drawing.ts';
import { mermaidOf } from '../../services/diagrams/mermaid.ts';

function state(id: string, change: Partial<DiagramState> = {}): DiagramState {
  const cut = id.lastIndexOf('.');
  return {
    id,
    name: id.slice(cut + 1),
    parent: cut < 0 ? null : id.slice(0, cut),
    kind: 'atomic',
    initial: false,
    signal: null,
    activity: null,
    entry: [],
    ...change,
  };
}

function move(from: string, to: string | null, change: Partial<DiagramTransition> = {}): DiagramTransition {
  return { from, to, event: 'Went', guard: null, actions: [], label: '', after: null, ...change };
}

const chart = (states: readonly DiagramState[], transitions: readonly DiagramTransition[]): Diagram => ({
  id: 'm',
  states: [state('m', { kind: 'compound' }), ...states],
  transitions,
});
const three = [state('m.a', { initial: true }), state('m.b'), state('m.c')];
const arrowsOf = (diagram: Diagram) => drawingOf(diagram, '').arrows;

describe('what is drawn', () => {
  it('leaves out facts that move nothing', () => {
    expect(arrowsOf(chart(three, [move('m', null), move('m.a', null)]))).toEqual([]);
  });

  it('leaves out the ways of a region back to its own first state', () => {
    expect(arrowsOf(chart(three, [move('m', 'm.a')]))).toEqual([]);
  });

  it('draws a way from a region to another of its states as one from any state', () => {
    const drawing = drawingOf(chart(three, [move('m', 'm.b')]), '');
    expect(drawing.arrows).toEqual([{ from: anyId('m'), to: 'm.b', lines: ['Went'] }]);
    expect(drawing.any).toBe('any other state');
  });

  it('of a chart that ends, any state means those before the end', () => {
    const states = [...three, state('m.end', { kind: 'final' })];
    expect(drawingOf(chart(states, [move('m', 'm.end')]), '').any).toBe('any state before the end');
  });

  it('gathers the same way of all other states into one', () => {
    expect(arrowsOf(chart(three, [move('m.a', 'm.c'), move('m.b', 'm.c')]))).toEqual([
      { from: anyId('m'), to: 'm.c', lines: ['Went'] },
    ]);
  });

  it.each([
    ['one of them does not go', [move('m.a', 'm.d'), move('m.b', 'm.d')]],
    [
      'one goes for another reason',
      [move('m.a', 'm.d'), move('m.b', 'm.d'), move('m.c', 'm.d', { event: 'Other' })],
    ],
    ['one goes elsewhere', [move('m.a', 'm.d'), move('m.b', 'm.d'), move('m.c', 'm.a')]],
  ])('but not when %s', (_, moves) => {
    const from = arrowsOf(chart([...three, state('m.d')], moves)).map((arrow) => arrow.from);
    expect(from).toEqual(moves.map((one) => one.from));
  });

  it('two states need no gathering', () => {
    const two = [state('m.a', { initial: true }), state('m.b')];
    expect(arrowsOf(chart(two, [move('m.a', 'm.b')]))[0]?.from).toBe('m.a');
  });

  it('a way to itself stays', () => {
    expect(arrowsOf(chart(three, [move('m.b', 'm.b')]))).toEqual([
      { from: 'm.b', to: 'm.b', lines: ['Went'] },
    ]);
  });

  it('two ways between the same states share an arrow, a line each, in order', () => {
    const moves = [
      move('m.a', 'm.b', { guard: 'allRead' }),
      move('m.a', 'm.b', { event: null, after: { delay: 'holdDelay', ms: 1500 } }),
      move('m.a', 'm.b', {
        event: null,
        after: { delay: 'someDelay', ms: null },
        actions: ['startQueued', 'drive.adoptCandidate'],
      }),
    ];
    expect(arrowsOf(chart(three, moves))[0]?.lines).toEqual([
      'Went [all read]',
      'after 1.5 s',
      'after some delay / start queued, drive.adoptCandidate',
    ]);
  });

  it('an arrow stands in the innermost area that holds both ends', () => {
    const states = [
      state('m.a', { kind: 'compound', initial: true }),
      state('m.a.x', { initial: true }),
      state('m.a.y'),
      // Begins like `m.a`, but is not inside it.
      state('m.ab'),
    ];
    const drawing = drawingOf(chart(states, [move('m.a.x', 'm.a.y'), move('m.a.y', 'm.ab')]), '');
    expect(drawing.boxes[0]?.arrows.map(({ to }) => to)).toEqual(['m.a.y']);
    expect(drawing.arrows.map(({ to }) => to)).toEqual(['m.ab']);
    expect(allBoxes(drawing).map(({ id }) => id)).toEqual(['m.a', 'm.a.x', 'm.a.y', 'm.ab']);
  });
});

describe('names that mean something to the drawing languages', () => {
  const nasty = state('m.a', { initial: true, name: 'a"<b>&{c};d:e#f--g`\\h', entry: ['x<y>'] });
  const drawing = drawingOf(
    chart([nasty, state('m.end')], [move('m.a', 'm.end', { event: 'E:"x"\\n--> ;{\ny' })]),
    'c & "c"',
  );

  it('are made harmless in Mermaid', () => {
    const lines = mermaidOf(drawing).split('\n');
    expect(lines).toContain('  m_a : a b & c d e f g \\h');
    expect(lines).toContain('  m_a : entry / x y');
    expect(lines).toContain('  m_a --> m_end : E x \\n y');
  });

  it('are escaped in DOT', () => {
    const dot = dotOf(drawing);
    expect(dot).toContain('<b>a"&lt;b&gt;&amp;{c};d:e#f--g`\\h</b>');
    expect(dot).toContain('label=" E:\\"x\\"\\\\n--> ;{\\ny "');
    expect(dot).toContain('label=<c &amp; "c"<br align="left"/>>');
  });
});
