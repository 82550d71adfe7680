import type { MountAnswer, Mounter, MountTarget } from '../../services/devices/ports.ts';
import type { Clock } from '../../services/ports.ts';
import { ask } from './ask.ts';
import { Lanes } from './lanes.ts';

/** Made by `imagetank-mount.socket`. */
const SOCKET = '/run/imagetank-mount.sock';
/** Reading a superblock, mounting; a card that spins up or retries takes a few seconds. */
const DEADLINE_MS = 20_000;
/** A read-only check may take 60 s, and so may what is written before a drive is let go of. */
const DRIVE_DEADLINE_MS = 70_000;
/** Below `MaxConnections=8` of the socket unit: a helper whose answer came too late may still be running. */
const SIDE_BY_SIDE = 4;
/** What the helper takes for a name: kernel names of block devices that can be removable have no other characters. */
const NAME = /^\/dev\/([a-z][a-z0-9]{0,31})$/;

export interface HelperMounterOptions {
  readonly clock: Pick<Clock, 'setTimer'>;
  /** Default `/run/imagetank-mount.sock`. */
  readonly socketPath?: string;
}

/** Asks `adapters/systemd/imagetank-mount` over its socket: the daemon itself has no right to mount. */
export class HelperMounter implements Mounter {
  readonly #clock: Pick<Clock, 'setTimer'>;
  readonly #socketPath: string;
  readonly #lanes = new Lanes(SIDE_BY_SIDE);

  constructor({ clock, socketPath = SOCKET }: HelperMounterOptions) {
    this.#clock = clock;
    this.#socketPath = socketPath;
  }

  mountCard(target: MountTarget): Promise<MountAnswer> {
    return this.#ask('mount-card', target, DEADLINE_MS);
  }

  mountDrive(target: MountTarget): Promise<MountAnswer> {
    return this.#ask('mount-drive', target, DRIVE_DEADLINE_MS);
  }

  unmount(target: MountTarget): Promise<MountAnswer> {
    return this.#ask('unmount', target, DRIVE_DEADLINE_MS);
  }

  async #ask(verb: string, { node, key }: MountTarget, deadlineMs: number): Promise<MountAnswer> {
    const name = NAME.exec(node)?.[1];
    if (name === undefined) {
      return { ok: false, trouble: 'not-allowed', detail: `${node} is not a device that can be mounted` };
    }
    const question = {
      socketPath: this.#socketPath,
      line: `${verb} ${name} ${sequenceOf(key)}`,
      deadlineMs,
      clock: this.#clock,
    };
    const answer = this.#lanes.run(name, () => ask(question));
    return answer ?? { ok: false, trouble: 'busy', detail: `too many requests for ${name}` };
  }
}

/** `17` of `sda1#17`; `-` where the kernel numbers no disks (before Linux 5.15). */
function sequenceOf(key: string): string {
  return /#(\d{1,20})$/.exec(key)?.[1] ?? '-';
}
