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
}

export interface Snapshots {
  /** Takes it first when there is none yet. */
  of(moment: Moment): Promise<Snapshot>;
}

/** Sparse; doctor wants 200 MB free for the journal. */
const STATE_MB = 512;

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
  const installedKey = keyOf([bootedKey(parts), program.key, INSTALL_SCRIPT]);
  const take =
    (moment: Moment, key: string, before: () => Promise<Snapshot>, work: Work) =>
    async (): Promise<Snapshot> => {
      const base = await before();
      return takeSnapshot(cache, `${moment}-${key}`, { ...parts, program: program.image }, async (vm) => {
        await copySparse(base.state, vm.files.state);
        await vm.restore(base.memory);
        await work(vm);
      });
    };
  const booted = () => bootedSnapshot(cache, parts);
  const installed = take('installed', installedKey, booted, ({ guest }) => install(guest));
  const ready = take('ready', keyOf([installedKey, 'kernel LEDs']), installed, async ({ guest }) => {
    await new Board(guest).bindKernelDrivers();
    await startService(guest);
  });
  const all = { booted, installed, ready } satisfies Record<Moment, () => Promise<Snapshot>>;
  return { of: (moment) => all[moment]() };
}

/** The one that does not depend on imagetank. */
export function bootedSnapshot(cache: Cache, parts: Parts): Promise<Snapshot> {
  return takeSnapshot(cache, `booted-${bootedKey(parts)}`, { ...parts, program: null }, async (vm) => {
    const { program, state } = vm.files;
    blank(program, PROGRAM_BYTES);
    await run('mke2fs', [
      '-q',
      '-t',
      'ext4',
      '-m',
      '0',
      '-J',
      'size=4',
      '-L',
      'state',
      state,
      `${STATE_MB}M`,
    ]);
    await vm.boot();
    await vm.guest.sh(PREPARE);
  });
}

const bootedKey = (parts: Parts): string =>
  keyOf([parts.key, ...machineArguments(), PREPARE, String(STATE_MB)]);

type Work = (vm: Vm) => Promise<void>;

/** `program`: null for a blank disk in its place. */
async function takeSnapshot(
  cache: Cache,
  product: string,
  { program, ...parts }: Parts & { readonly program: string | null },
  work: Work,
): Promise<Snapshot> {
  const [, name = '', key = ''] = /^(\w+)-(\w+)$/.exec(product) ?? [];
  const dir = await cache.stage(name, key, async (draft) => {
    const state = join(draft, 'state.img');
    const vm = new Vm({ ...parts, dir: draft, program: program ?? join(draft, 'blank.img'), state });
    try {
      await work(vm);
      await vm.save(join(draft, 'memory.zst'));
    } finally {
      await vm.kill();
    }
    for (const rest of ['blank.img', 'console.log', 'qmp.sock', 'agent.sock']) {
      rmSync(join(draft, rest), { force: true });
    }
  });
  return { memory: join(dir, 'memory.zst'), state: join(dir, 'state.img') };
}

export async function copySparse(from: string, to: string): Promise<void> {
  await run('cp', ['--sparse=always', '--reflink=auto', from, to]);
}
