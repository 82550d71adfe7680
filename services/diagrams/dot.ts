import { type Area, type Arrow, allBoxes, anyId, type Box, type BoxLight, type Drawing } from './drawing.ts';

const INK = '#333333';
const LED_INK = { red: '#d62728', amber: '#f0a000', green: '#2ca02c', none: '#d8d8d8' } as const;
/** Say the light at a glance, pale enough to read on. */
const TINT = { red: '#fde8e8', amber: '#fff6dc', green: '#e3f6e3', none: '#ffffff' } as const;
/** One of the few whose widths Graphviz knows without having fonts; browsers fall back to what they have. */
const FONT = 'Helvetica';

/** Graphviz text: a cluster for each state that has states, filled with the colour of its light. */
export function dotOf(drawing: Drawing): string {
  const boxes = allBoxes(drawing);
  return [
    `digraph ${quoted(drawing.id)} {`,
    `  graph [compound=true, rankdir=TB, nodesep=0.45, ranksep=0.32, pad=0.2, fontname=${quoted(FONT)}, fontsize=11,`,
    `    fontcolor=${quoted(INK)}, labelloc=b, labeljust=l, label=${html(captionOf(drawing.caption))}];`,
    `  node [shape=box, style="rounded,filled", color="#777777", fillcolor="#ffffff", margin="0.16,0.07", fontname=${quoted(FONT)}, fontsize=12];`,
    `  edge [color="#555555", fontcolor=${quoted(INK)}, fontname=${quoted(FONT)}, fontsize=10, arrowsize=0.7];`,
    ...inside(boxes, drawing, '  '),
    ...column(drawing),
    '}',
    '',
  ].join('\n');
}

/** Regions that run beside the first one stand below each other at its side: the page stays narrow. */
function column({ boxes }: Drawing): readonly string[] {
  if (boxes.some(({ initial }) => initial)) return [];
  const [, ...beside] = boxes;
  return beside.slice(1).flatMap((box, index) => {
    const above = beside[index];
    return above === undefined
      ? []
      : [`  ${quoted(last(above))} -> ${quoted(startId(box.id))} [style=invis];`];
  });
}

/** Arrows stand in their own cluster, else Graphviz lets their words hang out of it. */
function inside(all: readonly Box[], { id, boxes, any, arrows }: Area, indent: string): readonly string[] {
  const lines = boxes
    .filter(({ initial }) => initial)
    .flatMap((first) => {
      const head = first.boxes.length === 0 ? '' : ` [lhead=${clusterId(first.id)}]`;
      return [
        `${quoted(startId(id))} [shape=point, width=0.12, color=${quoted(INK)}, fillcolor=${quoted(INK)}, label=""];`,
        `${quoted(startId(id))} -> ${quoted(entryOf(first))}${head};`,
      ];
    });
  if (any !== null) {
    lines.push(`${quoted(anyId(id))} [label=${quoted(any)}, style="rounded,dashed", fontsize=10];`);
  }
  return [
    ...lines.map((line) => indent + line),
    ...boxes.flatMap((box) => (box.boxes.length === 0 ? [indent + leaf(box)] : cluster(all, box, indent))),
    ...arrows.map((one) => indent + arrow(all, one)),
  ];
}

function cluster(all: readonly Box[], box: Box, indent: string): readonly string[] {
  const deeper = `${indent}  `;
  return [
    `${indent}subgraph ${clusterId(box.id)} {`,
    `${deeper}label=${html(`<b>${escaped(box.name)}</b>`)}; labelloc=t; labeljust=l; fontsize=12;`,
    `${deeper}style="rounded"; color="#aaaaaa";`,
    ...inside(all, box, deeper),
    `${indent}}`,
  ];
}

function leaf(box: Box): string {
  const rows = [`<b>${escaped(box.name)}</b>`, ...lightRows(box.light)];
  if (box.entry.length > 0) rows.push(small(`entry / ${escaped(box.entry.join(', '))}`));
  const look = [
    `label=${html(rows.join('<br/>'))}`,
    `fillcolor=${quoted(TINT[box.light?.lit[0]?.color ?? 'none'])}`,
    ...(box.final ? ['peripheries=2'] : []),
  ];
  return `${quoted(box.id)} [${look.join(', ')}];`;
}

function lightRows(light: BoxLight | null): readonly string[] {
  if (light === null) return [];
  const dots = (['red', 'amber', 'green'] as const).map((color) => {
    const isLit = light.lit.some((led) => led.color === color);
    return `<font point-size="15" color=${quoted(LED_INK[isLit ? color : 'none'])}>●</font>`;
  });
  const patterns = light.lit.map(({ color, words }) => `${color} ${words}`);
  return [
    `${dots.join(' ')} <font point-size="11">${escaped(light.signal)}</font>`,
    small(patterns.length === 0 ? 'all off' : escaped(patterns.join(', '))),
  ];
}

/**
 * An arrow from or to a box ends at its border (`ltail`, `lhead`), but Graphviz lays it out between two states: the last
 * of the upper and the first of the lower box. Arrows back are laid out forwards too (`dir=back`), so that all boxes
 * stand below each other in the chart's order.
 */
function arrow(boxes: readonly Box[], { from, to, lines }: Arrow): string {
  const position = (id: string) => boxes.findIndex((box) => box.id === id);
  const back = position(to) < position(from);
  const [upper, lower] = back ? [to, from] : [from, to];
  const [above, below] = [boxes[position(upper)], boxes[position(lower)]];
  const look = [
    `label=${quoted(labelOf(lines))}`,
    ...(back ? ['dir=back'] : []),
    ...(above === undefined || above.boxes.length === 0 ? [] : [`ltail=${clusterId(upper)}`]),
    ...(below === undefined || below.boxes.length === 0 ? [] : [`lhead=${clusterId(lower)}`]),
  ];
  const start = above === undefined ? upper : last(above);
  const end = below === undefined ? lower : entryOf(below);
  return `${quoted(start)} -> ${quoted(end)} [${look.join(', ')}];`;
}

/** What is done stands on a line of its own: labels grow down, not wide. */
function labelOf(lines: readonly string[]): string {
  return lines.map((line) => ` ${line.replace(' / ', ' \n / ')} `).join('\n');
}

/** The point at which a box begins: its whole cluster is then laid out below the arrow, and none of its words inside. */
function entryOf(box: Box): string {
  return box.boxes.some(({ initial }) => initial) ? startId(box.id) : box.id;
}

function last(box: Box): string {
  const below = box.boxes.at(-1);
  return below === undefined ? box.id : last(below);
}

const startId = (id: string) => `${id}.start`;
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
