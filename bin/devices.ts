/** Cards and drives: what the kernel shows of them, and who mounts them. */
import { interval, of } from 'rxjs';
import { readDriveIdentity, writeDriveIdentity } from '../adapters/fs/identity.ts';
import { HelperMounter } from '../adapters/mount-helper/helper-mounter.ts';
import { openMounts } from '../adapters/mounts/open-mounts.ts';
import { randomIds } from '../adapters/node/ids.ts';
import { udevEvents } from '../adapters/udev/udev-events.ts';
import { machineUsb, usbHints } from '../adapters/usb/usb-hints.ts';
import { DeviceService } from '../services/devices/device-service.ts';
import type { DriveBook } from '../services/devices/drive-book.ts';
import { MOUNT_ROOT } from '../services/devices/seen.ts';
import type { Clock } from '../services/ports.ts';
import type { ComposeOptions } from './composition.ts';

/** A folder drive that goes away is missed for so long at most. */
const REVIEW_EVERY_MS = 1000;
const NO_DEVICES = { announced: [], blocks: [], mounts: [] } as const;

/** Not looked at before `DeviceService.start`. */
export async function openDevices(
  options: ComposeOptions,
  { clock, book }: { readonly clock: Clock; readonly book: DriveBook },
) {
  const { config, stateDir, warn } = options;
  const { places, listing$ } = await openMounts({
    roots: options.mounts ? [...config.roots, MOUNT_ROOT] : [],
    stateDir,
    events$: udevEvents({ onUnavailable: (reason) => warn(`udev: ${reason}`) }),
    rescan$: usbHints({ ...machineUsb, onUnavailable: (error) => warn(`USB: ${String(error)}`) }),
  });
  const devices = new DeviceService({
    places,
    identities: { read: readDriveIdentity, write: writeDriveIdentity },
    clock,
    ids: randomIds,
    settings: {
      auto: config.auto,
      cards: config.cards,
      cardMaxBytes: config.card_max,
      drives: config.drives,
    },
    book,
    listing$: options.mounts ? listing$ : of(NO_DEVICES),
    mounter: options.ports?.mounter ?? new HelperMounter({ clock }),
    warn,
    review$: interval(REVIEW_EVERY_MS),
  });
  return { places, devices };
}
