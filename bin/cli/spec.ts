import type { Action } from './cli.ts';

/** One command: everything that its help says, and where its code is. */
export interface Spec {
  /** Words of the command, then its arguments: `<needed>`, `[may be left out]`. */
  readonly usage: string;
  readonly summary: string;
  /** `--flag <value>` and what it does. */
  readonly options?: readonly (readonly [flags: string, text: string])[];
  readonly example: string;
  readonly load: () => Promise<Action>;
}
