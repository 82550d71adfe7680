/** As our device tree overlays name it. */
export const OUR_BUTTON = 'imagetank-button';

/**
 * The event device of a button in `/proc/bus/input/devices`: the one with that name, `/dev/input/event3`; null when
 * there is none. A `gpio-key` overlay names its device after the line, in hex: `button@b` for BCM 11.
 */
export function findButton(devices: string, names: readonly string[]): string | null {
  const found = devices.split('\n\n').flatMap((block) => {
    const name = /^N: Name="(.*)"$/m.exec(block)?.[1];
    const event = /^H: Handlers=.*\b(event\d{1,4})\b/m.exec(block)?.[1];
    return name === undefined || event === undefined ? [] : [{ name, event }];
  });
  for (const name of names) {
    const device = found.find((one) => one.name === name);
    if (device !== undefined) return `/dev/input/${device.event}`;
  }
  return null;
}

/** Names under which a button may appear, best first. */
export function buttonNames(button: number | string | null): readonly string[] {
  if (typeof button === 'string') return [button];
  return button === null ? [OUR_BUTTON] : [OUR_BUTTON, `button@${button.toString(16)}`];
}
