import { randomBytes } from 'node:crypto';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { openInboxStore } from '../../adapters/fs/inbox-store.ts';
import type { Composition } from '../../bin/composition.ts';
import type { FactType } from '../../machines/facts.ts';
import type { InboxStore } from '../../services/inbox/ports.ts';
import { until } from '../recordings/box.ts';
import { box } from '../recordings/fresh-box.ts';
import { drive, inbox, inboxEachTest } from './inbox-box.ts';
import { uploadClock, waitOn } from './upload-clock.ts';

const COPY = { recursive: true, preserveTimestamps: true };
const DISKS = ['state', 'drive'];

inboxEachTest();

interface Cut {
  readonly step: string;
  readonly folder: string;
  /** What clients had uploaded by then. */
  readonly wanted: readonly Buffer[];
}

/** What a kill would leave at each step; clients are told of none of them. */
class Cuts {
  readonly all: Cut[] = [];
  wanted: readonly Buffer[] = [];

  readonly now = (step: string): void => {
    const folder = join(box.root, `cut-${this.all.length}`);
    for (const name of DISKS) cpSync(join(box.root, name), join(folder, name), COPY);
    this.all.push({ step, folder, wanted: this.wanted });
  };
}

/** Cuts before, between and behind the calls that change something. */
async function cutting(store: Promise<InboxStore>, cuts: Cuts): Promise<InboxStore> {
  const real = await store;
  return {
    ...real,
    take: async (files, id) => {
      cuts.now('before taking');
      const [first, ...others] = await real.take(files.slice(0, 1), id);
      cuts.now('in the middle of taking');
      const ends = [
        ...(first === undefined ? [] : [first, ...others]),
        ...(await real.take(files.slice(1), id)),
      ];
      cuts.now('taken, not recorded');
      return ends;
    },
    remove: async (files) => {
      cuts.now('before deleting');
      const first = await real.remove(files.slice(0, 1));
      cuts.now('in the middle of deleting');
      const ends = [...first, ...(await real.remove(files.slice(1)))];
      cuts.now('deleted, not recorded');
      return ends;
    },
    putBack: async (file) => {
      cuts.now('before putting back');
      const as = await real.putBack(file);
      cuts.now('put back, not recorded');
      return as;
    },
  };
}

const FACTS: readonly FactType[] = [
  'BackupPlanned',
  'FilesSettled',
  'BackupFinished',
  'InboxTaken',
  'InboxCleared',
];

async function start(bootId: string, cuts: Cuts | null): Promise<Composition> {
  const clock = uploadClock(bootId);
  const ports =
    cuts === null
      ? { clock }
      : {
          clock,
          openInbox: (one: Parameters<typeof openInboxStore>[0]) => cutting(openInboxStore(one), cuts),
        };
  const running = await box.start(drive, ports);
  let seen = box.store?.log.head().seq ?? 0;
  if (cuts !== null) {
    running.control.head$.subscribe(() => {
      for (const { seq, fact } of box.store?.log.read({ after: seen }) ?? []) {
        seen = seq;
        if (FACTS.includes(fact.type)) cuts.now(`${fact.type} is recorded`);
      }
    });
  }
  return running;
}

const count = (type: FactType): number =>
  [...(box.store?.log.read() ?? [])].filter(({ fact }) => fact.type === type).length;
const reached = ({ control }: Composition, type: FactType, times: number): Promise<unknown> =>
  firstValueFrom(control.head$.pipe(filter(() => count(type) >= times)));

async function stop(): Promise<void> {
  await box.stop();
  box.store?.log.close();
  box.store = null;
}

function contents(top: string): readonly Buffer[] {
  if (!existsSync(top)) return [];
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.startsWith('IMG_'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
}
const inInbox = () => contents(inbox);
const inTaken = () => contents(join(drive, '.imagetank/taken'));
const inLibrary = () => contents(join(drive, 'Photos'));
const holds = (files: readonly Buffer[], one: Buffer): number =>
  files.filter((file) => file.equals(one)).length;

/** Uploads, a client that stalls and goes on, and another boot: with a cut at each step. */
async function story(cuts: Cuts): Promise<void> {
  const [whole, other, third] = [randomBytes(90_000), randomBytes(7000), randomBytes(8000)];
  const half = whole.subarray(0, 40_000);
  mkdirSync(join(inbox, 'DCIM'));
  const client = openSync(join(inbox, 'DCIM/IMG_0001.MOV'), 'w');
  writeSync(client, half);
  writeFileSync(join(inbox, 'IMG_0002.JPG'), other);
  writeFileSync(join(inbox, 'IMG_0003.JPG'), third);
  cuts.wanted = [half, other, third];
  const running = await start('first boot', cuts);
  await reached(running, 'InboxTaken', 1);
  writeSync(client, whole.subarray(40_000));
  closeSync(client);
  cuts.wanted = [whole, other, third];
  await reached(running, 'InboxTaken', 2);
  await stop();
  const again = await start('second boot', cuts);
  await reached(again, 'InboxCleared', 3);
  await stop();
}

async function gone(files: () => readonly Buffer[]): Promise<void> {
  const clock = uploadClock();
  while (files().length > 0) await waitOn(clock, 3000);
}

async function restore({ folder }: Cut): Promise<void> {
  for (const name of DISKS) {
    rmSync(join(box.root, name), { recursive: true });
    cpSync(join(folder, name), join(box.root, name), COPY);
  }
}

test('whatever the step, every file is in the inbox, taken or in the library, and ends there once', {
  timeout: 180_000,
}, async () => {
  const cuts = new Cuts();
  await story(cuts);
  const steps = new Set(cuts.all.map(({ step }) => step));
  expect([...steps].sort()).toEqual(
    [
      ...['before taking', 'in the middle of taking', 'taken, not recorded'],
      ...['before deleting', 'in the middle of deleting', 'deleted, not recorded'],
      ...['before putting back', 'put back, not recorded'],
      ...FACTS.map((type) => `${type} is recorded`),
    ].sort(),
  );
  for (const [at, cut] of cuts.all.entries()) {
    const { step, wanted } = cut;
    await restore(cut);
    const anywhere = [...inInbox(), ...inTaken(), ...inLibrary()];
    const lost = wanted.filter((one) => holds(anywhere, one) === 0).length;
    expect({ at, step, lost }).toEqual({ at, step, lost: 0 });

    await start(`boot after cut ${at}`, null);
    await gone(inInbox);
    await stop();
    const running = await start(`boot after the boot after cut ${at}`, null);
    await gone(inTaken);
    await until(running, 'ready');
    const times = wanted.map((one) => holds(inLibrary(), one));
    expect({ at, step, times }).toEqual({ at, step, times: wanted.map(() => 1) });
    await stop();
  }
});
