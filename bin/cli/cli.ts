import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { createClient, type DaemonClient } from '../../adapters/socket-client/client.ts';
import { escapeText } from '../../adapters/terminal/escape.ts';
import { type Places, resolvePlaces } from '../../services/config/places.ts';
import { isUserError } from '../../services/errors.ts';

/** Accepted before and after every subcommand. */
export interface Globals {
  readonly json: boolean;
  /** No progress and no remarks; answers and errors are still printed. */
  readonly quiet: boolean;
  readonly state: string | undefined;
}

/** What commander found, without its types: each command knows its own. */
export type Options = Readonly<Record<string, string | boolean | number | undefined>>;
/** A command: gives the exit code, throws `UserError`. */
export type Action = (
  cli: Cli,
  args: readonly (string | undefined)[],
  options: Options,
) => Promise<number> | number;

/** What every command needs: where the daemon is, and how to answer. */
export class Cli {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly #state: string | undefined;
  readonly #stop = new AbortController();
  #outputClosed = false;

  constructor(globals: Globals) {
    this.json = globals.json;
    this.quiet = globals.quiet;
    this.#state = globals.state;
  }

  /** Aborted by Ctrl-C (after `stopOnInterrupt`) or when nobody reads the output any more. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  /** `| head` closes the pipe: what follows is not printed, but the exit code is still the true one. */
  closeOutput(): void {
    this.#outputClosed = true;
    this.#stop.abort();
  }

  get outputClosed(): boolean {
    return this.#outputClosed;
  }

  stopOnInterrupt(): void {
    process.once('SIGINT', () => this.#stop.abort());
    process.once('SIGTERM', () => this.#stop.abort());
  }

  places(): Places {
    return resolvePlaces({
      flag: this.#state,
      env: process.env,
      cwd: process.cwd(),
      home: homedir(),
      exists: existsSync,
    });
  }

  client(): DaemonClient {
    return createClient(this.places().socketPath);
  }

  print(line: string): void {
    if (!this.#outputClosed) process.stdout.write(`${line}\n`);
  }

  /** The answer: one line of JSON, or text. */
  answer(value: unknown, text: () => readonly string[]): void {
    if (this.json) this.print(escapeText(JSON.stringify(value)));
    else for (const line of text()) this.print(line);
  }

  /** For people only, on standard error. */
  remark(text: string): void {
    if (!this.quiet && !this.json) process.stderr.write(`${escapeText(text)}\n`);
  }
}

/** A path has a slash (or is `.` or `..`) and is resolved here; anything else is a label, an id or a UUID. */
export function resolveTarget(word: string): string {
  return word.includes('/') || word === '.' || word === '..' ? resolve(word) : word;
}

/**
 * Asks with a word as typed; when the daemon knows no such thing and a folder of that name is here, asks with its
 * path. In that order, so that a label always means the volume.
 */
export async function withTarget<Answer>(
  word: string,
  ask: (target: string) => Promise<Answer>,
): Promise<Answer> {
  const target = resolveTarget(word);
  try {
    return await ask(target);
  } catch (error) {
    const folder = resolve(word);
    if (target !== word || folder === target || !isUserError(error) || error.exitCode !== 66) throw error;
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
    return ask(folder);
  }
}
