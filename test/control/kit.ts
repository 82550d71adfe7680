import { Subject } from 'rxjs';
import { memoryStore } from '../../adapters/memory/memory-store.ts';
import type { Fact } from '../../machines/facts.ts';
import { type CardId, cardId } from '../../machines/ids.ts';
import type { Card, Drive } from '../../machines/media.ts';
import { type BackupHooks, type BackupRun, Backups } from '../../services/control/backups.ts';
import { Control, type ControlParts } from '../../services/control/control.ts';
import type { Devices, ShownDrive } from '../../services/control/devices.ts';
import { executor } from '../../services/control/executor.ts';
import { UserError } from '../../services/errors.ts';
import type { DriveStore } from '../../services/media-ports.ts';
import type { DeviceSource, PowerSwitch } from '../../services/ports.ts';
import { Runtime } from '../../services/runtime/runtime.ts';
import { Timers } from '../../services/runtime/timers.ts';
import { daemonStarted, devicesKnown } from '../machines/story.ts';
import { MoodyLog, VirtualClock } from '../runtime/kit.ts';

const noSuch = (what: string) => new UserError('unknown' as never, 66, `${what}: not there`, 'look');

/** Cards and drives as the test says: every change is a fact and a line in `calls`. */
export class ScriptedDevices implements Devices, DeviceSource {
  readonly facts$ = new Subject<Fact>();
  readonly calls: string[] = [];
  readonly cards = new Map<CardId, Card>();
  readonly drives: ShownDrive[] = [];
  /** Folders that do not exist. */
  readonly missing = new Set<string>();
  /** Runs when the source is started, before the first listing counts as complete. */
  onStart: () => Promise<void> = () => Promise.resolve();
  onStop: () => Promise<void> = () => Promise.resolve();
  /** Keeps `detachCard` waiting, as a look at another volume does. */
  gate: Promise<void> = Promise.resolve();

  get attached() {
    return { cards: [...this.cards.values()], drives: this.drives };
  }

  async start(): Promise<void> {
    this.calls.push('start');
    await this.onStart();
  }

  async stop(): Promise<void> {
    this.calls.push('stop');
    await this.onStop();
  }

  insert(card: Card, start: 'auto' | 'manual' = 'auto'): void {
    this.cards.set(card.id, card);
    this.facts$.next({ type: 'CardAttached', card, start });
  }

  pull(id: CardId): void {
    this.cards.delete(id);
    this.facts$.next({ type: 'CardDetached', cardId: id });
  }

  plug(drive: ShownDrive): void {
    this.drives.push(drive);
    if (drive.id === null || !drive.adopted) return;
    this.facts$.next({ type: 'DriveAttached', drive: { ...drive, id: drive.id } });
  }

  async attachFolderCard(dir: string, label: string | null, start: 'auto' | 'manual'): Promise<Card> {
    this.calls.push(`attach ${dir} ${label} ${start}`);
    if (this.missing.has(dir)) throw noSuch(dir);
    const there = [...this.cards.values()].find((card) => card.path === dir);
    if (there !== undefined) return there;
    const card = folder(dir, label);
    this.insert(card, start);
    return card;
  }

  async folderToRead(dir: string): Promise<Card> {
    this.calls.push(`read ${dir}`);
    if (this.missing.has(dir)) throw noSuch(dir);
    return folder(dir);
  }

  async detachCard(id: CardId): Promise<void> {
    this.calls.push(`detach ${id}`);
    await this.gate;
    if (!this.cards.has(id)) throw noSuch(id);
    this.pull(id);
  }

  async attachFolderDrive(dir: string): Promise<ShownDrive> {
    this.calls.push(`drive in ${dir}`);
    return this.#drive(dir);
  }

  async detachDrive(target: string): Promise<ShownDrive> {
    this.calls.push(`drive out ${target}`);
    const drive = this.#drive(target);
    this.drives.splice(this.drives.indexOf(drive), 1);
    if (drive.id !== null) this.facts$.next({ type: 'DriveDetached', driveId: drive.id });
    return drive;
  }

  async adopt(target: string, { force }: { readonly force: boolean }): Promise<ShownDrive> {
    this.calls.push(`adopt ${target} ${force}`);
    return this.#drive(target);
  }

  async adoptCandidate(): Promise<ShownDrive | null> {
    this.calls.push('adopt candidate');
    return null;
  }

  async letGo(): Promise<readonly string[]> {
    this.calls.push('letGo');
    return [];
  }
  async forget(target: string): Promise<ShownDrive> {
    this.calls.push(`forget ${target}`);
    return { ...this.#drive(target), adopted: false };
  }

  #drive(target: string): ShownDrive {
    const drive = this.drives.find((one) => one.path === target || one.label === target);
    if (drive === undefined) throw noSuch(target);
    return drive;
  }
}

