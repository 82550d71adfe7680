/**
 * DOT to SVG, by Graphviz compiled to WebAssembly (no browser, no program to install). Loaded at the first use: it takes
 * 30 MB and half a second, and the daemon never needs it. Throws an `Error` that names the line of DOT that is wrong.
 */
export async function svgOf(dot: string): Promise<string> {
  const { instance } = await import('@viz-js/viz');
  const viz = await instance();
  return viz.renderString(dot, { format: 'svg', engine: 'dot' });
}
