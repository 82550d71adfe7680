import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { start } from '../process.ts';
import { type MachineFiles, qemuArguments } from './arguments.ts';
import { Guest } from './guest.ts';
import { connectTo } from './json-lines.ts';
import { Qmp } from './qmp.ts';

const BOOT_TIMEOUT_MS = 180_000;
const END_TIMEOUT_MS = 180_000;
const POLL_MS = 20;

/** One emulated machine, from its start to its end. */
export class Vm {
  readonly files: MachineFiles;
  #qemu: ChildProcess | null = null;
  #ended: Promise<void> = Promise.resolve();
  #running = false;
  #qmp: Qmp | null = null;
  #guest: Guest | null = null;
  #errors = '';

  constructor(files: MachineFiles) {
    this.files = files;
  }

  get qmp(): Qmp {
    if (this.#qmp === null) throw new Error('the machine was not started');
    return this.#qmp;
  }

  get guest(): Guest {
    if (this.#guest === null) throw new Error('the machine was not started');
    return this.#guest;
  }

  get running(): boolean {
    return this.#running;
  }

  /** From power on, until the agent answers. */
  async boot(): Promise<void> {
    await this.#launch(null);
    await this.#inTime(this.guest.greeted());
  }

  /** Goes on where the snapshot was taken, with the host's date. */
  async restore(snapshot: string): Promise<void> {
    await this.#launch(snapshot);
    for (;;) {
      const { status } = (await this.qmp.run('query-status')) as { status: string };
      if (status === 'running') break;
      if (status === 'paused') await this.qmp.run('cont');
      await sleep(POLL_MS);
    }
    await this.#inTime(this.guest.run(['date', '-s', `@${Date.now() / 1000}`]));
  }

  /** Writes the machine as it is into a file, and ends it. */
  async save(snapshot: string): Promise<void> {
    await this.qmp.run('stop');
    await this.qmp.run('migrate-set-parameters', { 'max-bandwidth': 4_000_000_000 });
    await this.qmp.run('migrate', { uri: `exec:zstd -q -3 > '${snapshot}'` });
    for (;;) {
      const { status } = (await this.qmp.run('query-migrate')) as { status?: string };
      if (status === 'completed') break;
      if (status === 'failed') throw new Error('QEMU could not save the machine');
      await sleep(POLL_MS);
    }
    await this.qmp.run('quit').catch(() => undefined);
    await this.#ended;
  }

  /** Power cut: whatever the guest had not handed to its disks is lost. */
  async kill(): Promise<void> {
    this.#qemu?.kill('SIGKILL');
    await this.#ended;
  }

  /** Waits until the guest has switched itself off or begun to start anew, and tells which. */
  async end(timeoutMs = END_TIMEOUT_MS): Promise<'off' | 'restart'> {
    const late = new AbortController();
    const timeout = sleep(timeoutMs, null, { signal: late.signal }).then(() => {
      throw new Error(`the guest still runs\n${this.console().slice(-2_000)}`);
    });
    timeout.catch(() => undefined);
    await Promise.race([this.#ended, timeout]);
    late.abort();
    const reason = this.qmp.shutdownReason;
    if (reason === 'guest-shutdown') return 'off';
    if (reason === 'guest-reset') return 'restart';
    throw new Error(`QEMU ended: ${reason} ${this.#errors.trim()}`);
  }

  /** The kernel's and systemd's words on the serial line. */
  console(): string {
    const path = join(this.files.dir, 'console.log');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  async #launch(snapshot: string | null): Promise<void> {
    const qemu = start('qemu-system-x86_64', qemuArguments(this.files, snapshot), {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#qemu = qemu;
    this.#running = true;
    qemu.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      this.#errors = (this.#errors + piece).slice(-4_000);
    });
    this.#ended = new Promise((resolve) => {
      qemu
        .once('error', () => undefined)
        .once('close', () => {
          this.#running = false;
          resolve();
        });
    });
    try {
      this.#qmp = new Qmp(await connectTo(join(this.files.dir, 'qmp.sock'), () => this.#running));
      await this.#qmp.start();
      this.#guest = new Guest(await connectTo(join(this.files.dir, 'agent.sock'), () => this.#running));
      this.#guest.listen();
    } catch (error) {
      await this.kill();
      throw new Error(`QEMU did not start: ${this.#errors.trim()}`, { cause: error });
    }
  }

  async #inTime(work: Promise<unknown>): Promise<void> {
    const late = new AbortController();
    const died = this.#ended.then(() => {
      throw new Error(`QEMU ended: ${this.#errors.trim()}\n${this.console().slice(-2_000)}`);
    });
    const timeout = sleep(BOOT_TIMEOUT_MS, null, { signal: late.signal }).then(() => {
      throw new Error(`the guest does not answer\n${this.console().slice(-2_000)}`);
    });
    timeout.catch(() => undefined);
    died.catch(() => undefined);
    try {
      await Promise.race([work, died, timeout]);
    } finally {
      late.abort();
    }
  }
}
