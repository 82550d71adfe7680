import { access } from 'node:fs/promises';
import { Observable } from 'rxjs';

/** The part of the `usb` package that is used (WebUSB's event names). */
export interface UsbEvents {
  addEventListener(type: 'connect' | 'disconnect', listener: () => void): void;
  removeEventListener(type: 'connect' | 'disconnect', listener: () => void): void;
}

export interface UsbHintParts {
  /** False: the package must not even be loaded. */
  readonly hasUsb: () => Promise<boolean>;
  readonly load: () => Promise<UsbEvents>;
  /** Called once when hints are not to be had although there is USB; polling goes on without them. */
  readonly onUnavailable: (error: unknown) => void;
}

/** Without this folder usb 3.1.0 ends the process by an unhandled rejection (dependencies.md). */
export const USB_DEVICES = '/sys/bus/usb/devices';

export const machineUsb: Pick<UsbHintParts, 'hasUsb' | 'load'> = {
  hasUsb: () =>
    access(USB_DEVICES).then(
      () => true,
      () => false,
    ),
  load: async () => (await import('usb')).usb,
};

/**
 * Emits when a USB device came or went: a hint to look at the mounts now, never a fact. Cards that are changed in a
 * plugged reader raise nothing, and without udev nothing does. Never errors; completes when there is no USB.
 */
export function usbHints(parts: UsbHintParts): Observable<void> {
  return new Observable<void>((subscriber) => {
    const hint = () => subscriber.next();
    const listen = async () => {
      if (!(await parts.hasUsb())) return subscriber.complete();
      const usb = await parts.load();
      if (subscriber.closed) return;
      subscriber.add(() => quietly(() => stopListening(usb, hint), parts.onUnavailable));
      usb.addEventListener('connect', hint);
      usb.addEventListener('disconnect', hint);
    };
    listen().catch((error: unknown) => {
      parts.onUnavailable(error);
      subscriber.complete();
    });
  });
}

function stopListening(usb: UsbEvents, hint: () => void): void {
  usb.removeEventListener('connect', hint);
  usb.removeEventListener('disconnect', hint);
}

function quietly(run: () => void, report: (error: unknown) => void): void {
  try {
    run();
  } catch (error) {
    report(error);
  }
}
