/** A machine that looks at one volume after another: its kernel replays journals and reads as any other would. */
import type { Sight } from '../../lab/guest/protocol.ts';
import type { Lab } from '../../lab/lab.ts';
import type { Machine } from '../../lab/machine.ts';
import type { Disk, Overlay } from './disk.ts';
import type { DriveSpec } from './drives.ts';
import { NbdServer } from './nbd-server.ts';

/** Nobody but us may open the disk: what is read when it changes would stay in the kernel's memory. */
const SET_UP = [
  'systemctl stop systemd-udevd-control.socket systemd-udevd-kernel.socket systemd-udevd.service',
  'mkdir -p /opt/imagetank && mount -o ro,noatime /dev/vdb /opt/imagetank',
  'modprobe -a vfat exfat btrfs',
].join(' && ');
const PATHS = ['Photos', 'Other', '.imagetank/drive.json'];

/** A slot: what lies in it changes while nobody has it mounted. */
class Slot implements Disk {
  readonly sizeBytes: number;
  #volume: Overlay | null = null;

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes;
  }

  insert(volume: Overlay): void {
    volume.forget();
    this.#volume = volume;
  }

  read(offset: number, length: number): Buffer {
    return this.#volume?.read(offset, length) ?? Buffer.alloc(length);
  }

  write(offset: number, bytes: Buffer): void {
    this.#volume?.write(offset, bytes);
  }

  flush(): void {}
}

export class Looker {
  readonly #lab: Lab;
  readonly #slot: Slot;
  readonly #server: NbdServer;
  #machine: Machine | null = null;

  /** `sizeBytes`: of the disk that the snapshot knows at this place. */
  constructor(lab: Lab, sizeBytes: number) {
    this.#lab = lab;
    this.#slot = new Slot(sizeBytes);
    this.#server = new NbdServer(new Map([['slot', this.#slot]]));
  }

  async start(): Promise<void> {
    const socket = this.#lab.socket();
    await this.#server.start(socket);
    this.#machine = await this.#lab.machine('booted', { served: { socket, name: 'slot' } });
    await this.#machine.guest.sh(SET_UP);
  }

  async look(volume: Overlay, { fileSystem, look }: DriveSpec): Promise<Sight> {
    if (this.#machine === null) throw new Error('the machine was not started');
    this.#slot.insert(volume);
    const what = { device: '/dev/vdc', point: '/mnt/look', fileSystem, options: look, paths: PATHS };
    const sight = (await this.#machine.guest.ask('look', what)) as Sight;
    this.#server.assertWell();
    return sight;
  }

  async stop(): Promise<void> {
    await this.#machine?.cutPower();
    await this.#server.stop();
  }
}
