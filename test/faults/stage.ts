/** What a campaign of `npm run test:faults` is, and what it says in the end. */

export interface StageOptions {
  /** The sizes of `threats.md`; otherwise a form that a change is judged by. */
  readonly full: boolean;
  /** The same seed tries the same points. */
  readonly seed: number;
  readonly print: (line: string) => void;
}

/** The last three are to be 0. */
export interface Figures {
  /** Moments, states or inputs that were tried. */
  readonly points: number;
  /** Files that were acknowledged and are not there as they were, or that a green light was shown without. */
  readonly lost: number;
  /** Half or altered files under a photo's name, anything else that is not as promised, hangs included. */
  readonly wrong: number;
  /** One content twice. */
  readonly doubled: number;
  /** Why nothing was tried here; null when it was. */
  readonly skipped: string | null;
}

export interface Stage {
  /** One word, for `--only`. */
  readonly name: string;
  run(options: StageOptions): Promise<Figures>;
}

export const skipped = (reason: string): Figures => ({
  points: 0,
  lost: 0,
  wrong: 0,
  doubled: 0,
  skipped: reason,
});

export type Harm = 'lost' | 'wrong' | 'doubled';

/** More would hide the first ones. */
const MAX_LINES = 20;
const MAX_LINE_CHARS = 400;

/** Counts points and harm; prints the first findings, because a figure alone mends nothing. */
export class Score {
  readonly #print: StageOptions['print'];
  readonly #harm = { lost: 0, wrong: 0, doubled: 0 };
  #points = 0;
  #lines = 0;

  constructor(print: StageOptions['print']) {
    this.#print = print;
  }

  get points(): number {
    return this.#points;
  }

  tried(points = 1): void {
    this.#points += points;
  }

  note(harm: Harm, text: string): void {
    this.#harm[harm] += 1;
    this.#lines += 1;
    if (this.#lines <= MAX_LINES) this.#print(`  ${harm}: ${text}`.slice(0, MAX_LINE_CHARS));
  }

  figures(): Figures {
    return { points: this.#points, ...this.#harm, skipped: null };
  }
}