export const folder = (path: string, label: string | null = null): Card => ({
  id: cardId(path),
  label: label ?? path.slice(path.lastIndexOf('/') + 1),
  uuid: null,
  path,
  kind: 'folder',
  sizeBytes: null,
  fsType: 'ext4',
  hardware: null,
  readOnly: false,
});

/** A drive of which only what the control uses works. */
export function driveStore(drive: Drive, sync: () => Promise<void>): DriveStore {
  const used: Partial<DriveStore> = { drive, sync };
  return used as DriveStore;
}

/** The engine's seat: the test says what each backup reports. */
export class ScriptedEngine {
  readonly runs: { readonly run: BackupRun; readonly hooks: BackupHooks }[] = [];
  readonly #ends: (() => void)[] = [];

  readonly run = (run: BackupRun, hooks: BackupHooks): Promise<void> => {
    this.runs.push({ run, hooks });
    return new Promise((resolve) => this.#ends.push(resolve));
  };

  at(index: number) {
    const found = this.runs[index];
    if (found === undefined) throw new Error(`no backup ${index} was started`);
    return found;
  }

  /** Tells facts as the engine of one backup; after an ending it returns. */
  async tell(index: number, ...facts: readonly Fact[]): Promise<void> {
    for (const fact of facts) await this.at(index).hooks.emit(fact);
  }

  async end(index: number, fact: Fact): Promise<void> {
    await this.tell(index, fact);
    this.#ends[index]?.();
  }
}

/** Everything around the control, with the devices, the engine and the power switch in the hand of the test. */
export function controlKit(change: Partial<ControlParts> = {}, memory = memoryStore()) {
  const log = new MoodyLog(memory.log);
  const store = { ...memory, log };
  const clock = new VirtualClock();
  const devices = new ScriptedDevices();
  const engine = new ScriptedEngine();
  const warnings: string[] = [];
  const synced: string[] = [];
  const ended: string[] = [];
  const opened: string[] = [];
  const power: PowerSwitch = { end: async (action) => void ended.push(action) };
  const failing = { open: new Set<string>(), sync: new Set<string>(), hang: new Set<string>(), quiet: '' };
  const warn = (text: string) => void warnings.push(text);
  const openDrive = async (drive: Drive) => {
    if (failing.open.has(drive.label)) throw new Error(`${drive.label} does not open`);
    return driveStore(drive, async () => {
      if (failing.hang.has(drive.label)) await new Promise(() => undefined);
      if (failing.sync.has(drive.label)) throw new Error(`${drive.label} does not sync`);
      synced.push(drive.label);
    });
  };
  const timers = new Timers(clock, (timer) => void runtime.submit({ type: 'TimerElapsed', timer }));
  const execute = executor({
    runtime: () => runtime,
    backups: () => backups,
    timers,
    devices,
    power,
    access: { openByButton: () => void opened.push('pairing') },
    openDrive,
    quiet: async () => {
      synced.push('quiet');
      if (failing.quiet !== '') throw new Error(failing.quiet);
    },
    clock,
    warn,
  });
  const runtime: Runtime = new Runtime({ log, clock, execute, warn });
  const emit = async (fact: Fact) => void (await runtime.submit(fact));
  const backups: Backups = new Backups({
    run: engine.run,
    openDrive,
    hold: async () => async () => undefined,
    emit,
    clock,
    warn,
  });
  const control = new Control({
    runtime,
    store,
    clock,
    devices,
    backups,
    check: () => nothing(),
    preview: () => nothing(),
    verify: () => nothing(),
    index: () => nothing(),
    freeBytes: async () => 1000,
    letGo: async ({ label }, detach) => {
      synced.push(`eject ${label}`);
      await detach();
    },
    health: () => null,
    verifications: () => [],
    inboxProblems: () => [],
    address: () => null,
    labelOf: (id) => devices.drives.find((drive) => drive.id === id)?.label ?? id,
    sim: null,
    ...change,
  });
  /** Device facts reach the runtime as the daemon brings them. */
  const connect = () => devices.facts$.subscribe((fact) => void runtime.submit(fact));
  const started = async () => {
    connect();
    await runtime.submit(daemonStarted());
    await runtime.submit(devicesKnown());
  };
  return {
    ...{ runtime, store, log, clock, devices, engine, control, backups, timers, execute, connect, started },
    ...{ warnings, synced, ended, opened, failing, power, warn },
  };
}

async function* nothing(): AsyncGenerator<never> {
  // A check or verification that was not asked for has nothing to tell.
}
