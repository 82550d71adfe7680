import { messageOf } from '../services/errors.ts';
import type { Clock, PowerSwitch } from '../services/ports.ts';
import type { Composition } from './composition.ts';

/** A journal that takes no facts cannot take the wish to end either: what was not recorded by then stays unrecorded. */
const UNRECORDED_MS = 10_000;

/**
 * How the daemon comes to its end: by a signal, or by the chart's last command. A signal is a wish that the chart
 * fulfils at a safe point, from the moment when the journal is folded; before that nothing has begun.
 */
export class Ending implements PowerSwitch {
  readonly #machine: PowerSwitch;
  readonly #clock: Pick<Clock, 'setTimer'>;
  #finish: () => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;
  #folded = false;
  #asked = false;
  /** Rejects when the machine refused to go down: ending with a failure starts the service again. */
  readonly ended: Promise<void>;

  constructor(machine: PowerSwitch, clock: Pick<Clock, 'setTimer'>) {
    this.#machine = machine;
    this.#clock = clock;
    this.ended = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    // It may come to this while nobody waits for it yet.
    this.ended.catch(() => undefined);
  }

  /** True once an end is under way: what has not begun need not begin. */
  get asked(): boolean {
    return this.#asked;
  }

  async end(action: 'poweroff' | 'reboot' | 'stop'): Promise<void> {
    this.#asked = true;
    try {
      await this.#machine.end(action);
      this.#finish();
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  /** Starts, and returns when that is done or when the end comes first. A start that fails later has failed for nobody. */
  async unlessAsked(start: () => Promise<void>): Promise<void> {
    if (this.#asked) return;
    const started = start();
    this.#folded = true;
    await Promise.race([started, this.ended]);
    started.catch(() => undefined);
  }

  /** A second signal ends at once: whoever presses Ctrl-C twice means it, and nothing is lost by it. Returns how to undo. */
  onSignals(
    daemon: Pick<Composition['daemon'], 'report'>,
    info: (text: string) => void,
    warn: (text: string) => void,
  ): () => void {
    const signals = ['SIGINT', 'SIGTERM'] as const;
    const stop = (signal: NodeJS.Signals) => {
      for (const each of signals) process.removeListener(each, stop);
      // systemd says so to everybody when it is we who switch the machine off.
      if (this.#asked) return;
      this.#asked = true;
      info(`${signal}: stopping at a safe point`);
      if (!this.#folded) return this.#finish();
      const disarm = this.#clock.setTimer(UNRECORDED_MS, () => {
        warn('the journal takes no facts: ending without them');
        this.#finish();
      });
      daemon
        .report({ type: 'ShutdownRequested', action: 'stop' })
        .then(disarm, (error: unknown) => warn(messageOf(error)));
    };
    for (const signal of signals) process.on(signal, stop);
    return () => {
      for (const signal of signals) process.removeListener(signal, stop);
    };
  }
}
