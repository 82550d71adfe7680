import type { Guest, Sampled } from './guest.ts';

/** The Pibrella's lines (contract.md, section 1). */
export const LINES = { red: 27, amber: 17, green: 4, button: 11, buzzer: 18 } as const;
export type Led = 'red' | 'amber' | 'green';

const LEDS = ['red', 'amber', 'green'] as const;

/** From the line that `guest/lights-at-end.sh` writes when everything else has been stopped. */
export function litAtEnd(console: string): Led[] {
  const levels = /lab: lights (\d) (\d) (\d)/.exec(console)?.slice(1);
  if (levels === undefined) throw new Error('the console does not tell what was lit at the end');
  return LEDS.filter((_, index) => levels[index] === '1');
}

/** The simulated chip as hands and eyes have it: press the button, look at the LEDs. */
export class Board {
  readonly #guest: Guest;
  #samplings = 0;

  constructor(guest: Guest) {
    this.#guest = guest;
  }

  /** LEDs and button as kernel devices, as the overlays gpio-led and gpio-key make them. */
  async bindKernelDrivers(): Promise<void> {
    await this.#guest.sh('modprobe lab-board && udevadm settle');
  }

  async press(): Promise<void> {
    await this.#pull(LINES.button, true);
  }

  async release(): Promise<void> {
    await this.#pull(LINES.button, false);
  }

  /** Held for a time of the guest's own clock. */
  async hold(ms: number): Promise<void> {
    await this.#guest.sh(
      `echo pull-up > ${pull(LINES.button)}; sleep ${ms / 1000}; echo pull-down > ${pull(LINES.button)}`,
    );
  }

  /** What is lit at this moment. */
  async lit(): Promise<Led[]> {
    const levels = (await this.#guest.ask('levels', { lines: LEDS.map((led) => LINES[led]) })) as number[];
    return LEDS.filter((_, index) => levels[index] === 1);
  }

  /** Watches the LEDs while something happens. Edges carry the guest's time. */
  async sampleWhile(work: () => Promise<unknown>, everyMs = 5): Promise<Sampled> {
    this.#samplings += 1;
    const tag = `leds-${this.#samplings}`;
    const lines = [LINES.red, LINES.amber, LINES.green, LINES.buzzer];
    await this.#guest.ask('sampleStart', { tag, lines, everyMs });
    try {
      await work();
    } catch (error) {
      await this.#guest.ask('sampleStop', { tag }).catch(() => undefined);
      throw error;
    }
    return (await this.#guest.ask('sampleStop', { tag })) as Sampled;
  }

  sampleFor(ms: number): Promise<Sampled> {
    return this.sampleWhile(() => this.#guest.sh(`sleep ${ms / 1000}`));
  }

  async #pull(line: number, up: boolean): Promise<void> {
    await this.#guest.write(pull(line), up ? 'pull-up' : 'pull-down');
  }
}

const pull = (line: number): string => `/run/lab-gpio/sim_gpio${line}/pull`;
