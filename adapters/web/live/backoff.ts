const FIRST_MS = 1000;
const LONGEST_MS = 15_000;

/** How long to wait after so many failed attempts in a row: 1, 2, 4, 8, 15 s. */
export const waitMs = (failures: number): number =>
  Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(10, Math.max(0, failures - 1)));
