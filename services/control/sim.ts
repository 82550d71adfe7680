import type { SimControls } from '../appliance.ts';
import { UserError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { Devices } from './devices.ts';
import { unknownTarget } from './targets.ts';

/** The finger on the simulated button. */
export interface SimButton {
  press(): void;
  release(): void;
}

/** How long a short press lasts: well below the 2 s that shut down. */
const SHORT_PRESS_MS = 100;
/** A finger does not stay on a button for longer. */
const MAX_HOLD_MS = 60_000;

/** Folders as cards and drives, and a button, for a board that is not there. */
export class Sim implements SimControls {
  readonly #devices: Devices;
  readonly #button: SimButton;
  readonly #clock: Clock;

  constructor(devices: Devices, button: SimButton, clock: Clock) {
    this.#devices = devices;
    this.#button = button;
    this.#clock = clock;
  }

  async insert(dir: string, label: string | null): Promise<{ readonly id: string }> {
    const { id } = await this.#devices.attachFolderCard(dir, label, 'auto');
    return { id };
  }

  async remove(dir: string | null): Promise<void> {
    const { cards } = this.#devices.attached;
    const found = dir === null ? cards : cards.filter((card) => card.path === dir || card.label === dir);
    const [card, ...others] = found;
    if (card === undefined) throw unknownTarget('card', dir ?? 'sim remove');
    if (others.length > 0) {
      throw new UserError(
        'ambiguous-label',
        65,
        `${found.length} cards are attached`,
        'name the folder to remove',
      );
    }
    await this.#devices.detachCard(card.id);
  }

  async driveIn(dir: string): Promise<{ readonly id: string | null; readonly adopted: boolean }> {
    const { id, adopted } = await this.#devices.attachFolderDrive(dir);
    return { id, adopted };
  }

  async driveOut(dir: string): Promise<void> {
    await this.#devices.detachDrive(dir);
  }

  press(): Promise<void> {
    return this.hold(SHORT_PRESS_MS);
  }

  /** Throws 64 for a time that no finger takes. */
  hold(ms: number): Promise<void> {
    if (!Number.isFinite(ms) || ms < 0 || ms > MAX_HOLD_MS) {
      const error = new UserError('bad-duration', 64, `cannot hold for ${ms} ms`, `use 0 to ${MAX_HOLD_MS}`);
      return Promise.reject(error);
    }
    this.#button.press();
    return new Promise((resolve) => {
      this.#clock.setTimer(ms, () => {
        this.#button.release();
        resolve();
      });
    });
  }
}
