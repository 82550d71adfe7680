import { type Area, allBoxes, anyId, type Box, type Drawing } from './drawing.ts';

const TINT = { red: '#fde8e8', amber: '#fff6dc', green: '#e3f6e3' } as const;

/**
 * Mermaid `stateDiagram-v2`, nested like the chart; the light is the second line of a state. Each arrow stands in the
 * innermost block that holds both of its ends, because Mermaid moves a state to the block in which an arrow names it.
 */
export function mermaidOf(drawing: Drawing): string {
  const inColor = (color: string) => allBoxes(drawing).filter(({ light }) => light?.lit[0]?.color === color);
  return [
    'stateDiagram-v2',
    ...drawing.caption.split('\n').map((line) => `  %% ${line}`),
    ...inside(drawing, '  '),
    ...Object.entries(TINT).flatMap(([color, fill]) => [
      `  classDef ${color} fill:${fill},stroke:#777777,color:#333333`,
      ...inColor(color).map(({ id }) => `  class ${idOf(id)} ${color}`),
    ]),
    '',
  ].join('\n');
}

function inside({ id, boxes, any, arrows }: Area, indent: string): readonly string[] {
  const initial = boxes.filter((box) => box.initial).map((box) => `[*] --> ${idOf(box.id)}`);
  const final = boxes.filter((box) => box.final).map((box) => `${idOf(box.id)} --> [*]`);
  const between = arrows.flatMap(({ from, to, lines }) =>
    lines.map((line) => `${idOf(from)} --> ${idOf(to)} : ${text(line)}`),
  );
  return [
    ...initial.map((line) => indent + line),
    ...(any === null ? [] : [`${indent}${idOf(anyId(id))} : ${text(any)}`]),
    ...boxes.flatMap((box) => state(box, indent)),
    ...[...between, ...final].map((line) => indent + line),
  ];
}

function state(box: Box, indent: string): readonly string[] {
  const id = idOf(box.id);
  if (box.boxes.length === 0) {
    return [box.name, ...details(box)].map((line) => `${indent}${id} : ${text(line)}`);
  }
  return [`${indent}state "${text(box.name)}" as ${id} {`, ...inside(box, `${indent}  `), `${indent}}`];
}

function details({ light, entry }: Box): readonly string[] {
  const patterns = light?.lit.map(({ color, words }) => `${color} ${words}`).join(', ');
  return [
    ...(light === null ? [] : [`light ${light.signal} (${patterns === '' ? 'all off' : patterns})`]),
    ...(entry.length === 0 ? [] : [`entry / ${entry.join(', ')}`]),
  ];
}

/** Letters, digits and underscores: a dot, or a word that Mermaid knows, would end the id. */
const idOf = (id: string) => id.replace(/\W/g, '_');

/** Colon, semicolon, braces, quotes, `#`, `<`, `>` and a new line mean something to Mermaid; `--` would divide the block. */
const text = (line: string) => line.replace(/(?:[:;{}"`#<>\s]|--+)+/g, ' ').trim();
