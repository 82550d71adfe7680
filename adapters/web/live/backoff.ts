const FIRST_MS = 500;
/** Whoever looks at the page waits for it, and a question every 3 s costs the box nothing; a hidden page does not ask. */
const LONGEST_MS = 3_000;

/** How long to wait after so many failed attempts in a row: 0.5, 1, 2, 3 s. */
export const waitMs = (failures: number): number =>
  Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(10, Math.max(0, failures - 1)));
