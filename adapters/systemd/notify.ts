import type { Clock, ServiceManager } from '../../services/ports.ts';
import { type Run, run } from './run.ts';

/** systemd takes some milliseconds; one that is itself in trouble is not waited for. */
const NOTIFY_DEADLINE_MS = 5000;
/** `systemctl status` is read by people. */
const STATUS_EVERY_MS = 1000;
/** Without the first the start times out, without the second a copy is killed in the middle. */
const MUST_ARRIVE: ReadonlySet<string> = new Set(['READY=1', 'WATCHDOG=1']);
/** After so many failures something else is wrong. */
const MAX_ATTEMPTS = 5;
/** One line on a screen. */
const MAX_STATUS_CHARS = 300;

export interface NotifyOptions {
  /** `NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID` and `PATH` are looked at (sd_notify(3), sd_watchdog_enabled(3)). */
  readonly env: NodeJS.ProcessEnv;
  readonly pid: number;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
  readonly run?: Run;
}

/** Talks to systemd through `systemd-notify`, because Node has no unix datagram sockets. Without systemd: nothing. */
export function createServiceManager(options: NotifyOptions): ServiceManager {
  return (options.env['NOTIFY_SOCKET'] ?? '') === '' ? NOBODY : new SystemdNotify(options);
}

/** Beside `TimeoutStartSec=` of the unit (sd_notify(3)). */
const STARTING = 'EXTEND_TIMEOUT_USEC=60000000';

const NOBODY: ServiceManager = {
  starting: () => undefined,
  ready: () => undefined,
  status: () => undefined,
  stopping: () => undefined,
  watch: () => undefined,
  stop: async () => undefined,
};

/** One message at a time; what comes meanwhile is put together, of several status lines the newest. */
class SystemdNotify implements ServiceManager {
  readonly #options: NotifyOptions;
  readonly #urgent = new Set<string>();
  readonly #timers = new Map<'status' | 'watchdog' | 'retry', () => void>();
  #status: string | null = null;
  #statusAtMs = Number.NEGATIVE_INFINITY;
  #sending: Promise<void> | null = null;
  #failures = 0;
  #stopped = false;

  constructor(options: NotifyOptions) {
    this.#options = options;
  }

  starting(): void {
    this.#tell(STARTING);
  }

  ready(): void {
    this.#tell('READY=1');
  }

  status(line: string): void {
    // A card's label may hold anything; a newline would begin another assignment.
    this.#status = line.replace(/\p{C}/gu, '\uFFFD').slice(0, MAX_STATUS_CHARS);
    this.#send();
  }

  stopping(): void {
    this.#tell('STOPPING=1');
  }

  watch(isAlive: () => boolean): void {
    const { env, pid } = this.#options;
    const forUs = [undefined, '', String(pid)].includes(env['WATCHDOG_PID']);
    const everyMs = Number(env['WATCHDOG_USEC'] ?? 0) / 1000 / 2;
    if (!forUs || !(everyMs > 0)) return;
    const tick = () => {
      if (isAlive()) this.#tell('WATCHDOG=1');
      this.#arm('watchdog', everyMs, tick);
    };
    tick();
  }

  /** Resolves when the last message has been sent. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const disarm of this.#timers.values()) disarm();
    await this.#sending;
    const last = this.#take();
    if (last.length > 0) await this.#deliver(last);
  }

  #tell(assignment: string): void {
    this.#urgent.add(assignment);
    this.#send();
  }

  #send(): void {
    if (this.#sending !== null || this.#stopped) return;
    const message = this.#take();
    if (message.length === 0) return;
    this.#sending = this.#deliver(message).then(() => {
      this.#sending = null;
      this.#send();
    });
  }

  #take(): string[] {
    const message = [...this.#urgent];
    this.#urgent.clear();
    if (this.#status === null) return message;
    const waitMs = this.#statusAtMs + STATUS_EVERY_MS - this.#options.clock.monoMs();
    if (waitMs > 0 && !this.#stopped) {
      this.#arm('status', waitMs, () => this.#send());
      return message;
    }
    message.push(`STATUS=${this.#status}`);
    this.#status = null;
    this.#statusAtMs = this.#options.clock.monoMs();
    return message;
  }

  async #deliver(message: readonly string[]): Promise<void> {
    const { env, warn } = this.#options;
    const { NOTIFY_SOCKET, PATH } = env;
    const settings = { deadlineMs: NOTIFY_DEADLINE_MS, env: { NOTIFY_SOCKET, PATH } };
    const { ok, text } = await (this.#options.run ?? run)('systemd-notify', message, settings);
    if (ok) {
      this.#failures = 0;
      return;
    }
    this.#failures++;
    if (this.#failures === 1) warn(`systemd-notify: ${text}`);
    const again = message.filter((word) => MUST_ARRIVE.has(word));
    if (this.#failures >= MAX_ATTEMPTS || again.length === 0) return;
    for (const word of again) this.#urgent.add(word);
    this.#arm('retry', STATUS_EVERY_MS, () => this.#send());
  }

  #arm(name: 'status' | 'watchdog' | 'retry', delayMs: number, act: () => void): void {
    this.#timers.get(name)?.();
    if (!this.#stopped) this.#timers.set(name, this.#options.clock.setTimer(delayMs, act));
  }
}
