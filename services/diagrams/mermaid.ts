import { allBoxes, anyId, type Arrow, type Box, type Drawing } from './drawing.ts';

const TINT = { red: '#fde8e8', amber: '#fff6dc', green: '#e3f6e3' } as const;

/**
 * Mermaid `stateDiagram-v2`, nested like the chart; the light is the second line of a state. Each arrow stands in the
 * innermost block that holds both of its ends, because Mermaid moves a state to the block in which an arrow names it.
 */
export function mermaidOf(drawing: Drawing): string {
  const tinted = allBoxes(drawing.boxes).filter(({ light }) => light !== null && light.lit.length > 0);
  const inColor = (color: string) => tinted.filter(({ light }) => light?.lit[0]?.color === color);
  return [
    'stateDiagram-v2',
    ...drawing.caption.split('\n').map((line) => `  %% ${line}`),
    ...block(drawing, drawing.title, drawing.boxes, drawing.any, '  '),
    ...Object.entries(TINT).flatMap(([color, fill]) => [
      `  classDef ${color} fill:${fill},stroke:#777777,color:#333333`,
      ...inColor(color).map(({ id }) => `  class ${idOf(id)} ${color}`),
    ]),
    '',
  ].join('\n');
}

function block(
  drawing: Drawing,
  parent: string,
  boxes: readonly Box[],
  any: string | null,
  indent: string,
): readonly string[] {
  const first = boxes.find(({ initial }) => initial);
  return [
    ...(first === undefined ? [] : [`${indent}[*] --> ${idOf(first.id)}`]),
    ...(any === null ? [] : [`${indent}${idOf(anyId(parent))} : ${text(any)}`]),
    ...boxes.flatMap((box) => state(drawing, box, indent)),
    ...drawing.arrows
      .filter((arrow) => blockOf(drawing, arrow) === parent)
      .flatMap(({ from, to, lines }) =>
        lines.map((line) => `${indent}${idOf(from)} --> ${idOf(to)} : ${text(line)}`),
      ),
    ...boxes.filter(({ final }) => final).map(({ id }) => `${indent}${idOf(id)} --> [*]`),
  ];
}

function state(drawing: Drawing, box: Box, indent: string): readonly string[] {
  const id = idOf(box.id);
  if (box.boxes.length === 0) {
    return [box.name, ...details(box)].map((line) => `${indent}${id} : ${text(line)}`);
  }
  return [
    `${indent}state "${text(box.name)}" as ${id} {`,
    ...block(drawing, box.id, box.boxes, box.any, `${indent}  `),
    `${indent}}`,
  ];
}

function details({ light, entry }: Box): readonly string[] {
  const patterns = light?.lit.map(({ color, words }) => `${color} ${words}`).join(', ');
  return [
    ...(light === null ? [] : [`light ${light.signal} (${patterns === '' ? 'all off' : patterns})`]),
    ...(entry.length === 0 ? [] : [`entry / ${entry.join(', ')}`]),
  ];
}

/** The innermost box (or the paper) that holds both ends. */
function blockOf({ title, boxes }: Drawing, { from, to }: Arrow): string {
  const holds = allBoxes(boxes).filter(({ id }) => from.startsWith(`${id}.`) && to.startsWith(`${id}.`));
  return holds.at(-1)?.id ?? title;
}

/** Letters, digits and underscores: a dot, or a word that Mermaid knows, would end the id. */
const idOf = (id: string) => id.replace(/\W/g, '_');

/** Colon, semicolon, braces, quotes, `#`, `<`, `>` mean something to Mermaid; `--` would be an arrow or a divider. */
const text = (line: string) => line.replace(/[:;{}"`#<>]|--+/g, ' ');
