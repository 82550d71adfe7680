import assert from 'node:assert/strict';
import type { Lab } from '../lab.ts';
import { LINES } from '../vm/board.ts';
import { wholePeriods } from '../vm/edges.ts';

/** A slow host stretches single periods; most of them are what the kernel was asked for. */
const ABOUT_MS = 60;

export default async function scenario(lab: Lab): Promise<void> {
  const { guest, board } = await lab.machine('booted');

  assert.equal(await guest.sh('systemctl is-system-running'), 'running');
  assert.match(await guest.sh('gpiodetect'), /\[pinctrl-bcm2835\] \(54 lines\)/);
  assert.match(await guest.sh('gpiofind GPIO17'), / 17$/);

  await board.bindKernelDrivers();
  assert.deepEqual(await board.lit(), []);
  const leds = (await guest.sh('ls /sys/class/leds'))
    .split('\n')
    .filter((name) => name.startsWith('imagetank:'));
  assert.deepEqual(leds, ['imagetank:amber', 'imagetank:green', 'imagetank:red']);
  await guest.write('/sys/class/leds/imagetank:green/brightness', '1');
  assert.deepEqual(await board.lit(), ['green']);

  await guest.sh(
    'cd /sys/class/leds/imagetank:red && echo timer > trigger && echo 200 > delay_on && echo 200 > delay_off',
  );
  const periods = wholePeriods(await board.sampleFor(3_000), LINES.red).map(({ lengthMs }) => lengthMs);
  const right = periods.filter((lengthMs) => Math.abs(lengthMs - 200) < ABOUT_MS);
  assert.ok(right.length >= 8, `a blink of 200/200 ms was seen as ${periods.map(Math.round).join(' ')}`);

  const input = await guest.sh(
    'ls -d /dev/input/by-path/*gpio-keys* 2>/dev/null || grep -l imagetank-button /sys/class/input/event*/device/name | cut -d/ -f5',
  );
  const event = input.startsWith('/dev') ? input : `/dev/input/${input}`;
  await guest.launch('button', ['sh', '-c', `exec od -An -v -tx1 -w24 ${event}`]);
  await board.hold(300);
  // struct input_event: 16 bytes of time, type EV_KEY, code BTN_0, value.
  for (const value of ['01', '00']) {
    await lab.eventually(`the button's event ${value}`, () =>
      Promise.resolve(guest.lines.some(({ line }) => line.trim().endsWith(`01 00 00 01 ${value} 00 00 00`))),
    );
  }
}
