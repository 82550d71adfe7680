/** The rows of the table of `copy-engine.md`, "Targets". */

export type WorkloadId = 'A' | 'B' | 'C' | 'D' | 'E' | 'F1' | 'F2' | 'F3';

/** What is copied, from what, to what. Sizes are those of the table, but where the disk does not hold them. */
export interface Workload {
  readonly id: WorkloadId;
  readonly title: string;
  readonly files: number;
  readonly fileBytes: number;
  /** Whether the files of the card lie in the page cache when a contender begins. */
  readonly source: 'cold' | 'warm';
  /** `volume`: a file system of its own with a UUID, so that files can be known; needs root. */
  readonly card: 'folder' | 'volume';
  readonly drives: 1 | 2;
  /** The card gives so many bytes a second, to everybody; null for as fast as it can. Needs root. */
  readonly cardBytesPerSecond: number | null;
  /** The card was backed up before, by everybody; so many new files have come since. Null for the first time. */
  readonly newFiles: number | null;
  readonly runs: number;
}

const MB = 1_000_000;
const KB = 1_000;

/** What a UHS-I card gives in a USB 3 reader (its bus ends at 104 MB/s: SD Physical Layer 3.01, SDR104). */
const CARD_SPEED = 90 * MB;

const FIRST = { card: 'folder', drives: 1, cardBytesPerSecond: null, newFiles: null, runs: 5 } as const;
/** A card that comes back was out of its reader: nothing of it is in memory. */
const AGAIN = { ...FIRST, card: 'volume', source: 'cold' } as const;

export const FULL: readonly Workload[] = [
  {
    ...FIRST,
    id: 'A',
    title: 'card-bound, 90 MB/s',
    files: 40,
    fileBytes: 24 * MB,
    source: 'cold',
    card: 'volume',
    cardBytesPerSecond: CARD_SPEED,
  },
  { ...FIRST, id: 'B', title: 'fast disk', files: 100, fileBytes: 24 * MB, source: 'warm' },
  { ...FIRST, id: 'C', title: 'one video', files: 1, fileBytes: 4000 * MB, source: 'warm' },
  { ...FIRST, id: 'D', title: 'small files', files: 50_000, fileBytes: 20 * KB, source: 'warm' },
  { ...FIRST, id: 'E', title: 'two drives', files: 50, fileBytes: 24 * MB, source: 'warm', drives: 2 },
  { ...AGAIN, id: 'F1', title: 'again, large', files: 200, fileBytes: 24 * MB, newFiles: 0 },
  { ...AGAIN, id: 'F2', title: 'again, small', files: 50_000, fileBytes: 20 * KB, newFiles: 0 },
  { ...AGAIN, id: 'F3', title: 'again, ten new', files: 100, fileBytes: 24 * MB, newFiles: 10 },
];

const QUICK_FILES: Readonly<Record<WorkloadId, number>> = {
  A: 3,
  B: 6,
  C: 1,
  D: 800,
  E: 4,
  F1: 10,
  F2: 800,
  F3: 10,
};
const QUICK_VIDEO_BYTES = 240 * MB;
const QUICK_RUNS = 1;

/** For CI: that everything still runs, and an idea of the size. */
export const QUICK: readonly Workload[] = FULL.map((workload) => ({
  ...workload,
  files: QUICK_FILES[workload.id],
  fileBytes: Math.min(workload.fileBytes, QUICK_VIDEO_BYTES),
  runs: QUICK_RUNS,
}));

/** Throttles and volumes are the kernel's, for root alone. */
export const needsRoot = ({ card, cardBytesPerSecond }: Workload): boolean =>
  card === 'volume' || cardBytesPerSecond !== null;
