import assert from 'node:assert/strict';
import { boxWithDrive, isReady } from '../box.ts';
import type { Lab } from '../lab.ts';
import type { Machine } from '../machine.ts';
import { type Led, LINES } from '../vm/board.ts';
import { levelAt, wholePeriods } from '../vm/edges.ts';
import type { Sampled } from '../vm/guest.ts';
import { Unit } from '../vm/unit.ts';

/** Code 9 takes nine times 400 ms and a pause of 1200 ms (contract.md, section 1). */
const WATCH_S = 6;
/** Between two blinks of one code the light is dark for 200 ms, between two codes for much longer. */
const PAUSE_MS = 700;

export default async function scenario(lab: Lab): Promise<void> {
  const { machine, imagetank } = await boxWithDrive(lab);
  const { guest } = machine;
  const unit = new Unit(guest);
  // Nobody starts it again: what the dead daemon leaves is all there is.
  await unit.setService('Restart=no');

  const byKernel = await killedWhileGreen(machine, unit);
  assertCodeNine(byKernel);
  await startAgain(lab, machine);

  await guest.sh('systemctl stop imagetank.service && modprobe -r lab-board && udevadm settle');
  await machine.configure('board = "gpio"\n');
  await startAgain(lab, machine);
  await imagetank.until('ready', isReady);

  const byLines = await killedWhileGreen(machine, unit);
  // A process an edge: slower than the eye likes here, and code 9 all the same.
  assert.ok(byLines.edges.some(({ line, value }) => line === LINES.red && value === 1));
  await startAgain(lab, machine);
}

/** What was seen after the daemon had died: green out with `ExecStopPost`, and out to the end. */
async function killedWhileGreen(machine: Machine, unit: Unit): Promise<Sampled> {
  const { board, guest } = machine;
  assert.deepEqual(await board.lit(), ['green']);
  const seen = await board.sampleWhile(async () => {
    await unit.kill('KILL');
    await unit.until('ActiveState', 'failed');
    await guest.sh(`sleep ${WATCH_S}`);
  });
  assert.equal(await unit.show('Result'), 'signal');
  const green = seen.edges.filter(({ line }) => line === LINES.green).map(({ value }) => value);
  assert.deepEqual(green, [1, 0], 'green went out once and for all');
  return seen;
}

function assertCodeNine(seen: Sampled): void {
  const periods = wholePeriods(seen, LINES.red);
  const end = periods.findIndex(({ value, lengthMs }) => value === 0 && lengthMs > PAUSE_MS);
  assert.ok(end > 0, 'a whole code was seen');
  const blinks = periods.slice(0, end).filter(({ value }) => value === 1).length;
  assert.equal(blinks, 9, `code ${blinks}`);
  assert.equal(levelAt(seen.edges, LINES.amber, seen.endMs), 0);
}

async function startAgain(lab: Lab, { guest, board }: Machine): Promise<void> {
  await guest.sh('systemctl start imagetank.service');
  const honest: Led[] = ['green'];
  await lab.eventually(
    'green again, and nothing else',
    async () => (await board.lit()).join() === honest.join(),
  );
}
