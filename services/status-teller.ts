import type { Subscription } from 'rxjs';
import type { Appliance } from './appliance.ts';
import { messageOf } from './errors.ts';
import type { Clock, ServiceManager } from './ports.ts';
import { statusLine } from './status-line.ts';

/** Each line costs a process; a person who looks at `systemctl status` twice sees that it goes on. */
const TELL_EVERY_MS = 5000;

export interface StatusTellerParts {
  readonly appliance: Pick<Appliance, 'status' | 'lights$'>;
  readonly manager: Pick<ServiceManager, 'status'>;
  readonly clock: Pick<Clock, 'setTimer'>;
  readonly warn: (text: string) => void;
}

/** Tells the service manager how it goes: at each change of the lights, and every 5 s while a backup runs. */
export class StatusTeller {
  readonly #parts: StatusTellerParts;
  #lights: Subscription | null = null;
  #disarm: () => void = () => undefined;
  #asking = false;
  #again = false;
  #stopped = false;

  constructor(parts: StatusTellerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#lights = this.#parts.appliance.lights$.subscribe(() => void this.#tell());
  }

  /** Safe twice and before `start`. */
  stop(): void {
    this.#stopped = true;
    this.#lights?.unsubscribe();
    this.#disarm();
  }

  async #tell(): Promise<void> {
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = true;
    this.#disarm();
    try {
      const status = await this.#parts.appliance.status();
      if (this.#stopped) return;
      this.#parts.manager.status(statusLine(status));
      if (status.backups.some(({ outcome }) => outcome === null)) {
        this.#disarm = this.#parts.clock.setTimer(TELL_EVERY_MS, () => void this.#tell());
      }
    } catch (error) {
      this.#parts.warn(`status line: ${messageOf(error)}`);
    } finally {
      this.#asking = false;
    }
    if (!this.#again || this.#stopped) return;
    this.#again = false;
    await this.#tell();
  }
}
