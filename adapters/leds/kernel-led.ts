import type { LedPattern } from '../../machines/signals.ts';
import { messageOf } from '../../services/errors.ts';
import { LedChannel } from '../../services/lights/renderer.ts';
import type { Clock } from '../../services/ports.ts';
import type { LedFiles } from './led-files.ts';
import { readTriggers, type TriggerPlan, triggerPlans } from './triggers.ts';

/** The files of a trigger belong to root until udev's rule has run for its change event. */
const UDEV_WAIT_MS = 2000;
const UDEV_LOOK_MS = 50;
/** An LED that could not be set may be showing what is no longer true: it is tried again. */
export const RETRY_MS = 1000;
/** A write that hangs in the kernel must not keep the daemon from ending. */
const STOP_MS = 2000;

export interface KernelLedParts {
  /** Folder below /sys/class/leds. */
  readonly name: string;
  readonly files: LedFiles;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
}

/**
 * One LED of the kernel, which blinks by itself whatever the daemon does. Each change begins dark, and at once where the
 * LED was lit steadily. Else one change is under way at a time and the newest wins. Never throws; what fails is told once
 * and tried again.
 */
export class KernelLed {
  readonly #parts: KernelLedParts;
  readonly #channel: LedChannel;
  #wanted: LedPattern | null = null;
  /** Lit without a trigger, or nobody knows: then it goes dark before `show` returns. */
  #steady = true;
  #stale = false;
  #working: Promise<void> | null = null;
  #told = false;
  #stopped: Promise<void> | null = null;
  /** Triggers that are listed and cannot be set. */
  readonly #unusable = new Set<string>();
  #maxBrightness = 1;
  #disarm: () => void = () => undefined;

  constructor(parts: KernelLedParts) {
    this.#parts = parts;
    this.#channel = new LedChannel((on) => this.#setNow(on), parts.clock);
  }

  show(pattern: LedPattern): void {
    if (this.#stopped !== null || pattern === this.#wanted) return;
    this.#wanted = pattern;
    this.#channel.letGo();
    if (this.#steady) this.#setNow(false);
    this.#change();
  }

  /** `dark`: out, and the trigger that it had before given back; `standing`: the kernel goes on showing the last pattern. */
  stop(last: 'dark' | 'standing', trigger: string | null): Promise<void> {
    if (last === 'dark') this.show('off');
    this.#stopped ??= this.#end(last === 'dark' ? trigger : null);
    return this.#stopped;
  }

  async #end(trigger: string | null): Promise<void> {
    let disarm = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      disarm = this.#parts.clock.setTimer(STOP_MS, resolve);
    });
    await Promise.race([this.#working, late]);
    disarm();
    this.#disarm();
    this.#channel.letGo();
    if (trigger !== null) await this.#write('trigger', trigger).catch(() => undefined);
  }

  #change(): void {
    this.#stale = true;
    this.#disarm();
    this.#working ??= this.#work();
  }

  async #work(): Promise<void> {
    while (this.#stale) {
      this.#stale = false;
      await this.#apply(this.#wanted ?? 'off').catch((error: unknown) => this.#failed(error));
    }
    this.#working = null;
  }

  async #apply(pattern: LedPattern): Promise<void> {
    // Zero also takes the trigger away; both are written, because an LED without one would not be touched by `none`.
    await this.#write('brightness', '0');
    await this.#write('trigger', 'none');
    this.#maxBrightness = Number.parseInt(await this.#read('max_brightness'), 10) || 1;
    const plans = triggerPlans(pattern, this.#maxBrightness);
    const { all } = readTriggers(plans.length === 0 ? '' : await this.#read('trigger'));
    if (this.#stale) return;
    const plan = plans.find(({ trigger }) => all.includes(trigger) && !this.#unusable.has(trigger));
    this.#steady = plan === undefined;
    // Steady light, or a kernel without those triggers: then the daemon does the blinking.
    if (plan === undefined) return this.#channel.show(pattern);
    try {
      await this.#follow(plan);
    } catch (error) {
      this.#tell(error);
      this.#unusable.add(plan.trigger);
      await this.#apply(pattern);
    }
  }

  async #follow({ trigger, files }: TriggerPlan): Promise<void> {
    await this.#write('trigger', trigger);
    const { clock } = this.#parts;
    const untilMs = clock.monoMs() + UDEV_WAIT_MS;
    for (const [file, text] of files) {
      while (!this.#stale) {
        const error = await this.#write(file, text).then(
          () => null,
          (reason: unknown) => reason,
        );
        if (error === null) break;
        if (!isNotYet(error) || clock.monoMs() >= untilMs) throw error;
        await new Promise<void>((resolve) => void clock.setTimer(UDEV_LOOK_MS, resolve));
      }
    }
  }

  #setNow(on: boolean): void {
    try {
      this.#parts.files.writeNow(this.#parts.name, 'brightness', on ? String(this.#maxBrightness) : '0');
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#tell(error);
    if (this.#stopped !== null) return;
    this.#disarm();
    this.#disarm = this.#parts.clock.setTimer(RETRY_MS, () => this.#change());
  }

  #tell(error: unknown): void {
    if (!this.#told) this.#parts.warn(`LED ${this.#parts.name}: ${messageOf(error)}`);
    this.#told = true;
  }

  #read(file: string): Promise<string> {
    return this.#parts.files.read(this.#parts.name, file);
  }

  #write(file: string, text: string): Promise<void> {
    return this.#parts.files.write(this.#parts.name, file, text);
  }
}

/** The file is not there yet, or not ours yet. */
function isNotYet(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'ENOENT');
}
