import type { LedPattern } from '../../machines/signals.ts';
import { rhythmOf } from '../../services/lights/pattern.ts';

/** A kernel trigger and what is written into its files, in order. */
export interface TriggerPlan {
  readonly trigger: 'timer' | 'pattern';
  readonly files: readonly (readonly [file: string, text: string])[];
}

/**
 * How the kernel itself can show a pattern that changes, best first; empty for a steady one. `timer` blinks with two
 * lengths; `pattern` takes any, as pairs of brightness and ms, each followed by a pair of length 0, without which the LED
 * would fade (Documentation/devicetree/bindings/leds/leds-trigger-pattern.txt). `pattern` repeats for ever unless told
 * otherwise. `heartbeat` is not used: it shows the load of the machine, and no light of ours means that.
 */
export function triggerPlans(pattern: LedPattern, maxBrightness: number): readonly TriggerPlan[] {
  const { segments } = rhythmOf(pattern);
  if (segments.length < 2) return [];
  const steps = segments.map(({ lit, lengthMs }) => {
    const level = lit ? maxBrightness : 0;
    return `${level} ${lengthMs} ${level} 0`;
  });
  const byPattern: TriggerPlan = { trigger: 'pattern', files: [['pattern', steps.join(' ')]] };
  const [on, off, more] = segments;
  if (on === undefined || off === undefined || more !== undefined) return [byPattern];
  const delays = [
    ['delay_on', String(on.lengthMs)],
    ['delay_off', String(off.lengthMs)],
  ] as const;
  return [{ trigger: 'timer', files: delays }, byPattern];
}

/** `none mmc0 [timer] heartbeat`: what there is, and what is set. */
export function readTriggers(text: string): {
  readonly all: readonly string[];
  readonly current: string | null;
} {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const current = words.find((word) => word.startsWith('[') && word.endsWith(']')) ?? null;
  return {
    all: words.map((word) => (word === current ? word.slice(1, -1) : word)),
    current: current?.slice(1, -1) ?? null,
  };
}
