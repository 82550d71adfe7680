import type { BlockEvent } from '../../services/devices/ports.ts';

/** The longest property of a real event is under 300 characters; what is longer is passed over. */
const LINE_CHARACTERS = 4096;

const HEADER = /^(KERNEL|UDEV {2})\[\d+\.\d+\] /;
const WANTED = new Set(['ACTION', 'DEVPATH', 'DEVTYPE', 'SEQNUM', 'DISK_MEDIA_CHANGE']);
const ACTIONS = new Set(['add', 'change', 'remove']);

/**
 * Understands `udevadm monitor --property`: a header line, `NAME=value` lines, a blank line. Takes the text in pieces of
 * any size, and keeps one line and five properties at most.
 */
export class MonitorParser {
  #line = '';
  #source: BlockEvent['source'] | null = null;
  readonly #properties = new Map<string, string>();

  /** The events that this piece completes. */
  push(piece: string): readonly BlockEvent[] {
    const [first = '', ...others] = piece.split('\n');
    const found: BlockEvent[] = [];
    this.#extend(first);
    for (const part of others) {
      const event = this.#endOfLine();
      if (event !== null) found.push(event);
      this.#extend(part);
    }
    return found;
  }

  #extend(part: string): void {
    // One more than is allowed marks the line as too long.
    this.#line = (this.#line + part).slice(0, LINE_CHARACTERS + 1);
  }

  #endOfLine(): BlockEvent | null {
    const line = this.#line;
    this.#line = '';
    if (line === '') return this.#endOfEvent();
    if (line.length > LINE_CHARACTERS) return null;
    const header = HEADER.exec(line);
    if (header !== null) {
      this.#properties.clear();
      this.#source = header[1] === 'KERNEL' ? 'kernel' : 'udev';
      return null;
    }
    const [name = '', ...value] = line.split('=');
    if (WANTED.has(name)) this.#properties.set(name, value.join('='));
    return null;
  }

  #endOfEvent(): BlockEvent | null {
    const source = this.#source;
    this.#source = null;
    return source === null ? null : blockEvent(source, this.#properties);
  }
}

function blockEvent(
  source: BlockEvent['source'],
  properties: ReadonlyMap<string, string>,
): BlockEvent | null {
  // `/devices/…/block/sda/sda1`; of NVMe `/devices/…/nvme/nvme0/nvme0n1/nvme0n1p1`.
  const [name, parent] = (properties.get('DEVPATH') ?? '').split('/').toReversed();
  const disk = properties.get('DEVTYPE') === 'partition' ? parent : name;
  const sequence = Number(properties.get('SEQNUM') ?? Number.NaN);
  if (!disk || !Number.isSafeInteger(sequence)) return null;
  return {
    source,
    action: actionOf(properties.get('ACTION')),
    disk,
    sequence,
    mediumChanged: properties.get('DISK_MEDIA_CHANGE') === '1',
  };
}

const actionOf = (text = ''): BlockEvent['action'] =>
  ACTIONS.has(text) ? (text as BlockEvent['action']) : 'other';
