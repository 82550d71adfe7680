import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { createSimBoard } from '../../adapters/board-sim/sim-board.ts';
import { openDriveStore } from '../../adapters/fs/drive-store.ts';
import { createSystemClock } from '../../adapters/node/system-clock.ts';
import { compose } from '../../bin/compose.ts';
import type { Composition, ComposeOptions } from '../../bin/composition.ts';
import { openJournal } from '../../bin/journal.ts';
import { ConfigSchema } from '../../services/config/schema.ts';
import { filesOneByOne } from '../ports/one-by-one.ts';
import type { Store } from '../../services/ports.ts';
import type { DriveStore } from '../../services/media-ports.ts';
import type { LightLine } from '../../services/shapes.ts';

const COPY = { recursive: true, preserveTimestamps: true };

/** One folder for everything of one story: cards, drives, state; removed at the end. */
export class Box {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'imagetank-story-')));
  readonly lines: LightLine[] = [];
  store: Store | null = null;
  #running: Composition | null = null;
  #ended: Promise<void> = Promise.resolve();

  /** A folder with files of random content: `{'IMG_0001.JPG': 100_000}`, bytes each. */
  card(label: string, files: Readonly<Record<string, number>>): string {
    const folder = join(this.root, label, 'DCIM', '100TEST');
    mkdirSync(folder, { recursive: true });
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), randomBytes(bytes));
    return join(this.root, label);
  }

  drive(name: string): string {
    mkdirSync(join(this.root, name), { recursive: true });
    return join(this.root, name);
  }

  /** Starts the real composition on this box's state; a drive that is given is adopted before devices count as known. */
  async start(
    drive: string | null,
    ports: ComposeOptions['ports'] = {},
    config: Readonly<Record<string, unknown>> = {},
  ): Promise<Composition> {
    const stateDir = join(this.root, 'state');
    mkdirSync(stateDir, { recursive: true });
    const warn = () => undefined;
    const board = createSimBoard({ statusFile: join(stateDir, 'board.json'), clock: createSystemClock(), warn });
    this.store = openJournal(stateDir, false).store;
    let end = (): void => undefined;
    this.#ended = new Promise((resolve) => {
      end = resolve;
    });
    this.#running = await compose({
      version: '0.0.0',
      config: ConfigSchema.parse({ reserve: 0, ...config }),
      stateDir,
      store: this.store,
      board,
      button: board,
      power: { end: async () => end() },
      mounts: false,
      prepare: async (control) => {
        if (drive !== null) await control.adopt(drive, false);
      },
      onLight: (line) => this.lines.push(line),
      warn,
      ports,
    });
    await this.#running.daemon.start();
    return this.#running;
  }

  /** What is on the disks now, while the daemon still runs: all that a power cut would leave. */
  powerCut(): void {
    for (const name of ['state', 'drive']) cpSync(join(this.root, name), join(this.root, `${name}.cut`), COPY);
  }

  /** Puts the disks back to the moment of the power cut. */
  async afterPowerCut(): Promise<void> {
    await this.stop();
    this.store?.log.close();
    for (const name of ['state', 'drive']) {
      rmSync(join(this.root, name), { recursive: true });
      cpSync(join(this.root, `${name}.cut`), join(this.root, name), COPY);
    }
  }

  async ended(): Promise<void> {
    await this.#ended;
  }

  async stop(): Promise<void> {
    await this.#running?.daemon.stop();
    this.#running = null;
  }

  remove(): void {
    this.store?.log.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Resolves at the next light with this signal, or at once when it is shown now. */
export async function until({ control }: Composition, signal: LightLine['signal']): Promise<void> {
  await firstValueFrom(control.lights$.pipe(filter((line) => line.signal === signal)));
}

/** Presses the button so many times, and returns when the last press is recorded and decided. */
export async function pressed({ control }: Composition, box: Box, times: number): Promise<void> {
  const releases = () =>
    [...(box.store?.log.read() ?? [])].filter(({ fact }) => fact.type === 'ButtonReleased').length;
  const wanted = releases() + times;
  const done = firstValueFrom(control.head$.pipe(filter(() => releases() === wanted)));
  for (let press = 0; press < times; press++) await control.sim.hold(1);
  await done;
}

/** Lets a backup go on up to its n-th block of written data, then runs `act` once while it is in mid copy. */
export function atWrite(n: number, act: () => Promise<unknown>): NonNullable<ComposeOptions['ports']> {
  let writes = 0;
  return wrapWrites(async () => {
    writes += 1;
    if (writes === n) await act();
  });
}

/** Flips one bit of all that is written: a bad cable between hash and disk. */
export const BAD_CABLE = wrapWrites(async (bytes) => {
  if (bytes.length > 0) bytes[0] = (bytes[0] ?? 0) ^ 1;
});

function wrapWrites(before: (bytes: Uint8Array) => Promise<void>): NonNullable<ComposeOptions['ports']> {
  return {
    openDrive: async (drive) => {
      const store = await openDriveStore(drive);
      const createIncoming: DriveStore['createIncoming'] = async () => {
        const file = await store.createIncoming();
        const write = async (bytes: Uint8Array) => {
          const own = bytes.slice();
          await before(own);
          await file.write(own);
        };
        return proxied(file, { write });
      };
      return proxied(store, { createIncoming, ...filesOneByOne({ createIncoming }) });
    },
  };
}

/** The same object but for some of its methods; private fields keep working because calls go to the original. */
function proxied<Target extends object>(target: Target, changes: Partial<Target>): Target {
  return new Proxy(target, {
    get(_, key) {
      const own = key in changes ? Reflect.get(changes, key) : Reflect.get(target, key);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
}
