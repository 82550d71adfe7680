import { allBoxes, anyId, type Box, type BoxLight, type Drawing, innermost } from './drawing.ts';

/** Tints that say the light at a glance and are readable in print. */
const INK = '#333333';
const LED_INK = { red: '#d62728', amber: '#f0a000', green: '#2ca02c', none: '#d8d8d8' } as const;
const TINT = { red: '#fde8e8', amber: '#fff6dc', green: '#e3f6e3', none: '#ffffff' } as const;
const FONT = 'Helvetica,Arial,sans-serif';

/** Graphviz text: a cluster for each state that has states, filled with the colour of its light. */
export function dotOf(drawing: Drawing): string {
  const boxes = allBoxes(drawing.boxes);
  return [
    `digraph ${quoted(drawing.title)} {`,
    `  graph [compound=true, rankdir=TB, nodesep=0.45, ranksep=0.5, pad=0.2, fontname=${quoted(FONT)}, fontsize=11,`,
    `    fontcolor=${quoted(INK)}, labelloc=b, labeljust=l, label=${html(captionOf(drawing.caption))}];`,
    `  node [shape=box, style="rounded,filled", color="#777777", fillcolor="#ffffff", fontname=${quoted(FONT)}, fontsize=12];`,
    `  edge [color="#555555", fontcolor=${quoted(INK)}, fontname=${quoted(FONT)}, fontsize=10, arrowsize=0.7];`,
    ...inside(drawing.title, drawing.boxes, drawing.any, '  '),
    ...drawing.arrows.map(({ from, to, lines }) => arrow(boxes, from, to, lines)),
    '}',
    '',
  ].join('\n');
}

function inside(parent: string, boxes: readonly Box[], any: string | null, indent: string): readonly string[] {
  const first = boxes.find(({ initial }) => initial);
  const start = quoted(`${parent}.start`);
  return [
    ...(first === undefined
      ? []
      : [`${indent}${start} [shape=point, width=0.12, color=${quoted(INK)}, fillcolor=${quoted(INK)}, label=""];`]),
    ...(any === null
      ? []
      : [`${indent}${quoted(anyId(parent))} [label=${quoted(any)}, style="rounded,dashed", fontsize=10];`]),
    ...boxes.flatMap((box) => (box.boxes.length === 0 ? leaf(box, indent) : cluster(box, indent))),
    ...(first === undefined
      ? []
      : [`${indent}${start} -> ${quoted(innermost(first))}${first.boxes.length === 0 ? '' : ` [lhead=${clusterId(first.id)}]`};`]),
  ];
}

function cluster(box: Box, indent: string): readonly string[] {
  const deeper = `${indent}  `;
  return [
    `${indent}subgraph ${clusterId(box.id)} {`,
    `${deeper}label=${html(`<b>${escaped(box.name)}</b>`)}; labelloc=t; labeljust=l; fontsize=12;`,
    `${deeper}style="rounded"; color="#aaaaaa"; margin=14;`,
    ...inside(box.id, box.boxes, box.any, deeper),
    `${indent}}`,
  ];
}

function leaf(box: Box, indent: string): readonly string[] {
  const rows = [`<b>${escaped(box.name)}</b>`, ...lightRows(box.light)];
  if (box.entry.length > 0) rows.push(small(`entry / ${escaped(box.entry.join(', '))}`));
  const look = [
    `label=${html(rows.join('<br/>'))}`,
    `fillcolor=${quoted(TINT[box.light?.lit[0]?.color ?? 'none'])}`,
    ...(box.final ? ['peripheries=2'] : []),
  ];
  return [`${indent}${quoted(box.id)} [${look.join(', ')}];`];
}

function lightRows(light: BoxLight | null): readonly string[] {
  if (light === null) return [];
  const dots = (['red', 'amber', 'green'] as const).map((color) => {
    const isLit = light.lit.some((led) => led.color === color);
    return `<font color=${quoted(LED_INK[isLit ? color : 'none'])}>●</font>`;
  });
  const patterns = light.lit.map(({ color, words }) => `${color} ${words}`);
  return [
    `${dots.join(' ')} <font point-size="11">${escaped(light.signal)}</font>`,
    small(patterns.length === 0 ? 'all off' : escaped(patterns.join(', '))),
  ];
}

/** An arrow from or to a box ends at its border (`ltail`, `lhead`), but dot lays it out between states. */
function arrow(boxes: readonly Box[], from: string, to: string, lines: readonly string[]): string {
  const tail = boxes.find(({ id }) => id === from);
  const head = boxes.find(({ id }) => id === to);
  const look = [
    `label=${quoted(lines.join('\n'))}`,
    ...(tail !== undefined && tail.boxes.length > 0 ? [`ltail=${clusterId(from)}`] : []),
    ...(head !== undefined && head.boxes.length > 0 ? [`lhead=${clusterId(to)}`] : []),
  ];
  const ends = [tail === undefined ? from : innermost(tail), head === undefined ? to : innermost(head)];
  return `  ${ends.map(quoted).join(' -> ')} [${look.join(', ')}];`;
}

const clusterId = (id: string) => quoted(`cluster ${id}`);
const small = (text: string) => `<font point-size="9" color="#555555">${text}</font>`;
const html = (text: string) => `<${text}>`;

/** Lines begin at the left (`\l`), the last one too. */
function captionOf(caption: string): string {
  return caption
    .split('\n')
    .map((line) => `${escaped(line)}<br align="left"/>`)
    .join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Graphviz knows no other escape in a quoted text than that of the quote; a backslash would begin one of its own. */
function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
