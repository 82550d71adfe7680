import type { ChildEars, Command, StartChild } from '../../services/board/ports.ts';

export interface FakeChild {
  readonly command: Command;
  readonly ears: ChildEars;
  killed: boolean;
}

/** Processes that do nothing but what a test makes them do; a killed one ends a moment later, as real ones do. */
export class FakeChildren {
  readonly all: FakeChild[] = [];

  readonly start: StartChild = (command, ears) => {
    const child: FakeChild = { command, ears, killed: false };
    this.all.push(child);
    return {
      kill: () => {
        if (child.killed) return;
        child.killed = true;
        queueMicrotask(() => ears.exit('killed'));
      },
    };
  };

  get last(): FakeChild {
    const child = this.all.at(-1);
    if (child === undefined) throw new Error('nothing was started');
    return child;
  }

  /** Ends by itself. */
  async end(why = 'tool: failed'): Promise<void> {
    this.last.ears.exit(why);
    await settled();
  }

  say(text: string | Uint8Array): void {
    this.last.ears.output(typeof text === 'string' ? Buffer.from(text) : text);
  }
}

/** What was begun in this turn is done: nothing here waits for more than promises. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
