import type { Json } from './json-lines.ts';

/** A disk that a server on this host makes up. */
export interface Served {
  readonly socket: string;
  readonly name: string;
}

export interface Medium {
  /** An image on the host, or what is served. */
  readonly image: string | Served;
  /** The write-protect switch of a card. */
  readonly readOnly?: boolean;
  /** Sectors of 512 bytes that give an I/O error when they are read. */
  readonly badSectors?: readonly number[];
  /** How fast it is; it can be changed while it is plugged. */
  readonly bytesPerSecond?: number;
}

const EIO = 5;

/** Name of the group that limits the speed of a medium. */
export const throttleOf = (node: string): string => `${node}-speed`;

/** The medium as QEMU's tree of block nodes (QMP reference, BlockdevOptions); `node` is the name of its top. */
export function blockNode(
  node: string,
  { image, readOnly = false, badSectors = [], bytesPerSecond }: Medium,
): Json {
  const file = typeof image === 'string' ? imageFile(image, readOnly) : served(image, readOnly);
  const errors = badSectors.map((sector) => ({
    event: 'none',
    iotype: 'read',
    errno: EIO,
    sector,
    once: false,
    immediately: false,
  }));
  const disk = errors.length === 0 ? file : { driver: 'blkdebug', 'inject-error': errors, image: file };
  const raw = { driver: 'raw', 'read-only': readOnly, file: disk };
  if (bytesPerSecond === undefined) return { ...raw, 'node-name': node };
  return {
    driver: 'throttle',
    'throttle-group': throttleOf(node),
    file: raw,
    'node-name': node,
    'read-only': readOnly,
  };
}

const imageFile = (filename: string, readOnly: boolean): Json => ({
  ...{ driver: 'file', filename, 'read-only': readOnly, cache: { 'no-flush': true } },
});

/** Flushes arrive at the server: what was not flushed is what it may lose. */
const served = ({ socket, name }: Served, readOnly: boolean): Json => ({
  ...{ driver: 'nbd', server: { type: 'unix', path: socket }, export: name, 'read-only': readOnly },
});

/** Limits of a throttle group; 0 is none. */
export const limits = (bytesPerSecond: number): Json => ({ 'bps-total': bytesPerSecond });
