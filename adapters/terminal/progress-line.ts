/** Between two lines where a line cannot be rewritten (a file, a pipe, `ssh host command`). */
const PLAIN_INTERVAL_MS = 5000;

export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** One line that is rewritten on a terminal; elsewhere a line every few seconds. */
export class ProgressLine {
  readonly #output: ProgressOutput;
  readonly #nowMs: () => number;
  #lastMs = Number.NEGATIVE_INFINITY;
  #open = false;

  constructor(output: ProgressOutput, nowMs: () => number = () => performance.now()) {
    this.#output = output;
    this.#nowMs = nowMs;
  }

  show(text: string): void {
    if (this.#output.isTTY === true) {
      // A line wider than the terminal would wrap and could not be rewritten.
      const width = (this.#output.columns ?? 80) - 1;
      this.#output.write(`\r${[...text].slice(0, width).join('')}\u001b[K`);
      this.#open = true;
    } else if (this.#nowMs() - this.#lastMs >= PLAIN_INTERVAL_MS) {
      this.#output.write(`${text}\n`);
      this.#lastMs = this.#nowMs();
    }
  }

  /** Removes the line, so that what follows starts on a clean one. */
  clear(): void {
    if (this.#open) this.#output.write('\r\u001b[K');
    this.#open = false;
  }
}
