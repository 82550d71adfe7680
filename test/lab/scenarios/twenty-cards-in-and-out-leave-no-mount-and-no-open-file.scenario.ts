import assert from 'node:assert/strict';
import { assertNotMounted, assertOnDrive, boxWithDrive, isGreenOver, isReady } from '../box.ts';
import { photos } from '../images/photos.ts';
import type { Lab } from '../lab.ts';
import type { Machine } from '../machine.ts';
import { nowMs, Unit } from '../vm/unit.ts';

/** Four cards each: two are copied at once, and two wait for them. */
const ROUNDS = 5;
const FILES = photos(2, 20_000);
const IDLE_S = 30;

export default async function scenario(lab: Lab): Promise<void> {
  const disk = { fileSystem: 'vfat', sizeMb: 40, files: FILES } as const;
  const cards = {
    one: await lab.disk({ ...disk, label: 'EOS_DIGITAL', signature: 0xcafe0001 }),
    two: await lab.disk({ ...disk, label: 'LUMIX', signature: 0xcafe0002 }),
    three: await lab.disk({ ...disk, label: 'NIKON', signature: 0xcafe0003 }),
    four: await lab.disk({ ...disk, label: 'GOPRO', signature: 0xcafe0004 }),
  };
  const { machine, imagetank } = await boxWithDrive(lab);
  const { guest, usb } = machine;
  const unit = new Unit(guest);
  const pid = await unit.pid();
  lab.note(await idleShare(machine, unit));

  let early = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const [id, image] of Object.entries(cards)) await usb.plug(id, { image, readOnly: true });
    await imagetank.until('green over all', isGreenOver(Object.keys(cards).length));
    for (const id of Object.keys(cards)) await usb.pull(id);
    await imagetank.until('green without them', (status) => isReady(status) && status.cards.length === 0);
    // The first rounds open what stays open.
    if (round === 2) early = await openFiles(machine, pid);
  }

  assert.equal(await unit.pid(), pid, 'the same daemon all the time');
  await assertNotMounted(machine);
  const late = await openFiles(machine, pid);
  assert.ok(late <= early, `open files: ${early} after 8 cards, ${late} after 20`);
  await guest.until('test -z "$(systemctl list-units --plain --no-legend "imagetank-mount@*")"');
  assert.equal(await guest.sh('systemctl --failed --plain --no-legend'), '');
  const places = await guest.sh('ls -A /media/imagetank');
  const drive = (await imagetank.status()).drives[0]?.path ?? 'none';
  assert.deepEqual(
    places.split('\n').map((name) => `/media/imagetank/${name}`),
    [drive],
  );
  assert.equal(await guest.sh('grep -c " /media/imagetank/" /proc/self/mountinfo'), '1');
  assert.equal(await guest.sh('ls /run/imagetank-mount/*.diskseq | wc -l'), '1', "the helper's notes");
  await assertOnDrive(machine, FILES);
}

/** Without what the agent's own questions hold open for a moment. */
async function openFiles({ guest }: Machine, pid: number): Promise<number> {
  return Number(await guest.sh(`sleep 1; ls -l /proc/${pid}/fd | grep -cv socket:`));
}

/** Of the guest's one processor, which is emulated: a Pi's is far faster. */
async function idleShare({ guest }: Machine, unit: Unit): Promise<string> {
  const usedMs = async () => Number(await unit.show('CPUUsageNSec')) / 1e6;
  await guest.sh('sleep 5');
  const [beginMs, beginUsedMs] = [await nowMs(guest), await usedMs()];
  await guest.sh(`sleep ${IDLE_S}`);
  const share = ((await usedMs()) - beginUsedMs) / ((await nowMs(guest)) - beginMs);
  return `idle: ${(100 * share).toFixed(1)} % of the emulated processor`;
}
