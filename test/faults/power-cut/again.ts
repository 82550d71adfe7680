/** A box that lost power at one moment, with all its disks, and goes on to the end. */

import { statSync } from 'node:fs';
import { isGreenOver } from '../../lab/box.ts';
import type { Found } from '../../lab/guest/protocol.ts';
import type { Status } from '../../lab/vm/imagetank.ts';
import { Overlay } from './disk.ts';
import { beLazy, DRIVES, type DriveSpec, plugDrives } from './drives.ts';
import { extractVolume, helperFunctions, putVolumeBack, refusal, repair } from './helper-check.ts';
import { judgeEnd } from './judge.ts';
import { NbdServer } from './nbd-server.ts';
import { PATIENCE_MS, STATE } from './record.ts';
import type { Campaign } from './replay.ts';
import { entriesBefore, piecesOf, stateAt } from './states.ts';
import { count, isBad, linesOf, noTally, type Tally } from './tally.ts';
import { Replayed } from './write-log.ts';

/** What the drives hold when the light is green again. */
export async function goOn(campaign: Campaign, at: number): Promise<Map<DriveSpec, Tally>> {
  const { lab, recording, next, print } = campaign;
  const opened: Replayed[] = [];
  const disks = new Map<string, Overlay>();
  const show = async (name: string): Promise<string> => {
    const entries = recording.entriesOf(name);
    const image = await lab.copy(recording.bases.get(name) ?? '');
    const replayed = new Replayed(image, entries);
    replayed.open();
    opened.push(replayed);
    const state = stateAt(entries, entriesBefore(entries, at), next);
    replayed.show(state.durable, piecesOf(entries, state));
    disks.set(name, new Overlay(replayed, statSync(image).size));
    return image;
  };
  const refused = new Map<DriveSpec, string | null>();
  const tallies = new Map<DriveSpec, Tally>();
  const server = new NbdServer(disks);
  try {
    await show(STATE);
    for (const drive of DRIVES) {
      const image = await show(drive.label);
      refused.set(drive, await repairIfRefused(campaign, drive, image));
    }
    const socket = lab.socket();
    await server.start(socket);
    const machine = await lab.machine('installed', { served: { socket, name: STATE } });
    await beLazy(machine);
    const imagetank = await machine.startImagetank('board = "none"\n');
    const served = (name: string) => ({ socket, name });
    await plugDrives(machine, served, (label) => {
      const id = recording.idOf(label);
      const isThere = ({ drives }: Status): boolean =>
        drives.some((drive) => drive.id === id && drive.path !== null);
      return imagetank.until(`shows ${label}`, isThere, PATIENCE_MS);
    });
    await machine.usb.plug('card', { image: recording.card, readOnly: true });
    await imagetank.until('green over the card', isGreenOver(1), PATIENCE_MS);
    for (const { id, path } of (await imagetank.status()).drives) {
      const drive = DRIVES.find(({ label }) => recording.idOf(label) === id);
      if (drive === undefined) continue;
      const found = (await machine.guest.ask('tree', { path, paths: ['Photos', 'Other'] })) as Found[];
      const verdict = judgeEnd(found, recording.photos);
      const tally = noTally();
      count(tally, verdict, refused.get(drive) ?? null);
      tallies.set(drive, tally);
      if (isBad(verdict))
        print(`  ${drive.fileSystem}, gone on after a cut at ${at}: ${linesOf(verdict).join('; ')}`);
    }
    await machine.cutPower();
    server.assertWell();
  } finally {
    await server.stop();
    for (const replayed of opened) replayed.close();
  }
  return tallies;
}

/** What the helper asks a person to do is done before the box is switched on again. Gives its refusal. */
async function repairIfRefused(
  { lab, project }: Campaign,
  { fileSystem }: DriveSpec,
  image: string,
): Promise<string | null> {
  const volume = await lab.copy('/dev/null');
  await extractVolume(image, volume);
  const functions = `${volume}.sh`;
  helperFunctions(project, functions);
  const refused = await refusal(functions, fileSystem, volume);
  if (refused === null) return null;
  await repair(refused, volume);
  await putVolumeBack(volume, image);
  return refused;
}
