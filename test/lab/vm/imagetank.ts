import { restAfter } from '../asking.ts';
import type { Ended } from '../guest/protocol.ts';
import type { Guest } from './guest.ts';

const PATIENCE_MS = 400_000;

/** What scenarios look at in `status`; the whole of it is in contract.md, section 2. */
export interface Status {
  readonly state: string;
  readonly signal: string;
  readonly code: number | null;
  readonly leds: Readonly<Record<'red' | 'amber' | 'green', string>>;
  readonly drives: readonly {
    id: string;
    label: string;
    uuid: string | null;
    adopted: boolean;
    mounted: boolean;
    path: string | null;
  }[];
  readonly cards: readonly { id: string; label: string; path: string | null; backedUp: boolean }[];
  readonly backups: readonly {
    id: string;
    phase: string;
    outcome: string | null;
    filesDone: number;
    filesTotal: number;
    bytesDone: number;
    bytesTotal: number;
  }[];
  readonly problems: readonly { code: string; blinks: number; message: string }[];
}

interface JournalLine {
  readonly type: string;
  /** As it is for `FilesSettled`. */
  readonly data: { readonly driveId: string; readonly copied: readonly { readonly to: string }[] };
}

/** The daemon in the guest, asked over its socket. */
export class Imagetank {
  readonly #guest: Guest;
  readonly #socket: string;

  constructor(guest: Guest, socket: string) {
    this.#guest = guest;
    this.#socket = socket;
  }

  status(): Promise<Status> {
    return this.get('/status') as Promise<Status>;
  }

  get(path: string): Promise<unknown> {
    return this.#ask('GET', path);
  }

  /** What was acknowledged, by drive: paths on it, from the journal up to when the daemon was last started or till now. */
  async settled(until: 'now' | 'last start' = 'now'): Promise<ReadonlyMap<string, readonly string[]>> {
    const records = (await this.journal()).map((line) => JSON.parse(line) as JournalLine);
    const end = records.findLastIndex(({ type }) => type === 'DaemonStarted');
    const paths = new Map<string, string[]>();
    for (const { type, data } of until === 'now' ? records : records.slice(0, end)) {
      if (type !== 'FilesSettled') continue;
      const { driveId, copied } = data;
      paths.set(driveId, [...(paths.get(driveId) ?? []), ...copied.map(({ to }) => to)]);
    }
    return paths;
  }

  /** The stored records, byte for byte. */
  async journal(): Promise<string[]> {
    const { body } = await this.#guest.request(this.#socket, 'GET', '/api/v1/journal');
    return body.split('\n').filter((line) => line !== '');
  }

  post(path: string, body: unknown): Promise<unknown> {
    return this.#ask('POST', path, body);
  }

  /** As a person types it; a second or two for the start of node alone. */
  command(...args: string[]): Promise<Ended> {
    return this.#guest.run(['imagetank', ...args]);
  }

  /** The first status that is as wanted. Throws with the last one when it takes too long. */
  async until(wanted: string, test: (status: Status) => boolean, timeoutMs = PATIENCE_MS): Promise<Status> {
    const endMs = performance.now() + timeoutMs;
    for (;;) {
      const askedMs = performance.now();
      const status = await this.status();
      if (test(status)) return status;
      if (performance.now() > endMs) {
        throw new Error(`never ${wanted}: ${JSON.stringify(status, null, 1)}`);
      }
      await restAfter(askedMs);
    }
  }

  async #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.#guest.request(this.#socket, method, `/api/v1${path}`, body);
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    return answer.body === '' ? null : JSON.parse(answer.body);
  }
}
