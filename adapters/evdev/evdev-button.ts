import type { Observable } from 'rxjs';
import { ButtonEdges } from '../../services/board/button-edges.ts';
import { KeptChild } from '../../services/board/kept-child.ts';
import type { StartChild } from '../../services/board/ports.ts';
import type { ButtonEdge, Clock } from '../../services/ports.ts';
import { findButton } from './find-button.ts';
import { type eventBytes, InputEvents, type KeyChange } from './input-events.ts';

export interface EvdevButtonOptions {
  /** Of the input device, best first. */
  readonly names: readonly string[];
  /** Text of `/proc/bus/input/devices`. */
  readonly devices: () => Promise<string>;
  readonly size: ReturnType<typeof eventBytes>;
  readonly start: StartChild;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
}

export interface EvdevButton {
  readonly edge$: Observable<ButtonEdge>;
  start(): void;
  /** Safe twice and before `start`. */
  stop(): Promise<void>;
}

/**
 * A button that the kernel has as an input device. `cat` reads it: a read that waits for a finger would occupy one of
 * Node's four file threads for ever, and could not be taken back. A device that vanishes is looked for again.
 */
export function createEvdevButton(options: EvdevButtonOptions): EvdevButton {
  const { names, devices, size, ...parts } = options;
  const edges = new ButtonEdges(parts.clock);
  const events = new InputEvents(size);
  /** The key that is down: a second one does not count until it is up. */
  let down: number | null = null;
  const lost = () => {
    down = null;
    edges.lost();
  };
  const change = ({ pressed, code, atMs }: KeyChange) => {
    if (pressed === null) return lost();
    if (down !== null && down !== code) return;
    down = pressed ? code : null;
    edges.level(pressed, atMs);
  };
  const child = new KeptChild({
    ...parts,
    name: 'button',
    command: async () => {
      const node = findButton(await devices().catch(() => ''), names);
      return node === null ? `no input device is named ${names.join(' or ')}` : ['cat', node];
    },
    output: (bytes) => {
      for (const each of events.read(bytes)) change(each);
    },
    down: () => {
      events.forget();
      lost();
    },
  });
  return {
    edge$: edges.edge$,
    start: () => child.renew(),
    async stop() {
      edges.end();
      await child.stop();
    },
  };
}
