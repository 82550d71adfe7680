import { createCardReader } from '../../adapters/fs/card-reader.ts';
import { createSystemClock } from '../../adapters/node/system-clock.ts';
import type { CardReader } from '../../services/media-ports.ts';
import type { Clock } from '../../services/ports.ts';
import { startsByOpening } from '../ports/one-by-one.ts';

/** A clock on which everything takes a fraction of the time, and whose wall time somebody may set. */
export function quickClock(factor: number): Clock & { setWall(byMs: number): void } {
  const real = createSystemClock();
  const start = real.stamp();
  let wallMs = Date.parse(start.at);
  return {
    stamp: () => {
      const stamp = real.stamp();
      const at = new Date(wallMs + (stamp.monoMs - start.monoMs) * factor).toISOString();
      return { ...stamp, at, monoMs: stamp.monoMs * factor };
    },
    monoMs: () => real.monoMs() * factor,
    setTimer: (delayMs, run) => real.setTimer(delayMs / factor, run),
    setWall: (byMs) => {
      wallMs += byMs;
    },
  };
}

/** Cards whose files are read only while the gate is open. */
export class GatedCards {
  #gate: Promise<void> = Promise.resolve();
  #open: () => void = () => undefined;

  close(): void {
    this.#gate = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open();
    this.#gate = Promise.resolve();
  }

  readonly reader: CardReader = (() => {
    const real = createCardReader();
    const open: CardReader['open'] = async (root, path) => {
      const file = await real.open(root, path);
      return {
        sizeBytes: file.sizeBytes,
        mtimeMs: file.mtimeMs,
        file: file.file,
        read: async (buffer, position) => {
          await this.#gate;
          return file.read(buffer, position);
        },
        changed: () => file.changed(),
        close: () => file.close(),
      };
    };
    return {
      scan: (root) => real.scan(root),
      isPresent: (root) => real.isPresent(root),
      readBack: (root, file) => real.readBack(root, file),
      ...startsByOpening({ open }),
      open,
    };
  })();
}
