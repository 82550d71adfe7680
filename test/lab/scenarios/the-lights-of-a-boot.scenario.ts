import assert from 'node:assert/strict';
import type { Lab } from '../lab.ts';
import { LINES } from '../vm/board.ts';
import { periodsOf, rhythmOf } from '../vm/edges.ts';
import type { Guest, Sampled } from '../vm/guest.ts';

/** The three LEDs are set one after the other, and looked at so. */
const ABOUT_MS = 200;

export default async function scenario(lab: Lab): Promise<void> {
  const drive = await lab.disk({ fileSystem: 'ext4', label: 'BACKUP', sizeMb: 64 });
  const machine = await lab.machine('installed');
  const { guest, usb, board } = machine;
  await board.bindKernelDrivers();

  // Without a drive: booting, then waiting for one.
  const alone = await board.sampleWhile(async () => {
    const frozen = frozenWhileBooting(guest);
    const imagetank = await machine.startImagetank('drives = ["BACKUP"]\n');
    await frozen;
    await imagetank.until('waits', ({ signal }) => signal === 'waiting');
    await guest.sh('sleep 6');
  });
  const amberOn = firstLit(alone, LINES.amber);
  assert.ok(amberOn !== null && amberOn > (firstLit(alone, LINES.red) ?? Number.POSITIVE_INFINITY));
  assertBlinks(alone, LINES.red, 200, 200);
  assert.ok(lastLit(alone, LINES.red) <= amberOn + ABOUT_MS, 'red ends where amber begins');
  assertBlinks(alone, LINES.amber, 100, 1900);
  assert.equal(firstLit(alone, LINES.green), null, 'green without a drive');

  // With a drive that it knows: booting, then green, and nothing in between.
  await usb.plug('drive', { image: drive });
  await lab.eventually('green', async () => (await board.lit()).join() === 'green');
  await guest.sh('systemctl stop imagetank.service');
  assert.deepEqual(await board.lit(), []);
  const again = await board.sampleWhile(async () => {
    const frozen = frozenWhileBooting(guest);
    await guest.sh('systemctl start imagetank.service');
    await frozen;
    await lab.eventually('green', async () => (await board.lit()).join() === 'green');
    await guest.sh('sleep 1');
  });
  assertBlinks(again, LINES.red, 200, 200);
  const greenOn = firstLit(again, LINES.green);
  assert.ok(greenOn !== null && lastLit(again, LINES.red) <= greenOn + ABOUT_MS, 'green only after booting');
  assert.equal(firstLit(again, LINES.amber), null, 'amber while the drive is there');
}

/**
 * Stops the daemon for a while as soon as it has told the kernel how to blink: on an emulated processor a starting Node
 * lets nobody see it, and on a fast one it is over after two periods.
 */
async function frozenWhileBooting(guest: Guest): Promise<void> {
  await guest.sh(
    `cd /sys/class/leds/imagetank:red
     until { read -r on < delay_on && read -r off < delay_off; } 2>/dev/null && [ "$on $off" = '200 200' ]
     do sleep 0.05; done
     echo 1 > /sys/fs/cgroup/system.slice/imagetank.service/cgroup.freeze
     sleep 3
     echo 0 > /sys/fs/cgroup/system.slice/imagetank.service/cgroup.freeze`,
  );
}

function assertBlinks(sampled: Sampled, line: number, onMs: number, offMs: number): void {
  const { isRight, seen } = rhythmOf(sampled, line, [onMs, offMs]);
  assert.ok(isRight, `line ${line}: ${seen}`);
}

const firstLit = ({ edges }: Sampled, line: number): number | null =>
  edges.find((edge) => edge.line === line && edge.value === 1)?.atMs ?? null;

/** When the line was lit for the last time, to its end. */
function lastLit(sampled: Sampled, line: number): number {
  const periods = periodsOf(sampled, line);
  const last = periods.findLastIndex(({ value }) => value === 1);
  const after = periods.slice(last + 1).reduce((sum, { lengthMs }) => sum + lengthMs, 0);
  return sampled.endMs - after;
}
