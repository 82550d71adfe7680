const ACCENT = '#0b57d0';
/** Paper and ink change places, colours keep their hue: green stays green. Where styles are not allowed it stays paper. */
const DARK = '<style>@media (prefers-color-scheme: dark){svg{filter:invert(1) hue-rotate(180deg)}}</style>';

/**
 * A drawing of a chart by Graphviz with the states marked in which it is: a strong border and a name for those who do
 * not see it. `active` are ids of states, outer ones too; what the drawing does not have is passed over.
 */
export function markedSvg(svg: string, active: readonly string[]): string {
  const marked = active.reduce(mark, svg);
  const leaves = active.filter(
    (id) => !active.some((other) => other.startsWith(`${id}.`)) && isDrawn(svg, id),
  );
  const name = leaves.length === 0 ? 'Nothing runs.' : `Now: ${leaves.map(wordsOf).join(', ')}.`;
  return marked.replace(
    /<svg ([^>]*)>/,
    `<svg $1 role="img" aria-label="${escaped(name)}">\n<desc>${escaped(name)}</desc>\n${DARK}`,
  );
}

/** A state is a node, one with states in it a cluster: each is a group with its id as title, then its outline. */
function mark(svg: string, id: string): string {
  for (const [kind, title, width] of [
    ['node', id, 3],
    ['cluster', `cluster ${id}`, 1.5],
  ] as const) {
    const at = svg.indexOf(`class="${kind}">\n<title>${title}</title>\n`);
    if (at === -1) continue;
    const head = svg.slice(0, at);
    const group = svg.slice(at).replace(`class="${kind}"`, `class="${kind} now"`);
    return head + group.replace(/stroke="[^"]*"/, `stroke="${ACCENT}" stroke-width="${width}"`);
  }
  return svg;
}

const isDrawn = (svg: string, id: string) =>
  svg.includes(`<title>${id}</title>`) || svg.includes(`<title>cluster ${id}</title>`);

/** `appliance.life.ready.clear` → `life ready clear`. */
const wordsOf = (id: string) => id.split('.').slice(1).join(' ');

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
