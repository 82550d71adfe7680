import assert from 'node:assert/strict';
import { assertOnDrive, boxWithDrive, isGreenOver } from '../box.ts';
import { photos } from '../images/photos.ts';
import type { Lab } from '../lab.ts';
import { LINES } from '../vm/board.ts';
import { wholePeriods } from '../vm/edges.ts';
import type { Sampled } from '../vm/guest.ts';

const FILES = photos(6, 1_000_000);
/** A slow host stretches single periods; most of them are what the kernel was asked for. */
const ABOUT_MS = 80;
const STOPPED_S = 3;

export default async function scenario(lab: Lab): Promise<void> {
  const card = await lab.disk({ fileSystem: 'vfat', label: 'EOS_DIGITAL', sizeMb: 64, files: FILES });
  const { machine, imagetank } = await boxWithDrive(lab);
  const { guest, usb, board } = machine;
  await usb.plug('card', { image: card, bytesPerSecond: 300_000 });
  await imagetank.until('copies', ({ signal }) => signal === 'copying');
  assert.equal(await guest.sh('cat /sys/class/leds/imagetank:amber/trigger | grep -o "\\[.*\\]"'), '[timer]');

  assertPulses(await board.sampleFor(5_000));
  const pid = await guest.sh('systemctl show -P MainPID imagetank.service');
  const frozen = await board.sampleWhile(() =>
    guest.sh(`kill -STOP ${pid}; sleep ${STOPPED_S}; grep State: /proc/${pid}/status; kill -CONT ${pid}`),
  );
  assertPulses(frozen);

  await usb.speed('card', 0);
  await imagetank.until('green over the card', isGreenOver(1));
  await assertOnDrive(machine, FILES);
}

function assertPulses(sampled: Sampled): void {
  const periods = wholePeriods(sampled, LINES.amber);
  const right = periods.filter(({ lengthMs }) => Math.abs(lengthMs - 400) < ABOUT_MS);
  const shown = periods.map(({ value, lengthMs }) => `${value}:${Math.round(lengthMs)}`).join(' ');
  assert.ok(right.length >= 4 && right.length * 3 >= periods.length * 2, `amber: ${shown}`);
  assert.ok(
    sampled.edges.every(({ line, value }) => line !== LINES.green || value === 0),
    'no green',
  );
}
