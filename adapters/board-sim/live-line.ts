import colors from 'picocolors';
import type { LedSignal } from '../../machines/signals.ts';
import { messageOf } from '../../services/errors.ts';
import type { LedColor } from '../../services/lights/renderer.ts';

/** Standard output fits. */
export interface Terminal {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

const paint = colors.createColors;
const CLEAR = '\r\u001b[2K';

/** One line on a terminal that is redrawn in place: three dots and the name of the light. */
export class LiveLine {
  readonly #out: Terminal | null;
  readonly #paint: ReturnType<typeof paint>;
  readonly #warn: (text: string) => void;
  #line = '';
  #broken = false;

  /** A file or pipe gets no live line: nobody sees it blink there. */
  constructor(out: Terminal | undefined, inColor: boolean, warn: (text: string) => void) {
    this.#out = out?.isTTY === true ? out : null;
    this.#paint = paint(inColor);
    this.#warn = warn;
  }

  show(signal: LedSignal, lit: Readonly<Record<LedColor, boolean>>): void {
    const { red, yellow, green, dim } = this.#paint;
    const dot = (on: boolean, color: (text: string) => string) => (on ? color('●') : dim('○'));
    const dots = [dot(lit.red, red), dot(lit.amber, yellow), dot(lit.green, green)];
    const line = `${dots.join(' ')}  ${signal}`;
    if (line === this.#line) return;
    this.#line = line;
    this.#write(CLEAR + line);
  }

  /** Puts a line of other output above the lights. */
  print(line: string): void {
    this.#write(`${CLEAR}${line}\n${this.#line}`);
  }

  end(): void {
    if (this.#line !== '') this.#write('\n');
    this.#line = '';
  }

  /** A terminal that went away must not end a backup. */
  #write(text: string): void {
    if (this.#out === null || this.#broken) return;
    try {
      this.#out.write(text);
    } catch (error) {
      this.#broken = true;
      this.#warn(`live line: ${messageOf(error)}`);
    }
  }
}
