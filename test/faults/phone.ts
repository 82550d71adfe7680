import { type ClientRequest, type IncomingHttpHeaders, request } from 'node:http';
import type { Note } from './judge.ts';

const UPLOADS = '/api/v1/uploads';
const TUS = { 'tus-resumable': '1.0.0' };
const PIECE = { ...TUS, 'content-type': 'application/offset+octet-stream' };
const RETRY_MS = 10;
/** It decides the folder of the library. */
const TAKEN_MS = Date.UTC(2026, 10, 1, 12);

export interface Film {
  readonly name: string;
  readonly content: Uint8Array;
  /** Where one request ends and the next one begins. */
  readonly pieces: readonly number[];
}

/** What the phone knows of one of its files. */
interface Sent {
  readonly film: Film;
  path: string | null;
  /** So many bytes it was told are safe. */
  told: number;
  /** A request that would complete it was begun. */
  completing: boolean;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends films to the daemon, and believes what it is told. */
export class Phone {
  readonly #socketPath: string;
  readonly #all: readonly Sent[];
  readonly #hasArrived: (film: Film) => boolean;
  readonly #note: Note;

  /** `hasArrived`: whether it lies whole in the inbox, or where that goes. */
  constructor(socketPath: string, films: readonly Film[], hasArrived: (film: Film) => boolean, note: Note) {
    this.#socketPath = socketPath;
    this.#hasArrived = hasArrived;
    this.#all = films.map((film) => ({ film, path: null, told: 0, completing: false }));
    this.#note = note;
  }

  /** What lies in the inbox or in the library, as far as it was told. */
  get whole(): readonly Film[] {
    return this.#all.filter(({ film, told }) => told === film.content.length).map(({ film }) => film);
  }

  /** Sends what is not whole yet, from where it stands. True when all of it is; false when the daemon ended before. */
  async sendAll(hasEnded: () => boolean, onWhole: () => Promise<void>): Promise<boolean> {
    for (const sent of this.#all) {
      while (sent.told < sent.film.content.length) {
        if (hasEnded()) return false;
        try {
          await this.#send(sent);
          await onWhole();
        } catch (error) {
          if (!isBroken(error)) throw error;
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        }
      }
    }
    return true;
  }

  async signal(): Promise<string> {
    return (JSON.parse((await this.#ask('GET', '/api/v1/status')).text) as { signal: string }).signal;
  }

  async #send(sent: Sent): Promise<void> {
    const { content, pieces } = sent.film;
    let offset = await this.#whereItIs(sent);
    for (const end of [...pieces, content.length]) {
      if (end <= offset) continue;
      const path = sent.path ?? '';
      if (end === content.length) sent.completing = true;
      const headers = { ...PIECE, 'upload-offset': offset };
      const answer = await this.#ask('PATCH', path, headers, content.subarray(offset, end));
      expect(answer, 204);
      sent.told = Number(answer.headers['upload-offset']);
      if (sent.told !== end) this.#note('wrong', `${sent.film.name}: told ${sent.told} of ${end}`);
      offset = end;
    }
  }

  /** Begins it, also once more where it is not known any more. */
  async #whereItIs(sent: Sent): Promise<number> {
    const { film, path, told } = sent;
    if (path !== null) {
      const answer = await this.#ask('HEAD', path, TUS);
      if (answer.status === 200) {
        const offset = Number(answer.headers['upload-offset']);
        if (offset < told) this.#note('lost', `${film.name}: at ${offset}, and ${told} were told as safe`);
        sent.told = offset;
        return offset;
      }
      // It may have been moved in the very moment when the daemon ended.
      const isMoved = sent.completing && this.#hasArrived(film);
      if (told > 0 && !isMoved)
        this.#note('lost', `${film.name}: ${told} bytes were safe (${answer.status})`);
    }
    const names = { filename: film.name, lastModified: String(TAKEN_MS) };
    const metadata = Object.entries(names).map(([key, value]) => `${key} ${btoa(value)}`);
    const headers = { ...TUS, 'upload-length': film.content.length, 'upload-metadata': metadata.join() };
    const answer = await this.#ask('POST', UPLOADS, headers);
    expect(answer, 201);
    Object.assign(sent, { path: answer.headers.location ?? '', told: 0, completing: false });
    return 0;
  }

  #ask(method: string, path: string, headers: object = {}, body?: Uint8Array): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const all = { ...headers, 'content-length': body?.length ?? 0 };
      const asked: ClientRequest = request(
        { socketPath: this.#socketPath, method, path, headers: all, agent: false },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (more: string) => {
            text += more;
          });
          response.once('error', reject);
          response.once('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
          );
        },
      );
      asked.on('error', reject).end(body);
    });
  }
}

function expect({ status, text }: Answer, wanted: number): void {
  if (status !== wanted) throw new Error(`${status} instead of ${wanted}: ${text}`);
}

/** It does not listen yet, or not any more. */
const isBroken = (error: unknown): boolean =>
  ['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE'].includes(String((error as { code?: unknown }).code));
