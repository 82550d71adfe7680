import { Board, type Led, litAtEnd } from './vm/board.ts';
import type { Guest } from './vm/guest.ts';
import { Imagetank } from './vm/imagetank.ts';
import { socketOf, startService } from './vm/service.ts';
import { Usb } from './vm/usb.ts';
import type { Vm } from './vm/vm.ts';

const SETTLE_RUNS = 3;

/** One Raspberry-like box: what a scenario has in its hands. */
export class Machine {
  readonly #vm: Vm;
  readonly guest: Guest;
  readonly usb: Usb;
  readonly board: Board;

  constructor(vm: Vm) {
    this.#vm = vm;
    this.guest = vm.guest;
    this.usb = new Usb(vm.qmp);
    this.board = new Board(vm.guest);
  }

  /** From `installed`: mounts the state disk and starts the service. With `config`, as /etc/imagetank/config.toml. */
  async startImagetank(config?: string): Promise<Imagetank> {
    if (config !== undefined) await this.configure(config);
    return new Imagetank(this.guest, await startService(this.guest));
  }

  /** For the next start. */
  async configure(config: string): Promise<void> {
    await this.guest.sh('mkdir -p /etc/imagetank');
    await this.guest.write('/etc/imagetank/config.toml', config);
  }

  /** From `ready`, where it runs already. */
  async imagetank(): Promise<Imagetank> {
    return new Imagetank(this.guest, await socketOf(this.guest));
  }

  /** A volume's device, as soon as udev has named it. */
  async volume(label: string): Promise<string> {
    const link = `/dev/disk/by-label/${label}`;
    await this.guest.awaitPath(link);
    return link;
  }

  async volumeGone(label: string): Promise<void> {
    await this.guest.awaitPath(`/dev/disk/by-label/${label}`, false);
  }

  /** How long `udevadm settle` takes here and now, in ms of the guest: the yardstick for what else takes time. */
  async settleMs(): Promise<number> {
    const times: number[] = [];
    for (let run = 0; run < SETTLE_RUNS; run += 1) {
      times.push((await this.guest.run(['udevadm', 'settle'])).tookMs);
    }
    return times.sort((a, b) => a - b)[Math.floor(SETTLE_RUNS / 2)] ?? 0;
  }

  /** For another machine, once this one has ended. Throws while it runs. */
  get stateImage(): string {
    if (this.#vm.running) throw new Error('the state disk is in use: cut the power first');
    const { state } = this.#vm.files;
    if (typeof state !== 'string') throw new Error('the state disk is served: its server has it');
    return state;
  }

  /** Waits until the guest has switched itself off or begun to start anew, and tells which. */
  end(): Promise<'off' | 'restart'> {
    return this.#vm.end();
  }

  /** After the end: what was lit when nothing was left to be done but to cut the power. */
  litAtEnd(): Led[] {
    return litAtEnd(this.#vm.console());
  }

  /** The plug is pulled: only what reached the disks is left. */
  async cutPower(): Promise<void> {
    await this.#vm.kill();
  }
}
