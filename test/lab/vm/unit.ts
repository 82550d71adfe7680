import type { Guest } from './guest.ts';

const UNIT = 'imagetank.service';

/** What systemd says of the daemon, and what a person with root could do to it. Asking here never starts it. */
export class Unit {
  readonly #guest: Guest;

  constructor(guest: Guest) {
    this.#guest = guest;
  }

  show(property: string): Promise<string> {
    return this.#guest.sh(`systemctl show -P ${property} ${UNIT}`);
  }

  async pid(): Promise<number> {
    return Number(await this.show('MainPID'));
  }

  /** Lines for [Service] that hold from the next start on, until the machine ends. */
  async setService(...lines: readonly string[]): Promise<void> {
    const folder = `/run/systemd/system/${UNIT}.d`;
    await this.#guest.sh(`mkdir -p ${folder}`);
    await this.#guest.write(`${folder}/lab.conf`, `[Service]\n${lines.join('\n')}\n`);
    await this.#guest.sh('systemctl daemon-reload');
  }

  /** Gives the guest's time in ms, a moment after the signal. */
  async kill(signal: 'KILL' | 'STOP'): Promise<number> {
    await this.#guest.sh(`kill -${signal} ${await this.pid()}`);
    return nowMs(this.#guest);
  }

  async until(property: string, value: string): Promise<void> {
    await this.#guest.until(`test "$(systemctl show -P ${property} ${UNIT})" = "${value}"`);
  }
}

/** The guest's clock that never jumps, as the edges of sampled lines have it (a machine here never sleeps). */
export async function nowMs(guest: Guest): Promise<number> {
  return Number((await guest.read('/proc/uptime')).toString().split(' ')[0]) * 1000;
}
