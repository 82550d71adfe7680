import type { Json } from './json-lines.ts';

export interface Medium {
  /** An image on the host. */
  readonly image: string;
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
  const file = { driver: 'file', filename: image, 'read-only': readOnly, cache: { 'no-flush': true } };
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

/** Limits of a throttle group; 0 is none. */
export const limits = (bytesPerSecond: number): Json => ({ 'bps-total': bytesPerSecond });
