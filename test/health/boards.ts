import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

type Files = Readonly<Record<string, string>>;

/**
 * What `/sys` shows on boards with Raspberry Pi OS, as far as it is read here: paths and names as on the board, values
 * in the steps of its sensor (538, 487 and 550 thousandths of a degree).
 */
export const BOARDS = {
  'Pi 3': {
    'class/thermal/thermal_zone0/type': 'cpu-thermal\n',
    'class/thermal/thermal_zone0/temp': '47236\n',
    'class/hwmon/hwmon0/name': 'cpu_thermal\n',
    'class/hwmon/hwmon1/name': 'rpi_volt\n',
    'class/hwmon/hwmon1/in0_lcrit_alarm': '0\n',
    'devices/platform/soc/soc:firmware/get_throttled': '0\n',
    'devices/platform/soc/3f202000.mmc/uevent': 'DRIVER=sdhost-bcm2835\n',
  },
  'Pi 4': {
    'class/thermal/thermal_zone0/type': 'cpu-thermal\n',
    'class/thermal/thermal_zone0/temp': '52095\n',
    'class/hwmon/hwmon0/name': 'cpu_thermal\n',
    'class/hwmon/hwmon1/name': 'rpi_volt\n',
    'class/hwmon/hwmon1/in0_lcrit_alarm': '0\n',
    'devices/platform/soc/soc:firmware/get_throttled': '0\n',
    'devices/platform/soc/fe340000.mmc/uevent': 'DRIVER=sdhci-iproc\n',
  },
  'Pi 5': {
    'class/thermal/thermal_zone0/type': 'cpu-thermal\n',
    'class/thermal/thermal_zone0/temp': '52450\n',
    'class/hwmon/hwmon0/name': 'cpu_thermal\n',
    'class/hwmon/hwmon1/name': 'rp1_adc\n',
    'class/hwmon/hwmon1/in1_input': '1490\n',
    'class/hwmon/hwmon2/name': 'pwmfan\n',
    'class/hwmon/hwmon3/name': 'rpi_volt\n',
    'class/hwmon/hwmon3/in0_lcrit_alarm': '0\n',
    'devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled': '0\n',
  },
} as const satisfies Record<string, Files>;

/** A folder that stands in for `/sys`. */
export class FakeSys {
  readonly path = mkdtempSync(join(tmpdir(), 'imagetank-sys-'));

  constructor(files: Files = {}) {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.path, name)), { recursive: true });
    writeFileSync(join(this.path, name), text);
  }

  link(name: string, target: string): void {
    mkdirSync(dirname(join(this.path, name)), { recursive: true });
    symlinkSync(target, join(this.path, name));
  }

  remove(name = '.'): void {
    rmSync(join(this.path, name), { recursive: true, force: true });
  }
}
