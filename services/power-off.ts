import type { Observable, Subscription } from 'rxjs';
import { contextOf, type DecisionState } from '../machines/decide.ts';
import type { Fact } from '../machines/facts.ts';
import type { Clock } from './ports.ts';
import type { Decided } from './runtime/runtime.ts';

/** `never`, milliseconds without anything happening, or when a card that is safe was pulled. */
export type PowerOffAfter = 'never' | number | 'card-removed';

/** A reader that bounces lets go of its card for about a second: somebody who pulled it does not put it back in five. */
const PULLED_FOR_MS = 5000;

/** Facts of the machine itself: nobody did anything. */
const IDLE: ReadonlySet<Fact['type']> = new Set([
  'HealthChanged',
  'SpaceChanged',
  'ClockSet',
  'DriveContentLearned',
]);

export interface PowerOffParts {
  readonly decided$: Observable<Decided>;
  readonly clock: Clock;
  readonly after: PowerOffAfter;
  /** Long work of which no fact tells until it ends: a check, a verification. */
  readonly busy: () => boolean;
  readonly submit: (fact: Fact) => void;
}

/** Asks for the end when the configuration key `power_off_after` says so. */
export class PowerOff {
  readonly #parts: PowerOffParts;
  #subscription: Subscription | null = null;
  #disarm: () => void = () => undefined;

  constructor(parts: PowerOffParts) {
    this.#parts = parts;
  }

  start(): void {
    const { after, decided$ } = this.#parts;
    if (after === 'never') return;
    this.#subscription = decided$.subscribe((decided) => {
      if (after === 'card-removed') this.#onPull(decided);
      else if (!IDLE.has(decided.record.fact.type)) this.#wait(after, decided.state);
    });
  }

  stop(): void {
    this.#subscription?.unsubscribe();
    this.#disarm();
  }

  /** Each thing that happens begins the time anew; while something runs it is over only when that has ended. */
  #wait(afterMs: number, state: DecisionState): void {
    this.#disarm();
    if (contextOf(state).ending) return;
    this.#arm(afterMs, () => {
      if (isWorking(state) || this.#parts.busy()) this.#wait(afterMs, state);
      else this.#end();
    });
  }

  /** pi-imgtank's mode for a box without a button. */
  #onPull({ record: { fact }, before, state }: Decided): void {
    if (IDLE.has(fact.type)) return;
    this.#disarm();
    if (fact.type !== 'CardDetached' || !isAllSafe(state)) return;
    const pulled = contextOf(before).cards.find(({ card }) => card.id === fact.cardId);
    // A folder that a command had named is let go when its backup has ended: nobody pulled anything.
    const isNamed = pulled?.card.kind === 'folder' && pulled.start === 'manual';
    if (pulled?.standing !== 'protected' || isNamed) return;
    this.#arm(PULLED_FOR_MS, () => {
      if (!this.#parts.busy()) this.#end();
    });
  }

  #arm(delayMs: number, run: () => void): void {
    this.#disarm();
    this.#disarm = this.#parts.clock.setTimer(delayMs, run);
  }

  #end(): void {
    this.#parts.submit({ type: 'ShutdownRequested', action: 'poweroff' });
  }
}

/** Of the last fact that counts: what begins or ends after it is such a fact too. */
const isWorking = (state: DecisionState) => contextOf(state).running.length > 0;

/** Nothing is attached, under way or wrong. */
function isAllSafe(state: DecisionState): boolean {
  const { cards, announced, refused, queue, running, errors, weakPower, ending, awake } = contextOf(state);
  const nothing = [cards, announced, refused, queue, running, errors].every((list) => list.length === 0);
  return nothing && awake && !weakPower && !ending;
}
