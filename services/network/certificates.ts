import { messageOf } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { Certificate, CertificateSource } from './ports.ts';

/** Two looks at a file: whoever renews a certificate sees the new one served before the tea is ready. */
const LOOK_EVERY_MS = 60_000;

export interface CertificateWatchParts {
  readonly source: CertificateSource;
  readonly clock: Pick<Clock, 'setTimer'>;
  /** Connections from now on get this one. */
  readonly serve: (certificate: Certificate) => void;
  readonly warn: (text: string) => void;
}

/** Serves a certificate that was renewed, without a restart: a box runs for years. */
export class CertificateWatch {
  readonly #parts: CertificateWatchParts;
  #disarm: () => void = () => undefined;
  #stopped = false;
  /** Said once, not each minute. */
  #said = '';

  constructor(parts: CertificateWatchParts) {
    this.#parts = parts;
  }

  start(served: Certificate): void {
    if (this.#stopped) return;
    this.#disarm = this.#parts.clock.setTimer(LOOK_EVERY_MS, () => void this.#look(served));
  }

  /** Safe twice and before `start`. */
  stop(): void {
    this.#stopped = true;
    this.#disarm();
  }

  async #look(served: Certificate): Promise<void> {
    let next = served;
    try {
      const newer = await this.#parts.source.newer(served);
      if (newer !== null && !this.#stopped) {
        this.#parts.serve(newer);
        next = newer;
      }
      this.#said = '';
    } catch (error) {
      this.#complain(messageOf(error));
    }
    this.start(next);
  }

  #complain(text: string): void {
    if (text !== this.#said) this.#parts.warn(`${text}; the certificate of before is served`);
    this.#said = text;
  }
}
