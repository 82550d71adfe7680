import type { Verdict } from './judge.ts';

export interface Tally {
  /** States tried. */
  points: number;
  lost: number;
  wrong: number;
  doubled: number;
  /** States that nobody mounts before somebody has repaired the drive. Nothing is lost, but the box stands still. */
  refused: number;
  /** Half files under photos' names that the repair of refused states left, none of them promised. */
  halved: number;
  /** Refused states, by what was said. */
  readonly refusals: Map<string, number>;
}

export const noTally = (): Tally => ({
  ...{ points: 0, lost: 0, wrong: 0, doubled: 0, refused: 0, halved: 0 },
  refusals: new Map(),
});

export function count(tally: Tally, { lost, wrong, doubled }: Verdict, refusal: string | null): void {
  tally.points += 1;
  tally.lost += lost.length;
  tally.wrong += wrong.length;
  tally.doubled += doubled.length;
  if (refusal === null) return;
  tally.refused += 1;
  const kind = refusal.replace(/0x[0-9a-f]+|[0-9]+/g, 'N');
  tally.refusals.set(kind, (tally.refusals.get(kind) ?? 0) + 1);
}

/** A repair may cut what was not promised short, and not lose or double anything. */
export function countRepaired(tally: Tally, { lost, wrong, doubled }: Verdict): void {
  tally.lost += lost.length;
  tally.doubled += doubled.length;
  tally.halved += wrong.length;
}

export function add(to: Tally, more: Tally): void {
  for (const key of ['points', 'lost', 'wrong', 'doubled', 'refused', 'halved'] as const)
    to[key] += more[key];
  for (const [kind, times] of more.refusals) to.refusals.set(kind, (to.refusals.get(kind) ?? 0) + times);
}

export const isBad = ({ lost, wrong, doubled }: Verdict): boolean =>
  lost.length + wrong.length + doubled.length > 0;

export const linesOf = ({ lost, wrong, doubled }: Verdict): string[] => [
  ...lost.map((text) => `lost: ${text}`),
  ...wrong.map((text) => `wrong: ${text}`),
  ...doubled.map((text) => `doubled: ${text}`),
];
