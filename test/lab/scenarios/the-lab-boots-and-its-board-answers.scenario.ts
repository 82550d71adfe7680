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

  const button = await guest.sh('ls /dev/input/by-path/*gpio-keys*');
  await guest.launch('button', [
    'sh',
    '-c',
    `exec <${button}; echo open; exec stdbuf -oL od -An -v -tx1 -w24`,
  ]);
  const said = (line: string) => () =>
    Promise.resolve(guest.lines.some((own) => own.line.trim().endsWith(line)));
  await lab.eventually('the button is being read', said('open'));
  await board.hold(300);
  // struct input_event: 16 bytes of time, type EV_KEY, code BTN_0, value.
  for (const value of ['01', '00']) {
    await lab.eventually(`the button's event ${value}`, said(`01 00 00 01 ${value} 00 00 00`));
  }
}
