/** `before file.write #3`: the third time that the run was about to write. */
const kindOf = (point: string): string => point.slice(0, point.lastIndexOf(' #'));

/**
 * At most `limit` points in the order of the run, but in any case one of each kind, because each is its own way to
 * die: of those before a step the first, of those after it the last. Then evenly from the rest.
 */
export function samplePoints(points: readonly string[], limit: number): readonly string[] {
  const first = new Map(points.toReversed().map((point) => [kindOf(point), point]));
  const last = new Map(points.map((point) => [kindOf(point), point]));
  const chosen = new Set(
    [...first.keys()].map((kind) => (kind.startsWith('before') ? first : last).get(kind)),
  );
  const rest = points.filter((point) => !chosen.has(point));
  const room = Math.min(rest.length, Math.max(0, limit - chosen.size));
  for (let at = 0; at < room; at += 1) chosen.add(rest[Math.floor((at * rest.length) / room)]);
  return points.filter((point) => chosen.has(point));
}
