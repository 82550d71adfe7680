import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** LEDs of the kernel, as in its Documentation/leds/leds-class.rst. */
const LEDS = '/sys/class/leds';

/** Files of the kernel's LEDs. All throw the errors of `fs`. */
export interface LedFiles {
  /** Names of all LEDs; empty where there are none. */
  names(): Promise<readonly string[]>;
  read(led: string, file: string): Promise<string>;
  write(led: string, file: string, text: string): Promise<void>;
  /**
   * Only for `brightness` of an LED without a trigger: that is one register write or one queued job in the kernel, and it
   * must not wait in Node's thread pool, which a dying drive can fill up, while green is lit.
   */
  writeNow(led: string, file: string, text: string): void;
}

export function ledFiles(root = LEDS): LedFiles {
  const path = (led: string, file: string) => join(root, led, file);
  // Nothing is ever created: sysfs would refuse it, and elsewhere it would look as if there were an LED.
  const flag = constants.O_WRONLY | constants.O_TRUNC;
  return {
    names: () => readdir(root).catch(() => []),
    read: (led, file) => readFile(path(led, file), 'utf8'),
    write: (led, file, text) => writeFile(path(led, file), text, { flag }),
    writeNow: (led, file, text) => {
      const handle = openSync(path(led, file), flag);
      try {
        writeSync(handle, text);
      } finally {
        closeSync(handle);
      }
    },
  };
}
