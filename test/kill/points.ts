/** `before file.write #3`: the third time that the run was about to write. */
const kindOf = (point: string): string => point.slice(0, point.lastIndexOf(' #'));

/**
 * At most `limit` points in the order of the run: the first of each kind, because each is its own way to die, then
 * evenly from the rest.
 */
export function samplePoints(points: readonly string[], limit: number): readonly string[] {
  const kinds = new Set<string>();
  const chosen = new Set(points.filter((point) => kinds.size < kinds.add(kindOf(point)).size));
  const rest = points.filter((point) => !chosen.has(point));
  const room = Math.max(0, limit - chosen.size);
  for (let at = 0; at < Math.min(room, rest.length); at += 1) {
    const point = rest[Math.floor((at * rest.length) / room)];
    if (point !== undefined) chosen.add(point);
  }
  return points.filter((point) => chosen.has(point));
}
