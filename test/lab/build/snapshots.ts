import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { blank } from '../images/disk.ts';
import { run } from '../process.ts';
import { machineArguments } from '../vm/arguments.ts';
import { Board } from '../vm/board.ts';
import { INSTALL_SCRIPT, install, startService } from '../vm/service.ts';
import { Vm } from '../vm/vm.ts';
import type { Cache } from './cache.ts';
import { keyOf } from './key.ts';
import type { Parts } from './parts.ts';
import { PROGRAM_BYTES, type Program } from './program.ts';

/**
 * Moments from which a machine goes on: systemd is up and the chip is there; imagetank is set up and was never
 * started; it runs with kernel LEDs and a button, with no drive and no card.
 */
export type Moment = 'booted' | 'installed' | 'ready';

/** Memory and devices of a machine, and its state disk as it was then. */
export interface Snapshot {
  readonly memory: string;
  readonly state: string;
  /** Of this very snapshot: its disks and its memory belong together. */
  readonly id: string;
}

export interface Snapshots {
  /** Takes it first when there is none yet. */
  of(moment: Moment): Promise<Snapshot>;
}

/** Sparse; doctor wants 200 MB free for the journal. */
const STATE_MB = 512;
const STATE_OPTIONS = ['-t', 'ext4', '-m', '0', '-J', 'size=4', '-L', 'state'] as const;

/** When systemd says that it is up: the chip, and the two disks as if nobody had ever looked at them. */
const PREPARE = [
  'systemctl is-system-running --wait',
  'sh /usr/lib/lab/gpio-chip.sh',
  'udevadm settle',
  'sync',
  'blockdev --flushbufs /dev/vdb',
  'blockdev --flushbufs /dev/vdc',
  'echo 3 > /proc/sys/vm/drop_caches',
].join(' && ');

export function snapshots(cache: Cache, parts: Parts, program: Program): Snapshots {
  const files = { ...parts, program: program.image };
  const goOn = (base: Snapshot, moment: Moment, made: readonly string[], work: GoOn): Promise<Snapshot> =>
    take(cache, moment, keyOf([base.id, program.id, ...made]), files, async (vm, state) => {
      await copySparse(base.state, state);
      await vm.restore(base.memory);
      await work(vm);
    });
  const booted = (): Promise<Snapshot> => bootedSnapshot(cache, parts);
  const installed = async (): Promise<Snapshot> =>
    goOn(await booted(), 'installed', [INSTALL_SCRIPT], ({ guest }) => install(guest));
  const ready = async (): Promise<Snapshot> =>
    goOn(await installed(), 'ready', ['kernel LEDs'], async ({ guest }) => {
      await new Board(guest).bindKernelDrivers();
      await startService(guest);
    });
  const all = { booted, installed, ready } satisfies Record<Moment, () => Promise<Snapshot>>;
  return { of: (moment) => all[moment]() };
}

/** The one that does not depend on imagetank. */
export function bootedSnapshot(cache: Cache, parts: Parts): Promise<Snapshot> {
  const key = keyOf([parts.id, ...machineArguments(), PREPARE, ...STATE_OPTIONS, String(STATE_MB)]);
  return take(cache, 'booted', key, { ...parts, program: null }, async (vm, state) => {
    blank(vm.files.program, PROGRAM_BYTES);
    await run('mke2fs', ['-q', ...STATE_OPTIONS, state, `${STATE_MB}M`]);
    await vm.boot();
    await vm.guest.sh(PREPARE);
  });
}

type GoOn = (vm: Vm) => Promise<void>;
/** `state`: the file of its state disk. */
type Work = (vm: Vm, state: string) => Promise<void>;

/** `program`: null for a blank disk in its place. */
async function take(
  cache: Cache,
  moment: Moment,
  key: string,
  { program, ...parts }: Parts & { readonly program: string | null },
  work: Work,
): Promise<Snapshot> {
  const { dir, id } = await cache.stage(moment, key, async (draft) => {
    const state = join(draft, 'state.img');
    const vm = new Vm({ ...parts, dir: draft, program: program ?? join(draft, 'blank.img'), state });
    try {
      await work(vm, state);
      await vm.save(join(draft, 'memory.zst'));
    } finally {
      await vm.kill();
    }
    for (const rest of ['blank.img', 'console.log', 'qmp.sock', 'agent.sock']) {
      rmSync(join(draft, rest), { force: true });
    }
  });
  return { memory: join(dir, 'memory.zst'), state: join(dir, 'state.img'), id };
}

export async function copySparse(from: string, to: string): Promise<void> {
  await run('cp', ['--sparse=always', '--reflink=auto', from, to]);
}
