import type { ChildProcess } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Status } from '../../services/shapes.ts';
import { CARDS, Desk } from '../e2e/imagetank.ts';

/** So large that a copy of it can be watched. */
const FILM_BYTES = 300_000_000;

/** A daemon with a simulated board, an adopted drive and a door to the network. */
export class Box extends Desk {
  port = 0;
  #daemon: ChildProcess | null = null;
  readonly drive = this.folder('PDRIVE');

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async open(...args: readonly string[]): Promise<void> {
    this.port = await freePort();
    this.#daemon = await this.start('--port', String(this.port), ...args);
    await this.must('drive', 'adopt', this.drive);
  }

  /** Runs one command. Throws when it does not end with 0. */
  async must(...args: readonly string[]): Promise<string> {
    const { code, out, error } = await this.run(...args);
    if (code !== 0) throw new Error(`imagetank ${args.join(' ')} ended with ${code}: ${error}`);
    return out;
  }

  /** Nothing of it runs, and nothing ends. */
  hang(): void {
    this.#daemon?.kill('SIGSTOP');
  }

  /** As a power cut does. */
  async kill(): Promise<void> {
    if (this.#daemon === null) return;
    this.#daemon.kill('SIGKILL');
    await this.ended(this.#daemon);
  }

  status(): Promise<Status> {
    return this.json<Status>('status');
  }

  async token(role: 'owner' | 'viewer' = 'owner'): Promise<string> {
    const viewer = role === 'viewer' ? ['--viewer'] : [];
    const answer = await this.json<{ token: string }>('pair', 'token', '--name', `test ${role}`, ...viewer);
    return answer.token;
  }

  /** A copy of one of the real cards, with so many folders beside it and a film that takes a while. */
  card(name: string, { film }: { readonly film: boolean }): string {
    const path = join(this.root, name);
    cpSync(join(CARDS, name), path, { recursive: true });
    if (film) {
      const folder = join(path, 'DCIM', '999FILMS');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'MVI_0001.MOV'), randomFillSync(Buffer.allocUnsafe(FILM_BYTES)));
    }
    return path;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
