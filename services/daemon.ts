import type { Observable, Subscription } from 'rxjs';
import { contextOf, lightOf } from '../machines/decide.ts';
import type { Fact } from '../machines/facts.ts';
import { isInboxCard } from '../machines/ids.ts';
import type { Card } from '../machines/media.ts';
import { type Light, threeLeds } from '../machines/signals.ts';
import type { Control } from './control/control.ts';
import type { Devices } from './control/devices.ts';
import { noAnswer, withDeadline } from './deadline.ts';
import { messageOf } from './errors.ts';
import type { Board, Clock, DeviceSource } from './ports.ts';
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
  /** What ends something on a drive that is recorded then: stopped while the journal still takes facts. */
  readonly stopRecording: () => Promise<void>;
  /** Child processes that must not outlive the daemon. */
  readonly stopOthers: () => Promise<void>;
  readonly clock: Pick<Clock, 'setTimer'>;
  readonly warn: (text: string) => void;
}

/** A card that stores the journal may stop for seconds to tidy up; one that takes longer does not come back by itself. */
const HELD_UP_MS = 30_000;

/** For each part that is stopped: one that waits for a drive that hangs must not keep the others, and the lights, on. */
const STOP_MS = 10_000;

/** Lets facts in and light out, in the order that makes a restart safe. */
export class Daemon {
  readonly #parts: DaemonParts;
  readonly #subscriptions: Subscription[] = [];
  #stopped = false;

  constructor(parts: DaemonParts) {
    this.#parts = parts;
  }

  /** Folds the journal, records the start, then lets devices in. Throws `JournalError`. */
  async start(): Promise<void> {
    const { runtime, control, devices, board, others$, version } = this.#parts;
    this.#show(lightOf(runtime.shown));
    runtime.restore();
    // The journal may not even take that the daemon started.
    const blocked = runtime.shown$.subscribe((state) => this.#show(lightOf(state)));
    this.#subscriptions.push(blocked);
    await runtime.submit({ type: 'DaemonStarted', version });
    blocked.unsubscribe();
    if (this.#stopped) throw new Error('the daemon was stopped while it started');
    this.#subscriptions.push(
      control.lights$.subscribe((line) => {
        this.#show(lightOf(runtime.shown));
        this.#parts.onLight(line);
      }),
    );
    this.#listen('devices', devices.facts$, (fact) => fact);
    this.#listen('watchers', others$, (fact) => fact);
    this.#listen('button', board.button$, (edge) => {
      return { type: edge === 'pressed' ? 'ButtonPressed' : 'ButtonReleased' };
    });
    await devices.start();
    await this.#resumeFolders(contextOf(runtime.state).unfinished.map((entry) => entry.card));
    await this.#parts.prepare();
    await runtime.submit({ type: 'DevicesKnown' });
  }

  /** Something that the program itself has to say. Resolves when it is durable and decided. */
  async report(fact: Fact): Promise<void> {
    await this.#parts.runtime.submit(fact);
  }

  /** For the watchdog: false when the journal hangs. A journal that refuses is alive, and error 9 says so. */
  isAlive(): boolean {
    return this.#parts.runtime.heldUpMs < HELD_UP_MS;
  }

  /** Safe after a half-done start. Rejects with the first failure, when all else is stopped. */
  async stop(): Promise<void> {
    const { timers, devices, runtime, stopRecording, stopOthers, board, clock } = this.#parts;
    this.#stopped = true;
    for (const subscription of this.#subscriptions.splice(0)) subscription.unsubscribe();
    timers.stop();
    const failures: unknown[] = [];
    // The lights last and whatever happened before: one left on would go on promising something.
    const steps: readonly (readonly [name: string, stop: () => Promise<unknown>])[] = [
      ['inboxes', stopRecording],
      ['devices', () => devices.stop()],
      ['journal', () => runtime.stop()],
      ['other processes', stopOthers],
      ['lights', () => board.leds.stop()],
    ];
    for (const [name, stop] of steps) {
      await withDeadline(stop(), STOP_MS, clock, noAnswer(name, STOP_MS)).catch((error: unknown) =>
        failures.push(error),
      );
    }
    if (failures.length > 0) throw failures[0];
  }

  #show(light: Light): void {
    this.#parts.board.leds.show(light, threeLeds(light));
  }

  /** A source that breaks has facts that nobody hears: as bad as losing one. */
  #listen<Message>(name: string, source$: Observable<Message>, toFact: (message: Message) => Fact): void {
    const lost = (error: unknown) => this.#parts.runtime.loseTrack(`${name}: ${messageOf(error)}`);
    this.#subscriptions.push(
      source$.subscribe({ next: (message) => this.#submit(toFact(message)), error: lost }),
    );
  }

  /** No source brings a folder back that a command had named: its unfinished backup goes on from here. */
  async #resumeFolders(cards: readonly Card[]): Promise<void> {
    for (const card of cards.filter((one) => one.kind === 'folder' && !isInboxCard(one.id))) {
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
