/** What the drivers of lights and buttons need from the machine, beside `Clock`. */

/** A program that runs for as long as the board needs it: it holds a line, or reads a button. */
export interface Child {
  /**
   * Ends it and what it started at once (SIGKILL): nothing is lost, and the kernel frees what it holds. `exit` is heard
   * afterwards. Safe twice.
   */
  kill(): void;
}

export interface ChildEars {
  /** Standard output as it comes, in pieces of any size. */
  output(bytes: Uint8Array): void;
  /** Once, never before `StartChild` returned: it ended or could not be started. `why` is one line, bounded. */
  exit(why: string): void;
}

export type Command = readonly [file: string, ...args: string[]];

/** Starts a program that ends with the daemon, however that ends. Never throws. */
export type StartChild = (command: Command, ears: ChildEars) => Child;

/** Standard output of a program that ends by itself; null when it is missing, fails, is too slow or says too much. */
export type RunTool = (command: Command) => Promise<string | null>;

/** Confirms by ear. */
export interface Buzzer {
  /** Returns at once and never throws; a beep while one sounds does nothing. */
  beep(): void;
  /** Silent for certain when it resolves, as far as the machine obeys. Safe twice. */
  stop(): Promise<void>;
}

/** How long a beep lasts: heard in another room, and no nuisance. */
export const BEEP_MS = 200;
