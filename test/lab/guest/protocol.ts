/** What goes over the wire between the lab and its agent in the guest. */

export type Message = Readonly<Record<string, unknown>>;
export type Handler = (message: Message) => unknown;

/** The guest's clock that never jumps, in ms. */
export const nowMs = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
}

/** A line of the board changed: what it became, and when. The first of each line is what it was at the beginning. */
export interface Edge {
  readonly line: number;
  readonly value: 0 | 1;
  readonly atMs: number;
}

/** A file below a folder that was looked at; `error` instead of a hash when it cannot be read. */
export interface Found {
  readonly path: string;
  readonly sizeBytes: number;
  /** 16 hexadecimal digits. */
  readonly xxh64: string | null;
  readonly error: string | null;
}

/** A volume that was mounted, looked through and unmounted. */
export type Sight =
  | { readonly mounted: true; readonly files: readonly Found[] }
  | { readonly mounted: false; readonly said: string };

export const text = (message: Message, key: string): string => {
  const value = message[key];
  if (typeof value !== 'string') throw new Error(`${key} is not a text`);
  return value;
};

export const count = (message: Message, key: string, otherwise: number): number => {
  const value = message[key];
  return typeof value === 'number' ? value : otherwise;
};

export const list = (message: Message, key: string): string[] => {
  const value = message[key];
  if (!Array.isArray(value) || value.length === 0) throw new Error(`${key} is not a list`);
  return value.map(String);
};
