import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { restAfter } from './asking.ts';
import type { Cache } from './build/cache.ts';
import type { Parts } from './build/parts.ts';
import type { Program } from './build/program.ts';
import { copySparse, type Moment, type Snapshots } from './build/snapshots.ts';
import { type DiskSpec, makeDisk } from './images/disk.ts';
import { guestMade, isGuestMade } from './images/guest-made.ts';
import { Machine } from './machine.ts';
import type { Served } from './vm/block-node.ts';
import type { Folders } from './vm/folders.ts';
import { SOCKETS } from './vm/service.ts';
import { Vm } from './vm/vm.ts';

/** What of the facts is shown of a scenario that failed. */
const FACTS = 30;
const FACT_LENGTH = 200;

export interface Kit {
  readonly cache: Cache;
  readonly parts: Parts;
  readonly program: Program;
  readonly snapshots: Snapshots;
  readonly folders: Folders;
}

/** What a scenario is given: machines, disks, and a place to say what it measured. Everything goes when it ends. */
export class Lab {
  readonly #kit: Kit;
  readonly #dir: string;
  readonly #vms: Vm[] = [];
  readonly #dirs: string[] = [];
  readonly notes: string[] = [];
  #disks = 0;

  constructor(kit: Kit) {
    this.#kit = kit;
    this.#dir = kit.folders.make();
  }

  /**
   * A machine that goes on from a moment (see `Moment`). `stateOf`: with the state disk of a machine whose power was
   * cut, from `installed` or `booted`, where nobody has mounted it yet. `served`: with a state disk that a server makes
   * up, as large as the one of the snapshot.
   */
  async machine(
    from: Moment,
    { stateOf, served }: { stateOf?: Machine; served?: Served } = {},
  ): Promise<Machine> {
    if ((stateOf !== undefined || served !== undefined) && from === 'ready')
      throw new Error('at "ready" the state disk is in use already');
    const { memory, state } = await this.#kit.snapshots.of(from);
    const dir = this.#kit.folders.make();
    this.#dirs.push(dir);
    const image = join(dir, 'state.img');
    if (served === undefined) await copySparse(stateOf?.stateImage ?? state, image);
    const own = served ?? image;
    const vm = new Vm({ ...this.#kit.parts, dir, program: this.#kit.program.image, state: own });
    this.#vms.push(vm);
    await vm.restore(memory);
    return new Machine(vm);
  }

  /** An image of a disk with one partition; each call gives one that is this scenario's own. */
  async disk(spec: DiskSpec): Promise<string> {
    this.#disks += 1;
    const path = join(this.#dir, `${this.#disks}-${spec.label}.img`);
    const { fileSystem } = spec;
    if (isGuestMade(fileSystem)) {
      const kept = await guestMade(this.#kit.cache, { ...spec, fileSystem }, async (work) => {
        const machine = await this.machine('booted');
        await work(machine.guest, machine.usb);
        await machine.cutPower();
      });
      await copySparse(kept, path);
    } else await makeDisk(path, spec);
    return path;
  }

  /** A copy of the state disk as it is at a moment. */
  async stateDisk(from: Moment): Promise<string> {
    const { state } = await this.#kit.snapshots.of(from);
    return this.copy(state);
  }

  /** A copy of an image that goes when the scenario ends. */
  async copy(image: string): Promise<string> {
    this.#disks += 1;
    const path = join(this.#dir, `${this.#disks}-copy.img`);
    await copySparse(image, path);
    return path;
  }

  /** A path for a socket: short, because 107 bytes is all that one may have. */
  socket(): string {
    this.#disks += 1;
    return join(this.#dir, `${this.#disks}.sock`);
  }

  /** Asks until the answer is yes. For what no event tells; the deadline is for what never comes. */
  async eventually(what: string, test: () => Promise<boolean>, timeoutMs = 240_000): Promise<void> {
    const endMs = performance.now() + timeoutMs;
    for (;;) {
      const askedMs = performance.now();
      if (await test()) return;
      if (performance.now() > endMs) throw new Error(`never came: ${what}`);
      await restAfter(askedMs);
    }
  }

  /** A figure for the report, for example a ratio. */
  note(text: string): void {
    this.notes.push(text);
  }

  /** What helps to see why a scenario failed: the daemon's last words and the kernel's. */
  async lastWords(): Promise<string> {
    const words: string[] = [];
    for (const vm of this.#vms) {
      if (vm.running) words.push(await journalOf(vm), await factsOf(vm));
      words.push(`console:\n${vm.console().split('\n').slice(-20).join('\n')}`);
    }
    return words.join('\n');
  }

  async stop(): Promise<void> {
    for (const vm of this.#vms) await vm.kill();
    for (const dir of [this.#dir, ...this.#dirs]) rmSync(dir, { recursive: true, force: true });
  }
}

async function journalOf(vm: Vm): Promise<string> {
  const script =
    'journalctl -n 60 --no-pager -o short-monotonic -u "imagetank*"; findmnt --real; ls /dev/disk/by-label';
  try {
    const { stdout, stderr } = await vm.guest.run(['/bin/sh', '-c', script], { timeoutMs: 30_000 });
    return `journal:\n${stdout}${stderr}`;
  } catch (error) {
    return `journal: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The newest records, shortened. */
async function factsOf(vm: Vm): Promise<string> {
  for (const socket of SOCKETS) {
    const answer = await vm.guest.request(socket, 'GET', '/api/v1/journal').catch(() => null);
    if (answer === null) continue;
    const records = answer.body.trimEnd().split('\n').slice(-FACTS);
    return ['facts:', ...records.map((record) => record.slice(0, FACT_LENGTH))].join('\n');
  }
  return 'facts: imagetank does not answer';
}
