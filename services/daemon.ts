import { merge, type Observable, type Subscription } from 'rxjs';
import { contextOf, type DecisionState, lightOf } from '../machines/decide.ts';
import type { Card, Fact } from '../machines/facts.ts';
import { type Light, threeLeds } from '../machines/signals.ts';
import type { Control } from './control/control.ts';
import type { Devices } from './control/devices.ts';
import { messageOf } from './errors.ts';
import type { Board, DeviceSource } from './ports.ts';
import type { Runtime } from './runtime/runtime.ts';
import type { Timers } from './runtime/timers.ts';
import type { LightLine } from './shapes.ts';

export interface DaemonParts {
  readonly version: string;
  readonly runtime: Runtime;
  readonly timers: Timers;
  readonly control: Control;
  readonly devices: Devices & DeviceSource;
  readonly board: Board;
  /** Facts from elsewhere, low space for example. */
  readonly others$: Observable<Fact>;
  /** Each light from this start on; the same lines that a replay of the journal gives. */
  readonly onLight: (line: LightLine) => void;
  /** Runs when the first listing is complete, before devices count as known. */
  readonly prepare: () => Promise<void>;
  /** Child processes that must not outlive the daemon. */
  readonly stopOthers: () => Promise<void>;
  readonly warn: (text: string) => void;
}

/** Shown while the journal is folded. */
const BOOTING: Light = { signal: 'booting', code: null, activity: null };

/** Lets facts in and light out, in the order that makes a restart safe. */
export class Daemon {
  readonly #parts: DaemonParts;
  readonly #subscriptions: Subscription[] = [];

  constructor(parts: DaemonParts) {
    this.#parts = parts;
  }

  /** Folds the journal, records the start, then lets devices in. Throws `JournalError`. */
  async start(): Promise<void> {
    const { runtime, control, devices, board, version } = this.#parts;
    const show = (state: DecisionState) => board.leds.show(lightOf(state), threeLeds(lightOf(state)));
    board.leds.show(BOOTING, threeLeds(BOOTING));
    runtime.restore();
    await runtime.submit({ type: 'DaemonStarted', version });
    this.#subscriptions.push(
      runtime.decided$.subscribe(({ state }) => show(state)),
      runtime.shown$.subscribe(show),
      control.lights$.subscribe(this.#parts.onLight),
      merge(devices.facts$, this.#parts.others$).subscribe((fact) => this.#submit(fact)),
      board.button$.subscribe((edge) =>
        this.#submit({ type: edge === 'pressed' ? 'ButtonPressed' : 'ButtonReleased' }),
      ),
    );
    await devices.start();
    await this.#resumeFolders(contextOf(runtime.state).unfinished.map((entry) => entry.card));
    await this.#parts.prepare();
    await runtime.submit({ type: 'DevicesKnown' });
  }

  /** Something that the program itself has to say. Resolves when it is durable and decided. */
  async report(fact: Fact): Promise<void> {
    await this.#parts.runtime.submit(fact);
  }

  /** Safe after a half-done start. */
  async stop(): Promise<void> {
    for (const subscription of this.#subscriptions.splice(0)) subscription.unsubscribe();
    this.#parts.timers.stop();
    await this.#parts.devices.stop();
    await this.#parts.runtime.stop();
    await this.#parts.stopOthers();
    await this.#parts.board.leds.stop();
  }

  /** No source brings a folder back that a command had named: its unfinished backup goes on from here. */
  async #resumeFolders(cards: readonly Card[]): Promise<void> {
    for (const card of cards.filter((one) => one.kind === 'folder')) {
      try {
        await this.#parts.control.resumeFolder(card);
      } catch (error) {
        this.#parts.warn(`${card.path} cannot be resumed: ${messageOf(error)}`);
      }
    }
  }

  #submit(fact: Fact): void {
    this.#parts.runtime
      .submit(fact)
      .catch((error: unknown) => this.#parts.warn(`${fact.type} was not recorded: ${messageOf(error)}`));
  }
}
