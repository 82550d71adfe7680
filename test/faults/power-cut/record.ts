/** A backup of one card to a drive of each file system, with everything that was written to any disk. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isGreenOver } from '../../lab/box.ts';
import type { Found } from '../../lab/guest/protocol.ts';
import type { Lab } from '../../lab/lab.ts';
import type { Machine } from '../../lab/machine.ts';
import type { Imagetank, Status } from '../../lab/vm/imagetank.ts';
import { type Content, type OwnFiles, type Promised, promisesOf } from './acknowledged.ts';
import { beLazy, beLazyOn, CARD, DRIVES, plugDrives } from './drives.ts';
import { NbdServer } from './nbd-server.ts';
import { type Entry, LoggedDisk, WriteLog } from './write-log.ts';

/** On a busy host, and for what never comes. */
export const PATIENCE_MS = 600_000;

/** The disk with the journal, beside those of the drives. */
export const STATE = 'state';

export interface Recording {
  /** By disk: as it was when the log began, never written. */
  readonly bases: ReadonlyMap<string, string>;
  readonly entriesOf: (disk: string) => readonly Entry[];
  /** When the card was plugged: all drives are adopted, nothing is copied. */
  readonly startAt: number;
  readonly endAt: number;
  readonly promises: readonly Promised[];
  readonly idOf: (label: string) => string;
  readonly photos: readonly Content[];
  readonly own: OwnFiles;
  readonly card: string;
}

export async function record(lab: Lab): Promise<Recording> {
  const log = new WriteLog();
  const bases = new Map([[STATE, await lab.stateDisk('installed')]]);
  for (const spec of DRIVES) bases.set(spec.label, await lab.disk(spec));
  const disks = new Map<string, LoggedDisk>();
  for (const [name, base] of bases) {
    disks.set(name, new LoggedDisk(name, await lab.copy(base), statSync(base).size, log));
  }
  const card = await lab.disk(CARD);
  const server = new NbdServer(disks);
  const socket = lab.socket();
  try {
    for (const disk of disks.values()) disk.open();
    await server.start(socket);
    const machine = await lab.machine('installed', { served: { socket, name: STATE } });
    const { imagetank, ids } = await adoptAll(machine, socket);
    const startAt = log.position;
    await machine.usb.plug('card', { image: card, readOnly: true });
    await imagetank.until('green over the card', isGreenOver(1), PATIENCE_MS);
    const lines = await imagetank.journal();
    const own = await ownFiles(machine, imagetank);
    const photos = await photosOn(machine);
    await machine.cutPower();
    server.assertWell();
    const endAt = log.position;
    const promises = promisesOf(lines, log.of(STATE), own);
    const idOf = (label: string): string => ids.get(label) ?? '';
    return { bases, entriesOf: (disk) => log.of(disk), startAt, endAt, promises, idOf, photos, own, card };
  } finally {
    await server.stop();
    for (const disk of disks.values()) disk.close();
  }
}

async function adoptAll(machine: Machine, socket: string) {
  await beLazy(machine);
  const imagetank = await machine.startImagetank('board = "none"\n');
  const served = (name: string) => ({ socket, name });
  await plugDrives(machine, served, async (label) => {
    const isThere = ({ cards }: Status): boolean =>
      cards.some((card) => card.label === label && card.path !== null);
    await imagetank.until(`shows ${label}`, isThere, PATIENCE_MS);
    await imagetank.post('/drives/adopt', { target: label });
  });
  const { drives } = await imagetank.until(
    'is ready',
    (status) => status.signal === 'ready' && status.drives.length === DRIVES.length,
    PATIENCE_MS,
  );
  await beLazyOn(machine, imagetank);
  return { imagetank, ids: new Map(drives.map(({ id, label }) => [label, id])) };
}

async function ownFiles({ guest }: Machine, imagetank: Imagetank): Promise<OwnFiles> {
  const own = new Map<string, ReturnType<typeof wholeOf>>();
  for (const { id, path } of (await imagetank.status()).drives) {
    const paths = ['.imagetank/drive.json', 'Photos/ascmhl', 'Other/ascmhl'];
    own.set(id, wholeOf((await guest.ask('tree', { path, paths })) as Found[]));
  }
  return own;
}

/** As the kernel reads them from the card, not as imagetank says. */
async function photosOn({ guest }: Machine): Promise<Content[]> {
  const point = '/mnt/card';
  await guest.sh(`mkdir -p ${point} && mount -o ro ${join('/dev/disk/by-label', CARD.label)} ${point}`);
  return wholeOf((await guest.ask('tree', { path: point, paths: ['DCIM'] })) as Found[]);
}

function wholeOf(found: readonly Found[]) {
  return found.map(({ path, sizeBytes, xxh64, error }) => {
    if (xxh64 === null) throw new Error(`${path}: ${error}`);
    return { path, sizeBytes, xxh64, error };
  });
}
