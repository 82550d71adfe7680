import { blockNode, limits, type Medium, throttleOf } from './block-node.ts';
import { CardReader, type ReaderOptions } from './card-reader.ts';
import type { Qmp } from './qmp.ts';

export interface Plug extends Medium {
  readonly serial?: string;
  /** A port of the controller, when it matters which. */
  readonly port?: number;
}

/** What is plugged into the machine's USB ports, and pulled out again without asking the guest. */
export class Usb {
  readonly #qmp: Qmp;
  readonly #throttled = new Set<string>();

  constructor(qmp: Qmp) {
    this.#qmp = qmp;
  }

  /** A stick, or a reader with the card already in it. */
  async plug(id: string, medium: Plug): Promise<void> {
    const { serial = `LAB-${id}`, port, bytesPerSecond } = medium;
    if (bytesPerSecond !== undefined) {
      const group = { 'qom-type': 'throttle-group', id: throttleOf(id), limits: limits(bytesPerSecond) };
      await this.#qmp.run('object-add', group);
      this.#throttled.add(id);
    }
    await this.#qmp.run('blockdev-add', blockNode(id, medium));
    await this.#qmp.run('device_add', {
      ...{ driver: 'usb-storage', id: `usb-${id}`, drive: id, bus: 'xhci.0', removable: true, serial },
      // Errors go to the guest, as a real device's do, instead of stopping the machine.
      ...{ rerror: 'report', werror: 'report' },
      ...(port === undefined ? {} : { port: String(port) }),
    });
  }

  /** The device is gone at once, whatever the guest was doing with it. */
  async pull(id: string): Promise<void> {
    await this.#qmp.remove(`usb-${id}`);
    await this.#qmp.removeNode(id);
    if (this.#throttled.delete(id)) await this.#qmp.run('object-del', { id: throttleOf(id) });
  }

  /** Of a medium that was plugged with `bytesPerSecond`; 0 for as fast as it goes. */
  async speed(id: string, bytesPerSecond: number): Promise<void> {
    const path = `/objects/${throttleOf(id)}`;
    await this.#qmp.run('qom-set', { path, property: 'limits', value: limits(bytesPerSecond) });
  }

  /** A reader with two empty slots. */
  async plugReader(id: string, options: ReaderOptions = {}): Promise<CardReader> {
    const reader = new CardReader(this.#qmp, id);
    await reader.plug(options);
    return reader;
  }
}
