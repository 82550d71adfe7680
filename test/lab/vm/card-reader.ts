import { blockNode, type Medium } from './block-node.ts';
import type { Qmp } from './qmp.ts';

const SLOTS = [0, 1] as const;
export type Slot = (typeof SLOTS)[number];

export interface ReaderOptions {
  /** Slots that write-protect whatever is in them. */
  readonly readOnly?: boolean;
}

/**
 * A reader with two slots whose cards come and go while it stays: no USB event tells of them. It speaks UAS, because
 * QEMU's bulk-only device answers for its first unit alone (7.2: dev-storage.c asks every unit as number 0).
 */
export class CardReader {
  readonly #qmp: Qmp;
  readonly #id: string;
  readonly #cards = new Map<Slot, string>();
  #inserted = 0;
  #readOnly = false;

  constructor(qmp: Qmp, id: string) {
    this.#qmp = qmp;
    this.#id = id;
  }

  /** One USB device with a SCSI unit for each slot. */
  async plug({ readOnly = false }: ReaderOptions): Promise<void> {
    this.#readOnly = readOnly;
    await this.#qmp.run('device_add', { driver: 'usb-uas', id: this.#id, bus: 'xhci.0', serial: this.#id });
    for (const slot of SLOTS) {
      await this.#hmp(`drive_add 0 if=none,readonly=${readOnly ? 'on' : 'off'},id=${this.#drive(slot)}`);
      await this.#qmp.run('device_add', {
        ...{ driver: 'scsi-hd', id: this.#unit(slot), bus: `${this.#id}.0`, lun: slot, removable: true },
        ...{
          drive: this.#drive(slot),
          vendor: 'Generic',
          product: `Reader-${slot}`,
          serial: `${this.#id}-${slot}`,
        },
        ...{ rerror: 'report', werror: 'report' },
      });
    }
    // Only now the guest sees it, with both slots (QEMU, docs/system/devices/usb.rst).
    await this.#qmp.run('qom-set', {
      path: `/machine/peripheral/${this.#id}`,
      property: 'attached',
      value: true,
    });
  }

  async insert(slot: Slot, medium: Omit<Medium, 'readOnly'>): Promise<void> {
    const node = `${this.#id}-card${this.#inserted}`;
    this.#inserted += 1;
    await this.#qmp.run('blockdev-add', blockNode(node, { ...medium, readOnly: this.#readOnly }));
    const unit = { id: this.#unit(slot) };
    await this.#qmp.run('blockdev-open-tray', { ...unit, force: true });
    await this.#qmp.run('blockdev-remove-medium', unit);
    await this.#qmp.run('blockdev-insert-medium', { ...unit, 'node-name': node });
    await this.#qmp.run('blockdev-close-tray', unit);
    this.#cards.set(slot, node);
  }

  async eject(slot: Slot): Promise<void> {
    const unit = { id: this.#unit(slot) };
    await this.#qmp.run('blockdev-open-tray', { ...unit, force: true });
    await this.#qmp.run('blockdev-remove-medium', unit);
    const node = this.#cards.get(slot);
    this.#cards.delete(slot);
    if (node !== undefined) await this.#qmp.removeNode(node);
  }

  /** The whole reader, with the cards in it. */
  async pull(): Promise<void> {
    await this.#qmp.remove(this.#id);
    for (const node of this.#cards.values()) await this.#qmp.removeNode(node);
    this.#cards.clear();
  }

  #unit = (slot: Slot): string => `${this.#id}-slot${slot}`;
  #drive = (slot: Slot): string => `${this.#id}-drive${slot}`;

  /** The old monitor: QMP has no way to make a drive without a medium. It answers with a text, empty when all is well. */
  async #hmp(line: string): Promise<void> {
    const answer = await this.#qmp.run('human-monitor-command', { 'command-line': line });
    if (answer !== '' && answer !== 'OK\r\n') throw new Error(`${line}: ${answer}`);
  }
}
